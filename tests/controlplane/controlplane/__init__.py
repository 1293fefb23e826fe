"""A real Kubernetes control plane on loopback, for tests.

etcd, kube-apiserver and kube-controller-manager run as ordinary processes, with RBAC, garbage
collection and the workload controllers on. There is no scheduler and no kubelet: a thread of ours
reports every pod as running and ready, so that a Deployment becomes available.

`binaries` names the programs, and helm; `modules` builds them from their released Go modules, once
per version. Start reading at `plane`.
"""
