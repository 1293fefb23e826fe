"""Scalar types of Kubernetes, as aliases of Python's own types.

A type checker sees plain `int` and `str`; the markers tell the schema what is meant. Values are
those of JSON: a time is the text in RFC 3339, and nothing is converted on the way to the API server
and back.
"""

from __future__ import annotations

from typing import Annotated, Any

from opgen.api.markers import Format, Pattern, PreserveUnknown

Int32 = Annotated[int, Format("int32")]
"""A whole number of 32 bits; what most fields of Kubernetes are."""

Int64 = Annotated[int, Format("int64")]
"""A whole number of 64 bits."""

IntOrString = int | str
"""A number or a text, such as the port `80` or `"http"`, or `"25%"`."""

Quantity = Annotated[
    int | str,
    Pattern(
        r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
        r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$"
    ),
]
"""An amount of a resource, such as `"500m"` CPU or `"1Gi"` memory."""

Time = Annotated[str, Format("date-time")]
"""A moment as text in RFC 3339, such as `"2026-01-31T12:00:00Z"`."""

Duration = str
"""A duration as Go writes it, such as `"1h30m"`."""

Json = Annotated[Any, PreserveUnknown()]
"""Any JSON value."""
