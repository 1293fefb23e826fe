"""Large projects: the largest CRD of a corpus of real ones, and a thousand kinds.

The corpus is named by OPGEN_CRD_CORPUS, an archive of CRDs; without it, that part is left out.
"""

from __future__ import annotations

import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.go_types import go_types
from benchmarks.process import Child, Usage, repeat
from benchmarks.table import Row
from benchmarks.tool import CONTROLLER_GEN, HERE, OPGEN, controller_gen
from opgen.scaffold.project_text import COMMENT
from opgen.schema.importer import source

CORPUS = Path(
    os.environ.get("OPGEN_CRD_CORPUS", HERE.parent.parent / "shared" / "crd-corpus.tar.xz")
)
PROJECT = f"""\
# {COMMENT}
version: '1'
projectName: big-operator
package: big
domain: example.com
license: none
opgen:
  version: 0.1.0
  requirement: opgen
"""
KIND = '''\
"""Kind {number}."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Ge, Int32, MinLen, resource


@dataclass(kw_only=True)
class Thing{number}Spec:
    """Thing{number}Spec is what a thing should be."""

    image: Annotated[str, MinLen(1)]
    """The image of the thing."""

    replicas: Annotated[Int32, Ge(0)] = 1
    """How many there are."""

    labels: dict[str, str] | None = None


@resource(group="example.com", version="v1", plural="thing{number}s")
@dataclass(kw_only=True)
class Thing{number}(CustomResource[Thing{number}Spec, None]):
    """Thing{number} is a thing."""
'''


def measure(times: int) -> Iterator[Row]:
    """Yield rows of wall clock, processor time and memory."""
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        yield from _largest(times, Path(name))
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        yield from _many(max(2, times // 3), Path(name))


def _largest(times: int, folder: Path) -> Iterator[Row]:
    label = "make manifests, largest CRD"
    if not CORPUS.is_file():
        yield Row(name=label, unit="ms", opgen=float("nan"), beside=f"there is no {CORPUS}")
        return
    document, size = _largest_crd()
    label = f"{label} ({size / 1e6:.1f} MB)"
    versions = [version["name"] for version in document["spec"]["versions"]]
    texts = {f"api/{version}/types.py": source(document, version) for version in versions}
    project = _project(folder / "project", texts)
    ours = repeat(times, lambda: _make(project))
    unchecked = repeat(times, lambda: _make(project, "--no-preflight"))
    yield Row(
        name=f"{label}, preflight",
        unit="ms",
        opgen=ours.wall * 1000,
        other=unchecked.wall * 1000,
        beside="opgen with --no-preflight",
        aim="≤ 1.3",
    )
    program = controller_gen()
    theirs = None
    if program is not None:
        module = _go_module(folder / "go", document, versions)
        command = [str(program), "crd", "paths=./...", "output:crd:dir=crd"]
        theirs = repeat(times, lambda: Child(command, module).wait())
    yield from _compared(label, ours, theirs)


def _compared(label: str, ours: Usage, theirs: Usage | None) -> Iterator[Row]:
    beside = f"controller-gen {CONTROLLER_GEN}, Go types made from it" if theirs else "no Go"
    for suffix, unit, aim, figure in (
        ("", "ms", "≤ 0.25", lambda usage: usage.wall * 1000),
        ("  processor", "ms", "≤ 0.25", lambda usage: usage.cpu * 1000),
        ("  memory", "MB", "≤ 150 MB", lambda usage: usage.memory),
    ):
        yield Row(
            name=suffix or label,
            unit=unit,
            opgen=figure(ours),
            other=figure(theirs) if theirs else None,
            beside=beside,
            aim=aim,
        )


def _many(times: int, folder: Path) -> Iterator[Row]:
    usages = {}
    for count in (100, 1000):
        texts = {f"api/v1/thing{n}.py": KIND.format(number=n) for n in range(count)}
        project = _project(folder / str(count), texts)
        usages[count] = repeat(times, lambda project=project: _make(project))
    hundred, thousand = usages[100], usages[1000]
    yield Row(name="make manifests, 100 kinds, processor", unit="ms", opgen=hundred.cpu * 1000)
    yield Row(
        name="make manifests, 1000 kinds, processor",
        unit="ms",
        opgen=thousand.cpu * 1000,
        other=hundred.cpu * 10_000,
        beside="ten times 100 kinds",
        aim="≤ 1.1",
    )
    yield Row(name="  memory", unit="MB", opgen=thousand.memory, aim="≤ 150 MB")


def _make(project: Path, *options: str) -> Usage:
    shutil.rmtree(project / "config", ignore_errors=True)
    return Child([OPGEN, "make", "manifests", *options], project).wait()


def _project(root: Path, texts: Mapping[str, str]) -> Path:
    package = root / "big"
    for path, text in texts.items():
        file = package / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        for folder in (file.parent, file.parent.parent, package):
            (folder / "__init__.py").touch()
    (root / "PROJECT").write_text(PROJECT)
    return root


def _go_module(root: Path, document: Mapping[str, Any], versions: list[str]) -> Path:
    shutil.copytree(HERE / "go", root, ignore=shutil.ignore_patterns("v1"))
    for version in versions:
        (root / version).mkdir()
        (root / version / "types.go").write_text(go_types(document, version))
    return root


def _largest_crd() -> tuple[dict[str, Any], int]:
    with tarfile.open(CORPUS) as archive:
        member = max((m for m in archive if m.name.endswith(".yaml")), key=lambda m: m.size)
        file = archive.extractfile(member)
        assert file is not None
        document: dict[str, Any] = yaml.load(file.read(), yaml.CSafeLoader)
    return document, member.size


if __name__ == "__main__":
    from benchmarks.table import show

    show(list(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 3)))
