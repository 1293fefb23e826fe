"""Where the programs of the control plane, and helm, are.

They are built by name from the Go module proxy; the versions are those of the go.mod files beside
this package, and the folders in the user's cache carry them in their names.
"""

from __future__ import annotations

import os
from pathlib import Path

from controlplane.modules import BuildError, MissingBinaries, Module

__all__ = ["HELM", "KUBERNETES", "BuildError", "MissingBinaries", "build", "find", "find_helm"]

_MODULES = Path(__file__).parent.parent
_HOW = "with Go installed run: python tests/controlplane/build.py"

KUBERNETES = Module(
    folder=_MODULES,
    requirement="k8s.io/kubernetes",
    cache="controlplane",
    programs={
        "etcd": "go.etcd.io/etcd/server/v3",
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
        "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
        "kubectl": "k8s.io/kubernetes/cmd/kubectl",
    },
    stamps={
        f"{package}.{name}": value
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for name, value in {
            "gitVersion": "{version}",
            "gitMajor": "{major}",
            "gitMinor": "{minor}",
            "gitTreeState": "clean",
        }.items()
    },
)
HELM = Module(
    folder=_MODULES / "helm",
    requirement="helm.sh/helm/v4",
    cache="helm",
    programs={"helm": "helm.sh/helm/v4/cmd/helm"},
    stamps={"helm.sh/helm/v4/internal/version.version": "{version}"},
)


def find() -> Path:
    """Return the folder with the programs: KUBEBUILDER_ASSETS if set, else the user's cache.

    Raises:
        MissingBinaries: a program is not in that folder.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    folder = Path(assets) if assets else KUBERNETES.cache_folder()
    missing = KUBERNETES.missing(folder)
    if not missing:
        return folder
    if assets:
        raise MissingBinaries(f"KUBEBUILDER_ASSETS={folder} lacks {', '.join(missing)}")
    raise MissingBinaries(f"no control plane built; {_HOW}")


def find_helm() -> Path:
    """The helm that was built into the user's cache.

    Raises:
        MissingBinaries: it was not built.
    """
    folder = HELM.cache_folder()
    if HELM.missing(folder):
        raise MissingBinaries(f"no helm built; {_HOW}")
    return folder / "helm"


def build() -> Path:
    """Build everything unless it is there; returns the folder of the control plane.

    Raises:
        BuildError: Go is missing or did not succeed.
    """
    HELM.build()
    return KUBERNETES.build()
