"""Markers: the objects people put into `typing.Annotated`.

Each marker is a small frozen class whose docstring is its help page.
"""

from __future__ import annotations

from dataclasses import dataclass


class Marker:
    """Base of all markers of opgen."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Name(Marker):
    """The JSON name of a field, where the attribute's own name will not do.

    `from_: Annotated[str, Name("from")]`
    """

    name: str
