"""The CRDs that are changed: those of the corpus and opgen's own goldens, without descriptions."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Document = dict[str, Any]

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(
    os.environ.get("OPGEN_CRD_CORPUS", REPOSITORY.parent / "shared" / "crd-corpus.tar.xz")
)
LARGEST = 60_000
"""Bytes of JSON: larger CRDs say nothing that smaller ones do not, and take the servers longer."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads `=`, `<<` and dates as text, as Go does."""


for _tag in ("value", "merge", "timestamp"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _Loader.construct_yaml_str)


def crds() -> list[tuple[str, Document]]:
    """Names and CRDs, always in the same order."""
    found = [(name, document) for name, document in (*_goldens(), *_corpus())]
    small = [
        (name, plain)
        for name, document in found
        for plain in [_without_descriptions(document)]
        if len(json.dumps(plain)) <= LARGEST
    ]
    return sorted(small, key=lambda entry: entry[0])


def _goldens() -> Iterator[tuple[str, Document]]:
    for path in sorted((REPOSITORY / "tests" / "schema" / "goldens").glob("*.yaml")):
        for index, document in enumerate(_read(path.read_bytes())):
            yield f"goldens/{path.name}#{index}", document


def _corpus() -> Iterator[tuple[str, Document]]:
    if not CORPUS.exists():
        return
    with tarfile.open(CORPUS) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content and member.name.endswith((".yaml", ".yml")):
                for index, document in enumerate(_read(content.read())):
                    yield f"{member.name}#{index}", document


def _read(text: bytes) -> Iterator[Document]:
    for document in yaml.load_all(text, _Loader):
        if document and document.get("kind") == "CustomResourceDefinition":
            yield document


def _without_descriptions(value: Any) -> Any:
    if isinstance(value, dict):
        # A field may have the name, and then there is no text.
        return {
            key: _without_descriptions(item)
            for key, item in value.items()
            if key != "description" or not isinstance(item, str)
        }
    return [_without_descriptions(item) for item in value] if isinstance(value, list) else value
