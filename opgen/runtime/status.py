"""Conditions in the status of an object."""

from __future__ import annotations

import typing
from datetime import datetime
from functools import cache
from typing import Any, Literal

from opgen.api.conditions import Condition
from opgen.api.fields import json_fields
from opgen.runtime.codec import encode, format_time

ConditionStatus = Literal["True", "False", "Unknown"]


def set_condition(
    status: Any,
    condition_type: str,
    value: bool | None,
    *,
    reason: str,
    message: str = "",
    generation: int | None = None,
    now: datetime,
) -> bool:
    """Set a condition in the `conditions` of a status, which is a dataclass or a dict.

    The time of the last transition stays unless the condition's status changes. Returns whether
    the condition is new or has another status or reason than before.

    Raises:
        TypeError: the status has no list of conditions.
    """
    word: ConditionStatus = "Unknown" if value is None else "True" if value else "False"
    conditions = _conditions_of(status)
    for index, known in enumerate(conditions):
        if _get(known, "type", "type") == condition_type:
            since = _get(known, "last_transition_time", "lastTransitionTime")
            same = _get(known, "status", "status") == word and since
            moment = since if same else format_time(now)
            made = _make(status, condition_type, word, reason, message, moment, generation)
            conditions[index] = made
            return not same or _get(known, "reason", "reason") != reason
    moment = format_time(now)
    conditions.append(_make(status, condition_type, word, reason, message, moment, generation))
    return True


def get_condition(status: Any, condition_type: str) -> Any | None:
    """The condition of a type, or None."""
    found = (c for c in _conditions_of(status) if _get(c, "type", "type") == condition_type)
    return next(found, None)


def _conditions_of(status: Any) -> list[Any]:
    if isinstance(status, dict):
        conditions: list[Any] = status.setdefault("conditions", [])
        return conditions
    if not hasattr(status, "conditions"):
        raise TypeError(
            f"{type(status).__name__} has no field `conditions`; add "
            "conditions: Annotated[list[Condition], ListMap('type')] = field(default_factory=list)"
        )
    if status.conditions is None:
        status.conditions = []
    return typing.cast("list[Any]", status.conditions)


def _get(condition: Any, attribute: str, name: str) -> Any:
    if isinstance(condition, dict):
        return condition.get(name)
    return getattr(condition, attribute, None)


def _make(
    status: Any,
    condition_type: str,
    word: ConditionStatus,
    reason: str,
    message: str,
    moment: str,
    generation: int | None,
) -> Any:
    condition = Condition(
        type=condition_type,
        status=word,
        reason=reason,
        message=message,
        last_transition_time=moment,
        observed_generation=generation,
    )
    return encode(condition) if _wants_dicts(status) else condition


def _wants_dicts(status: Any) -> bool:
    """Whether conditions are plain dicts here: in a dict, or as `meta_v1.Condition`."""
    return isinstance(status, dict) or _has_dicts(typing.cast("Any", type(status)))


@cache
def _has_dicts(cls: Any) -> bool:
    for field in json_fields(cls):
        if field.attribute == "conditions":
            return Condition not in _parts(field.annotation)
    return False


def _parts(annotation: Any) -> set[Any]:
    args = typing.get_args(annotation)
    parts = {annotation} if isinstance(annotation, type) and not args else set()
    return parts.union(*(_parts(arg) for arg in args)) if args else parts
