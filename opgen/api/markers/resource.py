"""Markers on fields that end up beside the schema: columns, selectable fields, scale."""

from __future__ import annotations

from opgen.api.markers.base import FieldMarker, MarkerError


class PrintColumn(FieldMarker):
    """A column of `kubectl get`.

    On a field, path and type follow from the field. In `@resource(columns=[...])` both are given:
    `PrintColumn("Age", path=".metadata.creationTimestamp", type="date")`.

    Args:
        name: The heading.
        path: The JSON path, for columns that no field can carry.
        type: integer, number, string, boolean or date.
        description: What the column shows.
        format: An OpenAPI format that tells kubectl how to print.
        priority: 0 is always shown, greater numbers only by `kubectl get -o wide`.
    """

    __slots__ = ("description", "format", "name", "path", "priority", "type")
    name: str
    path: str
    type: str
    description: str
    format: str
    priority: int
    _texts = ("name", "path", "type", "description", "format")
    example = 'Annotated[str, PrintColumn("Image")]'

    def __init__(
        self,
        name: str,
        *,
        path: str = "",
        type: str = "",
        description: str = "",
        format: str = "",
        priority: int = 0,
    ) -> None:
        self._freeze(
            name=name,
            path=path,
            type=type,
            description=description,
            format=format,
            priority=priority,
        )

    def __repr__(self) -> str:
        return f"PrintColumn({self.name!r})"

    def check(self) -> None:
        """Complain about arguments of the wrong kind.

        Raises:
            MarkerError: the priority is no number of 32 bits, or a text is no string.
        """
        super().check()
        if type(self.priority) is not int or not -(2**31) <= self.priority < 2**31:
            raise MarkerError(
                f"{self!r} needs a whole number of 32 bits as its priority, not {self.priority!r}"
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrintColumn) and self._values() == other._values()

    def __hash__(self) -> int:
        return hash(self._values())


class Selectable(FieldMarker):
    """A field for `kubectl get --field-selector`: a string, integer or boolean."""

    __slots__ = ()
    example = "Annotated[str, Selectable]"


class SpecReplicas(FieldMarker):
    """The field of the spec that `kubectl scale` sets. `StatusReplicas` belongs to it."""

    __slots__ = ()
    example = "Annotated[Int32, SpecReplicas]"


class StatusReplicas(FieldMarker):
    """The field of the status that says how many replicas there are."""

    __slots__ = ()
    example = "Annotated[Int32, StatusReplicas]"


class ReplicasSelector(FieldMarker):
    """The field that holds the label selector of the replicas, as text, for autoscalers."""

    __slots__ = ()
    example = "Annotated[str, ReplicasSelector]"
