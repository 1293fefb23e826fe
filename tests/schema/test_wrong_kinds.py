"""The wrong kinds of golden case 14: groups, versions, names and scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from opgen.api import CustomResource, Ge, ObjectMeta, PrintColumn, Scale, resource
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
    "selectable-nowhere": (
        [{"selectable": [".spec.nowhere"]}],
        "'.spec.nowhere' is an invalid path: does not refer to a valid field",
    ),
    "scale-paths": (
        [{"scale": Scale(spec="spec.x", status=".status.replicas")}],
        "'spec.x' should be a json path under .spec",
    ),
}
UNSAID = {
    "no-group": ({"version": "v1"}, "missing 1 required keyword-only argument: 'group'"),
    "resource-bare": ({}, "missing 2 required keyword-only arguments: 'group' and 'version'"),
    "resource-unknown": (
        {"group": "a.b", "version": "v1", "shortNames": ["th"]},
        "got an unexpected keyword argument 'shortNames'",
    ),
    "deprecated-unknown": (
        {"group": "a.b", "version": "v1", "message": "old"},
        "got an unexpected keyword argument 'message'",
    ),
}
"""What Python itself refuses."""


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


@pytest.mark.parametrize("name", UNSAID)
def test_what_python_refuses(name: str) -> None:
    said, message = UNSAID[name]
    with pytest.raises(TypeError, match=message):
        resource(**said)


def test_no_objectmeta() -> None:
    """`no-objectmeta`, `named-objectmeta`: what derives from nothing is no kind."""
    with pytest.raises(TypeError, match=r"ThingSpec must derive from CustomResource, as in class"):
        resource(group="a.b", version="v1")(ThingSpec)  # type: ignore[type-var]


def test_resource_once() -> None:
    """`resource-once`: what one version says holds for the kind, whatever the order."""
    said: list[dict[str, Any]] = [
        {"version": "v1", "storage": True},
        {"version": "v2", "short_names": ["one"], "categories": ["all"]},
    ]
    for order in (said, said[::-1]):
        classes = []
        for one in order:

            @resource(**{"group": "errors.example.org", **one})
            @dataclass(kw_only=True)
            class Thing(CustomResource[ThingSpec, None]):
                pass

            classes.append(Thing)
        (document,) = crds(classes).documents
        assert document["spec"]["names"]["shortNames"] == ["one"]


def test_same_plural() -> None:
    """`same-plural`: two kinds cannot have one plural."""

    @resource(group="errors.example.org", version="v1", plural="things")
    @dataclass(kw_only=True)
    class First(CustomResource[ThingSpec, None]):
        pass

    @resource(group="errors.example.org", version="v1", plural="things")
    @dataclass(kw_only=True)
    class Second(CustomResource[ThingSpec, None]):
        pass

    problem = crds([First, Second]).problems[0]
    assert "things" in problem.message
    assert problem.hint


def test_metadata_markers() -> None:
    """`metadata-markers`: controller-gen drops them without a word."""

    @resource(group="errors.example.org", version="v1")
    @dataclass(kw_only=True)
    class Thing(CustomResource[ThingSpec, None]):
        metadata: Annotated[ObjectMeta, Ge(1)]

    (problem,) = crds([Thing]).problems
    assert problem.message == "markers on the metadata of a kind have no effect"
    assert problem.hint == (
        'say it in @resource(root={"metadata": {...}}), or in a rule of the kind'
    )
    assert problem.field == "Thing.metadata"
