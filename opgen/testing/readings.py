"""What a check read while `Cluster.eventually` waited for it: objects and their states in turn."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator

from opgen.testing.changed_fields import describe_change
from opgen.testing.errors import Document

OBJECTS = 10
"""How many objects are told of: those that were read last."""
STATES = 10
"""How many states of an object are told of: the last ones."""
WIDEST = 1000
"""How many characters of an object's last state are shown."""


class Readings:
    """The states of objects that a check has read."""

    def __init__(self) -> None:
        self._states: dict[str, deque[Document | None]] = {}

    def add(self, label: str, document: Document | None) -> None:
        """Remember a reading; None if the object does not exist."""
        states = self._states.pop(label, None) or deque(maxlen=STATES)
        self._states[label] = states
        if not states or _version(states[-1]) != _version(document):
            states.append(document)

    def describe(self) -> str:
        """The objects, each with its history and its last state."""
        latest = list(self._states.items())[-OBJECTS:]
        return "\n".join(line for label, states in latest for line in _history(label, states))


def _version(document: Document | None) -> str:
    return "" if document is None else document["metadata"].get("resourceVersion", "")


def _history(label: str, states: deque[Document | None]) -> Iterator[str]:
    yield f"  {label}"
    before: Document | None = None
    for index, state in enumerate(states):
        if state is None:
            yield "         it does not exist" if index == 0 else "         it is gone"
        elif before is None:
            yield f"  {_version(state):>6} there it is"
        else:
            yield f"  {_version(state):>6} {describe_change(before, state)}"
        before = state
    if before is not None:
        yield f"         now: {_now(before)}"


def _now(document: Document) -> str:
    """The last state, without what only the server needs to know."""
    told = {name: value for name, value in document.items() if name not in ("apiVersion", "kind")}
    hidden = ("managedFields", "uid", "resourceVersion", "creationTimestamp", "name", "namespace")
    metadata = document["metadata"]
    told["metadata"] = {name: metadata[name] for name in metadata if name not in hidden}
    text = json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}..."
