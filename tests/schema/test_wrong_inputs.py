"""The wrong inputs of golden case 14 that can be written in Python: what opgen says to each.

The names are those of the golden case, where one finds what controller-gen and the API server say.
Whatever one of the two rejects, opgen rejects, at the line that is to blame; of the rest it warns.
`goldens/14-errors.tsv` lists all inputs of the case and says where each is tested, or why it has no
counterpart.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from opgen.api import Problem
from opgen.schema import crds

HEAD = '''\
from __future__ import annotations

from opgen_test_wrong import *


@dataclass(kw_only=True)
class ThingSpec:
    """What a thing is."""

'''
TAIL = '''

@resource(group="errors.example.org", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, None]):
    """A thing."""
'''
LINE = HEAD.count("\n") + 1
WARNINGS = ("float", "float-pointer-list", "min-above-max", "column-nowhere", "text-type")
ELSEWHERE = {
    "recursive",
    "recursive-map",
    "recursive-mutual",
    "oneof-nested",
    "oneof-required",
    "oneof-unknown",
    "oneof-empty",
    "oneof-commas",
    "field-marker-on-type",
}
"""Where a class that the field names is to blame."""
SEVERAL = {"cel-cost"}
"""Where one mistake breaks several rules of the server."""
MENDED = {"generic", "alias-map", "alias-list", "alias-pointer", "empty-name"}
"""What is broken as controller-gen writes it, and sound as opgen does."""
TABLE: dict[str, dict[str, str]] = json.loads(
    Path(__file__).with_name("wrong_inputs.json").read_text()
)
WRONG = [name for name, entry in TABLE.items() if entry["says"]]
GOOD = [name for name, entry in TABLE.items() if not entry["says"]]
"""What is refused in Go for reasons of Go, or silently taken, and right in Python."""


@pytest.fixture
def problems_of(
    kinds: Callable[[str], ModuleType], module: Callable[[str], ModuleType]
) -> Callable[[str], tuple[Problem, ...]]:
    def derive(field: str) -> tuple[Problem, ...]:
        kinds("wrong")
        return crds([module(f"{HEAD}    {field}\n{TAIL}").Thing]).problems

    return derive


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input(name: str, problems_of: Callable[[str], tuple[Problem, ...]]) -> None:
    field, message = TABLE[name]["field"], TABLE[name]["says"]
    problem, *others = problems_of(field)
    assert problem.message == message
    assert problem.hint
    assert problem.severity == ("warning" if name in WARNINGS else "error")
    assert problem.location is not None
    if name in ELSEWHERE:
        assert problem.location.file.endswith("wrong.py")
    elif name != "column-nowhere":
        assert problem.location.line == LINE + field.count("\n")
    if name not in SEVERAL:
        assert {other.message for other in others} <= {message}


@pytest.mark.parametrize("name", GOOD)
def test_good_input(name: str, problems_of: Callable[[str], tuple[Problem, ...]]) -> None:
    assert problems_of(TABLE[name]["field"]) == ()


def test_every_input_is_tested_or_has_no_counterpart() -> None:
    lines = (Path(__file__).parent / "goldens" / "14-errors.tsv").read_text().splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert len(rows) == len({row[0] for row in rows}) == 278
    root = Path(__file__).parents[2]
    for name, server, where, what in rows:
        assert server in ("accepts", "rejects", "-")
        if where == "-":
            assert len(what) > 20, f"{name} has no reason"
        elif where.endswith(".json"):
            name = what.removeprefix("see ").strip('"')
            assert name in TABLE
            assert server != "rejects" or TABLE[name]["says"] or name in MENDED, name
        else:
            assert what in (root / where).read_text(), f"{where} has no {what}"
