"""Conditions: how the status of an object tells people and programs what is the case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from opgen.api.markers import Ge, MaxLen, MinLen, NoDefault, Pattern, Required
from opgen.api.types import Int64, Time


@dataclass(kw_only=True)
class Condition:
    """One aspect of the state of an object. Source: meta/v1 Condition."""

    type: Annotated[
        str,
        MaxLen(316),
        Pattern(
            r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?"
            r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$"
        ),
    ]
    """What the condition is about, such as Available."""

    status: Literal["True", "False", "Unknown"]
    """Whether it is so."""

    reason: Annotated[
        str, MinLen(1), MaxLen(1024), Pattern("^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")
    ]
    """Why it is so, as one word in CamelCase for programs."""

    message: Annotated[str, MaxLen(32768), Required, NoDefault] = ""
    """Why it is so, as a sentence for people."""

    last_transition_time: Time
    """When the status changed last."""

    observed_generation: Annotated[Int64 | None, Ge(0)] = None
    """The generation of the object that the condition was found on."""
