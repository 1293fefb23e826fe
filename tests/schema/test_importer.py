"""CRDs become dataclasses that make the same CRDs again."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from opgen.schema import Options, crds
from opgen.schema.importer import source

CORPUS = Path(
    os.environ.get("OPGEN_CRD_CORPUS", Path(__file__).parents[3] / "shared/crd-corpus.tar.xz")
)
GOLDENS = sorted(path.stem for path in (Path(__file__).parent / "goldens").glob("*.yaml"))
PROJECT = """
[tool.ruff]
line-length = 100

[tool.ruff.lint]
select = ["E", "F", "W", "I", "B", "C4", "D", "PTH", "RET", "RUF", "SIM", "UP"]

[tool.ruff.lint.pydocstyle]
convention = "google"
"""
Document = dict[str, Any]
Load = Callable[[str], ModuleType]


def normal(value: Any) -> Any:
    """A document without what says nothing: empty keywords, the order of `required`."""
    if isinstance(value, list):
        return [normal(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: normal(item) for key, item in value.items()}
    if isinstance(found.get("required"), list):
        found["required"] = sorted(found["required"])
    empty = {"required": [], "description": "", "nullable": False}
    return {
        key: item
        for key, item in found.items()
        if item is not None and (key not in empty or item != empty[key])
    }


def whole(document: Document) -> Document:
    """What a CRD says, without metadata and status, and with its defaults filled in or left out.

    Versions come in the order of their names, as everybody generates them; the API server attaches
    no meaning to their order.
    """
    spec = normal(document["spec"])
    names = spec["names"]
    names.setdefault("singular", names["kind"].lower())
    names.setdefault("listKind", f"{names['kind']}List")
    usual = {"conversion": {"strategy": "None"}, "preserveUnknownFields": False}
    spec = {key: item for key, item in spec.items() if item != usual.get(key)}
    spec["names"] = {key: item for key, item in names.items() if item}
    spec["versions"] = [
        {key: item for key, item in version.items() if key in ("served", "storage") or item}
        for version in sorted(spec["versions"], key=lambda version: str(version["name"]))
    ]
    for version in spec["versions"]:
        columns = version.get("additionalPrinterColumns", ())
        for column in columns:
            for key in [key for key in column if not column[key]]:
                del column[key]
    return spec


def regenerated(document: Document, sources: dict[str, str], load: Load) -> Document:
    """The CRD that the modules of a CRD make."""
    for forget in typing._cleanups:  # type: ignore[attr-defined]
        # To `typing`, Literal["a", "b"] and Literal["b", "a"] are the same; a project of its own
        # would never have seen those of another.
        forget()
    kind = document["spec"]["names"]["kind"]
    classes = [getattr(load(text), kind) for text in sources.values()]
    derived = crds(classes, Options(preflight=False))
    assert [problem for problem in derived.problems if problem.severity == "error"] == []
    (again,) = derived.documents
    return again


def sources_of(document: Document) -> dict[str, str]:
    return {
        version["name"]: source(document, version["name"])
        for version in document["spec"]["versions"]
    }


@pytest.mark.parametrize("case", GOLDENS)
def test_goldens(case: str, golden: Callable[[str], list[Document]], modules: Load) -> None:
    for document in golden(case):
        again = regenerated(document, sources_of(document), modules)
        assert whole(again) == whole(document)


@pytest.mark.parametrize("name", ["", " ", "a b", "ä", "$ref", "_x", "field", "self", "None"])
def test_names_that_only_json_has(name: str, modules: Load) -> None:
    """The API server takes any."""
    inner = {"type": "object", "properties": {name: {"type": "integer", "default": 3}}}
    spec = {"type": "object", "properties": {name: inner}, "required": [name]}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    document = {
        "spec": {
            "group": "my.domain",
            "names": {"kind": "Foo", "plural": "foos"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        }
    }
    again = regenerated(document, sources_of(document), modules)
    assert whole(again) == whole(document)


def corpus() -> Iterator[tuple[str, Document]]:
    """The CRDs of known projects."""
    with tarfile.open(CORPUS) as archive:
        for member in archive:
            if member.name.endswith(".yaml") and (content := archive.extractfile(member)):
                yield member.name, yaml.load(content, yaml.CSafeLoader)


needs_corpus = pytest.mark.skipif(
    not CORPUS.exists(), reason=f"the corpus of CRDs is not there: {CORPUS}"
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Path]]]:
    """All CRDs of the corpus, imported: the folder, and the modules of each CRD."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "pyproject.toml").write_text(PROJECT)
    paths: dict[str, list[Path]] = {}
    for number, (name, document) in enumerate(corpus()):
        for version, text in sources_of(document).items():
            path = folder / f"crd_{number}_{version}.py"
            path.write_text(text)
            paths.setdefault(name, []).append(path)
    return folder, paths


@needs_corpus
def test_corpus(imported: tuple[Path, dict[str, list[Path]]], modules: Load) -> None:
    _, paths = imported
    different = []
    for name, document in corpus():
        texts = {path.name: path.read_text() for path in paths[name]}
        if whole(regenerated(document, texts, modules)) != whole(document):
            different.append(name)
    assert different == []
    assert len(paths) == 320


@needs_corpus
def test_corpus_is_formatted(imported: tuple[Path, dict[str, list[Path]]]) -> None:
    run("ruff", "format", "--diff", ".", folder=imported[0])


@needs_corpus
def test_corpus_is_clean_for_linters(imported: tuple[Path, dict[str, list[Path]]]) -> None:
    run("ruff", "check", ".", folder=imported[0])


@needs_corpus
def test_corpus_is_typed(imported: tuple[Path, dict[str, list[Path]]]) -> None:
    run("mypy", "--strict", "--no-incremental", ".", folder=imported[0])


def run(*command: str, folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
