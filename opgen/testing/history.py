"""What happened lately: for messages of tests that waited in vain."""

from __future__ import annotations

import threading
from collections import deque

from opgen.testing.changed_fields import describe_change
from opgen.testing.errors import Document
from opgen.testing.storage import Change

LENGTH = 30
_QUIET = {"leases", "clusterroles", "clusterrolebindings", "namespaces", "serviceaccounts"}


class History:
    """The last changes of a store, and a signal for those who wait for one."""

    def __init__(self) -> None:
        self._changes: deque[Change] = deque(maxlen=LENGTH)
        self._condition = threading.Condition()
        self._count = 0

    def record(self, change: Change) -> None:
        """Remember a change and wake those who wait."""
        with self._condition:
            if change.resource[1] not in _QUIET:
                self._changes.append(change)
            self._count += 1
            self._condition.notify_all()

    @property
    def count(self) -> int:
        """How many changes there have been."""
        return self._count

    def wait(self, seen: int, timeout: float) -> None:
        """Wait until there have been more changes than `seen`, or the time is over."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout)

    def wake(self) -> None:
        """Let those who wait look again."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def describe(self) -> str:
        """The changes, one a line."""
        return "\n".join(_line(change) for change in self._changes)


def _line(change: Change) -> str:
    name = "/".join(filter(None, change.last.key))
    text = f"  {change.version:>6} {change.type:<8} {change.resource[1]} {name}"
    if change.before is not None and change.after is not None:
        return f"{text}: {describe_change(change.before.document(), change.after.document())}"
    if change.resource[1] != "events":
        return text
    event: Document = change.last.document()
    about = event.get("involvedObject") or event.get("regarding") or {}
    note = event.get("message") or event.get("note") or ""
    return f"{text}: {about.get('kind')}/{about.get('name')} {event.get('reason')}: {note}"
