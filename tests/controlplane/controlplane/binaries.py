"""Where the programs of the control plane are, and how they are built.

They are built by name from the Go module proxy; the versions are those of go.mod beside this
package, and the folder in the user's cache carries Kubernetes' version in its name.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MODULE = Path(__file__).parent.parent

PROGRAMS = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}


class BuildError(Exception):
    """The control plane could not be built."""


class MissingBinaries(Exception):
    """The control plane is not there; the message says how to get it."""


def version() -> str:
    """Kubernetes' version as go.mod names it, such as v1.36.3."""
    found = re.search(r"^\s*k8s\.io/kubernetes (v\S+)", (MODULE / "go.mod").read_text(), re.M)
    if found is None:
        raise BuildError(f"{MODULE / 'go.mod'} does not require k8s.io/kubernetes")
    return found[1]


def cache_folder() -> Path:
    """The folder that the programs are built into."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "opgen" / "controlplane" / version()


def find() -> Path:
    """Return the folder with the programs: KUBEBUILDER_ASSETS if set, else the user's cache.

    Raises:
        MissingBinaries: a program is not in that folder.
    """
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    folder = Path(assets) if assets else cache_folder()
    missing = [name for name in PROGRAMS if not (folder / name).is_file()]
    if not missing:
        return folder
    if assets:
        raise MissingBinaries(f"KUBEBUILDER_ASSETS={folder} lacks {', '.join(missing)}")
    raise MissingBinaries(
        "no control plane built; with Go installed run: python tests/controlplane/build.py"
    )


def build() -> Path:
    """Build the programs unless they are there, and return their folder.

    Raises:
        BuildError: Go is missing or did not succeed.
    """
    folder = cache_folder()
    if folder.is_dir():
        return folder
    if shutil.which("go") is None:
        raise BuildError("Go is not installed: see https://go.dev/dl for 1.26 or newer")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as unfinished:
        result = Path(unfinished) / "bin"
        result.mkdir()
        for name, package in PROGRAMS.items():
            print(
                f"building {name} {version() if name != 'etcd' else ''}".rstrip(), file=sys.stderr
            )
            _go_build(package, result / name)
        try:
            result.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
            # Another process finished the same build first; its result serves as well.
    return folder


def _go_build(package: str, output: Path) -> None:
    command = ["go", "build", "-mod=readonly", "-trimpath", "-ldflags", _link_flags()]
    # Ordinary builds of Kubernetes use no C either.
    environment = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"}
    built = subprocess.run([*command, "-o", str(output), package], cwd=MODULE, env=environment)
    if built.returncode != 0:
        raise BuildError(f"go build {package} failed with exit code {built.returncode}")


def _link_flags() -> str:
    """Strip symbols, and stamp the version that a module's build does not know by itself."""
    major, minor, _ = version().removeprefix("v").split(".", 2)
    facts = {
        "gitVersion": version(),
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "clean",
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    stamps = [f"-X {package}.{name}={facts[name]}" for package in packages for name in facts]
    return " ".join(["-s", "-w", *stamps])
