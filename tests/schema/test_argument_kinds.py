"""Arguments of `@resource` that are of another kind than they must be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from opgen.api import CustomResource, Ge, Selectable, resource, resource_info
from opgen.schema import crds


@dataclass
class Spec:
    size: int = 1


def kind(**said: Any) -> type:
    @resource(**{"group": "example.org", "version": "v1", **said})
    @dataclass(kw_only=True)
    class Boat(CustomResource[Spec, None]):
        pass

    return Boat


WRONG = [
    ("group", 1, "a string, not 1", 'group="webs"'),
    ("version", 1, "a string, not 1", 'version="webs"'),
    ("plural", ["boats"], "a string, not ['boats']", 'plural="webs"'),
    ("short_names", "bo", "a list of strings, not 'bo'", 'short_names=["webs"]'),
    ("categories", [1], "a list of strings, not [1]", 'categories=["webs"]'),
    ("selectable", ".spec", "a list of paths, not '.spec'", 'selectable=[".spec.image"]'),
    ("storage", "yes", "True, False or None, not 'yes'", "storage=True"),
    ("status", 1, "True, False or None, not 1", "status=True"),
    ("served", None, "True or False, not None", "served=True"),
    ("deprecated", 1, "True, False or a warning, not 1", 'deprecated="use v2"'),
    ("labels", {"a": 1}, "a dict of strings, not {'a': 1}", 'labels={"example.org/team": "web"}'),
    (
        "annotations",
        ["a=b"],
        "a dict of strings, not ['a=b']",
        'annotations={"example.org/team": "web"}',
    ),
    (
        "columns",
        [Selectable()],
        "a list of PrintColumn, not [Selectable]",
        'columns=[PrintColumn("Age", path=..., type="date")]',
    ),
    (
        "rules",
        ["self.a"],
        "a list of rules, not ['self.a']",
        'rules=[CEL("self.spec.a < self.spec.b")]',
    ),
    ("conversion", True, "a ConversionWebhook, not True", "conversion=ConversionWebhook()"),
    ("scale", {}, "a Scale, not {}", 'scale=Scale(spec=".spec.replicas", status=...)'),
    ("root", 1, "a dict of schemas, not 1", 'root={"kind": None}'),
]


@pytest.mark.parametrize(("name", "value", "words", "example"), WRONG)
def test_wrong_kinds_of_arguments(name: str, value: Any, words: str, example: str) -> None:
    boat = kind(**{name: value})
    result = crds([boat])
    assert result.documents == ()
    (problem,) = result.problems
    assert problem.message == f"{name} must be {words}"
    assert problem.hint == f"write it as {example}"
    info = resource_info(boat)
    assert info is not None
    assert problem.location == info.location


def test_series_of_all_kinds_are_taken() -> None:
    result = crds([kind(short_names=iter(["bo"]), categories=("all",), labels={})])
    assert result.problems == ()
    assert result.documents[0]["spec"]["names"]["shortNames"] == ["bo"]


def test_other_kinds_are_still_made() -> None:
    @resource(group="example.org", version="v1")
    @dataclass(kw_only=True)
    class Ship(CustomResource[Spec, None]):
        pass

    result = crds([kind(short_names="bo"), Ship])
    assert [document["spec"]["names"]["kind"] for document in result.documents] == ["Ship"]


def test_a_marker_for_fields_is_no_rule() -> None:
    (problem,) = crds([kind(rules=[Ge(1)])]).problems
    assert problem.message == "Ge(1) applies to integers and numbers, not to an object"


def test_classes_without_the_decorator() -> None:
    with pytest.raises(TypeError, match=r"Spec is not decorated with @resource"):
        crds([Spec])
