"""HTTP: from a request to an answer.

`requests` reads a path as kube-apiserver does, `front` authenticates, authorizes and dispatches,
`verbs` carries out the Kubernetes verbs, and `watching` streams events.

Start reading at `opgen.testing.web.front`.
"""
