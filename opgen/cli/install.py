"""`opgen install` and `opgen uninstall`: their arguments."""

from __future__ import annotations

from opgen.cli.options import Context, Kubeconfig

CRDS = "config/crd/bases"


def install(kubeconfig: Kubeconfig = None, context: Context = None) -> None:
    """Install the project's CRDs in a cluster."""
    from opgen.cli import cluster
    from opgen.cli.plans import project_root

    documents = cluster.load_crds(project_root() / CRDS)
    cluster.for_each(documents, cluster.install_crd, kubeconfig, context)


def uninstall(kubeconfig: Kubeconfig = None, context: Context = None) -> None:
    """Delete the project's CRDs, and with them every object."""
    from opgen.cli import cluster
    from opgen.cli.plans import project_root

    documents = cluster.load_crds(project_root() / CRDS)
    cluster.for_each(documents, cluster.uninstall_crd, kubeconfig, context)
