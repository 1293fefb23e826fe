"""The codec: nothing declared is lost, nothing undeclared is written, errors name the path."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.api import (
    Condition,
    CustomResource,
    Default,
    Int32,
    IntOrString,
    Name,
    Nullable,
    Quantity,
    resource,
)
from opgen.k8s import core_v1
from opgen.runtime.codec import decode, encode, encode_object
from opgen.runtime.errors import DecodeError


class Mode(enum.Enum):
    FAST = "Fast"
    SAFE = "Safe"


@dataclass(kw_only=True)
class Part:
    part_name: str
    size: Annotated[Int32 | None, Default(1)] = None
    children: list[Part] = field(default_factory=list)


@dataclass(kw_only=True)
class ThingSpec:
    replicas: Int32
    clusterIP: str = ""
    from_: Annotated[str, Name("from")] = "start"
    ratio: float = 0.5
    mode: Mode = Mode.FAST
    level: Literal["low", "high"] = "low"
    port: IntOrString = 80
    memory: Quantity = "1Gi"
    parts: list[Part] = field(default_factory=list)
    by_name: dict[str, Part] = field(default_factory=dict)
    env: list[core_v1.EnvVar] = field(default_factory=list)
    since: datetime | None = None
    anything: Any = None
    required_or_null: Annotated[str | None, Nullable()]
    null_as_well: Literal["a", None]


@dataclass(kw_only=True)
class ThingStatus:
    ready_replicas: int = 0
    conditions: list[Condition] = field(default_factory=list)


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, ThingStatus]):
    """A thing."""


names = st.text("abc", min_size=1, max_size=3)
parts = st.builds(Part, part_name=names, size=st.none() | st.integers(), children=st.just([]))
specs = st.builds(
    ThingSpec,
    replicas=st.integers(),
    clusterIP=st.text(),
    from_=st.text(),
    ratio=st.floats(allow_nan=False, allow_infinity=False),
    mode=st.sampled_from(Mode),
    level=st.sampled_from(["low", "high"]),
    port=st.integers() | st.text(),
    memory=st.text() | st.integers(),
    parts=st.lists(parts | st.builds(Part, part_name=names, children=st.lists(parts))),
    by_name=st.dictionaries(names, parts),
    env=st.lists(st.fixed_dictionaries({"name": names, "value": st.text()})),
    since=st.none() | st.datetimes(timezones=st.just(UTC)),
    anything=st.recursive(st.none() | st.booleans() | st.text(), st.lists),
    required_or_null=st.none() | st.text(),
    null_as_well=st.sampled_from(["a", None]),
)


@settings(max_examples=50, deadline=None)
@given(specs)
def test_nothing_declared_is_lost(spec: ThingSpec) -> None:
    document = encode(spec)
    assert decode(ThingSpec, document) == spec
    assert encode(decode(ThingSpec, document)) == document


def test_names_are_those_of_the_crd() -> None:
    spec = ThingSpec(
        replicas=1, required_or_null=None, null_as_well=None, by_name={"a_b": Part(part_name="x")}
    )
    document = encode(spec)
    assert {"clusterIP", "from", "byName", "requiredOrNull"} <= document.keys()
    assert document["byName"] == {"a_b": {"partName": "x", "children": []}}
    assert document["requiredOrNull"] is None
    assert document["nullAsWell"] is None
    assert "since" not in document


def test_undeclared_fields_are_never_written_back() -> None:
    document = {"replicas": 1, "requiredOrNull": "x", "nullAsWell": "a", "unknown": 1, "from": "f"}
    assert "unknown" not in encode(decode(ThingSpec, document))


def test_a_kind_gets_a_status_of_its_own() -> None:
    document = {
        "metadata": {"name": "a"},
        "spec": {"replicas": 1, "requiredOrNull": None, "nullAsWell": None},
    }
    one, other = decode(Thing, document), decode(Thing, document)
    one.status.conditions.append(None)  # type: ignore[arg-type]
    assert other.status == ThingStatus()
    assert encode_object(other)["apiVersion"] == "example.com/v1"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"replicas": "3"}, "Thing.spec.replicas: expected an integer, got a string"),
        ({"replicas": True}, "Thing.spec.replicas: expected an integer, got a boolean"),
        ({"parts": [{"partName": "a"}, {}]}, "Thing.spec.parts[1].partName: is required"),
        ({"byName": {"x": []}}, "Thing.spec.byName.x: expected an object, got an array"),
        ({"mode": "Slow"}, "Thing.spec.mode: 'Slow' is not one of 'Fast', 'Safe'"),
        ({"level": []}, "Thing.spec.level: [] is not one of 'low', 'high'"),
        ({"port": 1.5}, "Thing.spec.port: expected an integer, got a number or expected a string"),
        ({"since": "today"}, "Thing.spec.since: 'today' is not a time in RFC 3339"),
    ],
)
def test_errors_name_the_path(change: dict[str, Any], message: str) -> None:
    spec = {"replicas": 1, "requiredOrNull": None, "nullAsWell": None, **change}
    with pytest.raises(DecodeError) as error:
        decode(Thing, {"metadata": {"name": "a"}, "spec": spec})
    assert str(error.value).startswith(message)
