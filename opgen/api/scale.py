"""The scale subresource by paths, for kinds whose fields cannot carry its markers."""

from __future__ import annotations


class Scale:
    """Where `kubectl scale` finds its numbers, as JSON paths.

    `SpecReplicas`, `StatusReplicas` and `ReplicasSelector` on fields say the same more safely; this
    is for fields of built-in types, and of dataclasses that are used in several places.

    Args:
        spec: The path of the wanted number of replicas, below `.spec`.
        status: The path of the number of replicas that there are, below `.status`.
        selector: The path of the label selector as text, below `.status`; empty if there is none.
    """

    __slots__ = ("selector", "spec", "status")

    def __init__(self, *, spec: str, status: str, selector: str = "") -> None:
        self.spec = spec
        self.status = status
        self.selector = selector

    def __repr__(self) -> str:
        return f"Scale(spec={self.spec!r}, status={self.status!r}, selector={self.selector!r})"

    def as_json(self) -> dict[str, str]:
        """The `scale` of a version's subresources."""
        paths = {
            "specReplicasPath": self.spec,
            "statusReplicasPath": self.status,
            "labelSelectorPath": self.selector,
        }
        return {name: path for name, path in paths.items() if path}
