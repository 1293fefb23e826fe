"""Conditions: what changes when one is set again, and what stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest

from opgen.api import Condition, ListMap
from opgen.k8s import meta_v1
from opgen.runtime.codec import encode
from opgen.runtime.status import get_condition, set_condition

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Typed:
    conditions: Annotated[list[Condition], ListMap("type")] = field(default_factory=list)


@dataclass(kw_only=True)
class Plain:
    conditions: Annotated[list[meta_v1.Condition], ListMap("type")] | None = None


@pytest.fixture(params=[Typed, Plain, dict])
def status(request: pytest.FixtureRequest) -> Any:
    return request.param()


def put(status: Any, minutes: int, value: bool | None, reason: str, **more: Any) -> bool:
    now = BEGAN + timedelta(minutes=minutes)
    return set_condition(status, "Ready", value, reason=reason, now=now, **more)


def as_json(status: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = encode(status)["conditions"]
    return found


def test_the_time_is_that_of_the_last_transition(status: Any) -> None:
    assert put(status, 0, False, "Starting", message="soon", generation=1)
    assert as_json(status) == [
        {
            "type": "Ready",
            "status": "False",
            "reason": "Starting",
            "message": "soon",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
            "observedGeneration": 1,
        }
    ]
    assert not put(status, 1, False, "Starting", message="still", generation=2)
    assert put(status, 2, False, "Pulling", generation=2), "another reason is news"
    (condition,) = as_json(status)
    assert (condition["reason"], condition["message"], condition["observedGeneration"]) == (
        "Pulling",
        "",
        2,
    )
    assert condition["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert put(status, 3, True, "Up")
    assert as_json(status)[0]["lastTransitionTime"] == "2026-01-01T00:03:00Z"
    assert put(status, 4, None, "Lost")
    assert as_json(status)[0] | {"message": ""} == {
        "type": "Ready",
        "status": "Unknown",
        "reason": "Lost",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:04:00Z",
    }


def test_other_conditions_stay_as_they_are(status: Any) -> None:
    put(status, 0, True, "Up")
    set_condition(status, "Degraded", False, reason="Fine", now=BEGAN)
    put(status, 1, False, "Down")
    assert [each["type"] for each in as_json(status)] == ["Ready", "Degraded"]
    assert as_json(status)[1]["lastTransitionTime"] == "2026-01-01T00:00:00Z"
    assert get_condition(status, "Degraded") is not None
    assert get_condition(status, "Progressing") is None


def test_a_status_without_conditions_is_explained() -> None:
    @dataclass
    class Bare:
        size: int = 0

    with pytest.raises(TypeError, match="Bare has no field `conditions`; add conditions: "):
        put(Bare(), 0, True, "Up")
