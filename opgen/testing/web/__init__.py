"""HTTP: from bytes to a request, and from a request to an answer.

`listening` takes connections. `http_connection` serves one of them: `http_reader` turns bytes into
requests, `http_request` and `http_response` are what comes and what goes.

`front` answers a request: `requests` reads its path as kube-apiserver does, `front` authenticates,
authorizes and dispatches, `verbs` carries out the Kubernetes verbs, and `watching` streams events.

Start reading at `opgen.testing.web.front`.
"""
