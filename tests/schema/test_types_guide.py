"""The guide to types and markers says what is true: its code is run and its tables are compared.

`OPGEN_UPDATE_DOCS=1` writes the table of markers into the document.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

import opgen.api
from opgen.api.markers import MARKERS, Marker
from opgen.schema import Derived, crds

GUIDE = Path(__file__).parents[2] / "docs" / "types.md"
OTHERS = ("Annotated", "list", "uniqueItems", "webhook")
"""Words of the last table that come from elsewhere."""
NOT_ALONE = ("SpecReplicas", "StatusReplicas", "ReplicasSelector")
MARKER_HEAD = "| marker | meaning | written as |\n|---|---|---|\n"


def rows(head: str) -> list[list[str]]:
    """The cells of the table with this heading."""
    table = GUIDE.read_text().split(f"{head}\n", 1)[1].split("\n\n", 1)[0]
    lines = table.splitlines()[1:]
    return [
        [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in lines
    ]


def code(cell: str) -> str:
    return cell.strip("`")


def marker_row(marker: type[Marker]) -> str:
    meaning = " ".join((marker.__doc__ or "").split("\n\n")[0].split())
    cells = [f"`{marker.__name__}`", meaning, f"`{marker.example}`"]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def test_the_table_of_markers() -> None:
    table = MARKER_HEAD + "".join(map(marker_row, MARKERS))
    text = GUIDE.read_text()
    if os.environ.get("OPGEN_UPDATE_DOCS") == "1":
        before, _, rest = text.partition(MARKER_HEAD)
        after = re.sub(r"\A(\|.*\n)*", "", rest)
        GUIDE.write_text(before + table + after)
    assert f"\n\n{table}\n" in GUIDE.read_text()


def test_the_kind(module: Callable[[str], ModuleType]) -> None:
    (source,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    derived = crds([module(source).Gate])
    assert derived.problems == ()
    (document,) = derived.documents
    (version,) = document["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert spec["required"] == ["image"]
    assert spec["properties"]["image"]["description"] == "The container image."
    assert version["additionalPrinterColumns"][0]["jsonPath"] == ".spec.image"


@pytest.mark.parametrize("row", rows("| Python | in the CRD |"), ids=lambda row: row[0])
def test_types(row: list[str], field_schema: Callable[[str], dict[str, Any]]) -> None:
    assert field_schema(code(row[0])) == yaml.safe_load(code(row[1]))


@pytest.mark.parametrize("row", rows("| field | required | default | null |"), ids=lambda r: r[0])
def test_presence(row: list[str], spec_schema: Callable[[str], dict[str, Any]]) -> None:
    schema = spec_schema(code(row[0]))
    field = schema["properties"]["x"]
    assert ("x" in schema.get("required", ())) is (row[1] == "yes")
    assert field.get("default", "") == code(row[2])
    assert field.get("nullable", False) is (row[3] == "yes")


@pytest.mark.parametrize("row", rows("| controller-gen | opgen |"), ids=lambda row: row[0])
def test_words_of_opgen_exist(row: list[str]) -> None:
    for word in re.findall(r"`@?(\w+)", row[1]):
        assert hasattr(opgen.api, word) or word in OTHERS, word


def test_each_example_works(spec: Callable[..., Derived]) -> None:
    above = (
        "AppServiceSpec = Plain\n\n@dataclass\nclass FromFile:\n    file: str\n\n"
        "@dataclass\nclass FromUrl:\n    url: str\n"
    )
    for marker in MARKERS:
        if not (marker.example.startswith("@") or marker.__name__ in NOT_ALONE):
            problems = spec(f"x: {marker.example}", above).problems
            assert [problem for problem in problems if problem.severity == "error"] == []
