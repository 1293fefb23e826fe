"""The wrong kinds of golden case 14: groups, versions, names and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from opgen.api import CustomResource, PrintColumn, resource
from opgen.schema import crds

KINDS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "empty-group": ([{"group": ""}], "Required value"),
    "no-storage": (
        [{}, {"version": "v2"}],
        "must have exactly one version marked as storage version, not none",
    ),
    "two-storage": (
        [{"storage": True}, {"version": "v2", "storage": True}],
        "must have exactly one version marked as storage version, not v1, v2",
    ),
    "none-served": (
        [{"storage": True, "served": False}, {"version": "v2", "served": False}],
        "no version is served",
    ),
    "unserved-only-version": ([{"served": False}], "no version is served"),
    "same-version-twice": (
        [{"storage": True}, {}],
        "must contain unique version names, but v1 is there 2 times",
    ),
    "resource-differs": (
        [{"storage": True, "short_names": ["t"]}, {"version": "v2", "short_names": ["th"]}],
        "short_names is ['th'] here and ['t'] in version v1, but a kind has only one",
    ),
    "scope-word": (
        [{"scope": "Global"}],
        'Unsupported value: \'Global\': supported values: "Cluster", "Namespaced"',
    ),
    "path-upper": (
        [{"plural": "Things"}],
        "'Things': a DNS-1035 label must consist of lower case alphanumeric characters or '-', "
        "start with an alphabetic character, and end with an alphanumeric character, and be at "
        "most 63 long",
    ),
    "column-path": (
        [{"columns": [PrintColumn("A", path="spec.x", type="string")]}],
        "column 'A': jsonPath: 'spec.x' must be a simple json path starting with .",
    ),
    "column-type": (
        [{"columns": [PrintColumn("A", path=".spec.x", type="text")]}],
        "column 'A': type: 'text' must be one of boolean,date,integer,number,string",
    ),
}


@dataclass(kw_only=True)
class ThingSpec:
    x: str = "a"


@pytest.mark.parametrize("name", KINDS)
def test_wrong_kind(name: str) -> None:
    versions, message = KINDS[name]
    classes = []
    for said in versions:

        @resource(**{"group": "errors.example.org", "version": "v1", **said})
        @dataclass(kw_only=True)
        class Thing(CustomResource[ThingSpec, None]):
            pass

        classes.append(Thing)
    derived = crds(classes)
    assert derived.documents == ()
    problem = next(problem for problem in derived.problems if problem.message == message)
    assert problem.hint
    assert problem.location is not None
    assert problem.location.file == __file__
