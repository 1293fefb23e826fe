"""The command line: start, and manifests beside controller-gen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.process import Child, Usage, repeat
from benchmarks.table import Row

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "appservice-operator"
OPGEN = str(Path(sys.executable).with_name("opgen"))
CONTROLLER_GEN = "v0.22.0"


def measure(times: int) -> Iterator[Row]:
    """Yield a row for each command; medians of cold processes."""
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        folder = Path(name)
        for arguments in (["version"], ["--help"]):
            usage = repeat(times, lambda arguments=arguments: _opgen(folder, *arguments))
            yield Row(name=f"opgen {arguments[0]}", unit="ms", opgen=usage.wall * 1000)
        yield from _manifests(times, folder)


def _opgen(folder: Path, *arguments: str) -> Usage:
    return Child([OPGEN, *arguments], folder).wait()


def _manifests(times: int, folder: Path) -> Iterator[Row]:
    project = folder / "appservice-operator"
    shutil.copytree(EXAMPLE, project)
    ours = repeat(times, lambda: _opgen(project, "make", "manifests"))
    aims = ("≤ 0.33, ≤ 90 ms", "")
    name = "make manifests, AppService"
    program = controller_gen()
    if program is None:
        beside = "controller-gen: Go is not installed"
        yield Row(name=name, unit="ms", opgen=ours.wall * 1000, beside=beside, aim=aims[0])
        yield Row(name="  memory", unit="MB", opgen=ours.memory)
        return
    module = folder / "go"
    shutil.copytree(HERE / "go", module)
    command = [str(program), "crd", "paths=./v1", "output:crd:dir=crd"]
    theirs = repeat(times, lambda: Child(command, module).wait())
    for label, unit, aim, mine, other in (
        (name, "ms", aims[0], ours.wall * 1000, theirs.wall * 1000),
        ("  memory", "MB", aims[1], ours.memory, theirs.memory),
    ):
        beside = f"controller-gen {CONTROLLER_GEN}"
        yield Row(name=label, unit=unit, opgen=mine, other=other, beside=beside, aim=aim)


def controller_gen() -> Path | None:
    """controller-gen, built by name into the user's cache if it is not there yet."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "opgen" / "controller-gen" / CONTROLLER_GEN
    program = folder / "controller-gen"
    if program.is_file():
        return program
    if shutil.which("go") is None:
        return None
    package = f"sigs.k8s.io/controller-tools/cmd/controller-gen@{CONTROLLER_GEN}"
    environment = os.environ | {"GOBIN": str(folder), "GOFLAGS": "-trimpath"}
    subprocess.run(["go", "install", package], check=True, env=environment)
    return program
