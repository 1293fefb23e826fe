"""CRDs become dataclasses that make the same schemas again."""

from __future__ import annotations

import os
import tarfile
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
# Projects whose CRDs are imported in every run; OPGEN_CRD_CORPUS_ALL=1 takes all of them.
SOME = ("cert-manager", "argo-workflows", "cloudnative-pg", "istio")
ROOT = ("apiVersion", "kind", "metadata")


def normal(value: Any) -> Any:
    """A schema without what says nothing: the order of `required`, and flags that are false."""
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


def fields(version: dict[str, Any]) -> Any:
    """The schema of a version; apiVersion, kind and metadata are the same in all."""
    schema = normal(version["schema"]["openAPIV3Schema"])
    properties = schema.get("properties", {})
    return {**schema, "properties": {k: v for k, v in properties.items() if k not in ROOT}}


def check_round_trip(document: dict[str, Any], module: Callable[[str], ModuleType]) -> None:
    for version in document["spec"]["versions"]:
        made = module(source(document, version["name"]))
        kind = getattr(made, document["spec"]["names"]["kind"])
        derived = crds([kind], Options(preflight=False))
        assert [p for p in derived.problems if p.severity == "error"] == []
        (again,) = derived.documents
        assert fields(again["spec"]["versions"][0]) == fields(version)
        assert again["spec"]["names"] == {
            "listKind": f"{kind.__name__}List",
            "singular": kind.__name__.lower(),
            **{key: value for key, value in document["spec"]["names"].items() if value},
        }
        assert again["spec"]["versions"][0].get("additionalPrinterColumns", []) == [
            {key: value for key, value in column.items() if value}
            for column in version.get("additionalPrinterColumns") or ()
        ]


@pytest.mark.parametrize("case", GOLDENS)
def test_goldens(
    case: str,
    golden: Callable[[str], list[dict[str, Any]]],
    modules: Callable[[str], ModuleType],
) -> None:
    for document in golden(case):
        check_round_trip(document, modules)


def corpus() -> Iterator[tuple[str, dict[str, Any]]]:
    """The CRDs of known projects."""
    every = os.environ.get("OPGEN_CRD_CORPUS_ALL")
    with tarfile.open(CORPUS) as archive:
        for member in archive:
            wanted = member.name.endswith(".yaml") and member.size < 300_000
            if not every and not (wanted and any(name in member.name for name in SOME)):
                continue
            content = archive.extractfile(member)
            documents = yaml.load_all(content, yaml.CSafeLoader) if content else ()
            for document in documents:
                if isinstance(document, dict) and document.get("kind", "").endswith("Definition"):
                    yield member.name, document


@pytest.mark.skipif(not CORPUS.exists(), reason=f"the corpus of CRDs is not there: {CORPUS}")
def test_corpus(modules: Callable[[str], ModuleType]) -> None:
    count = 0
    for _, document in corpus():
        check_round_trip(document, modules)
        count += 1
    assert count > len(SOME)
