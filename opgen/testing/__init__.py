"""A Kubernetes API server inside the test process.

It speaks real HTTP, so that the operator's own client, kubectl and a browser can talk to it. Its
behaviour is compared with a real kube-apiserver by the contract suite in `tests/contract`, which
runs on both.

Start reading at `opgen.testing.server`.
"""
