"""A lean HTTP/1.1 client for talking to one API server, many small requests at a time.

An operator spends most of its processor time on requests, and a general HTTP library spends several
times as much on each as the work is worth. httptools parses; what is here keeps connections alive,
streams watches, and finds the way through TLS and proxies. Nothing here knows Kubernetes.

Start reading at `opgen.runtime.http.pool`.
"""
