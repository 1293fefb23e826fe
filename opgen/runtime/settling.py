"""Letting our own writes come back before a key is worked on again.

Every write of a reconcile comes back as a change, and a change means a reconcile. So that three
writes do not mean three more reconciles, a key rests until the watches have told of all that its
last reconcile has written, and is then worked on once: either it finds that nothing is left to do,
or it takes the next step. What others change meanwhile is seen by that reconcile as well.

Our own writes are no news: a key that was worked on at low priority comes back at low priority,
unless somebody else has changed something. At a start with many objects each is brought into its
state once before any is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from opgen.api.resources import ResourceKind
from opgen.runtime.clock import Clock, Handle
from opgen.runtime.store import Entry, Key

PATIENCE_SECONDS = 1.0
"""A key rests no longer than this, even if a write never comes back."""


@dataclass(slots=True)
class _Work:
    low: bool
    """Whether its priority is low, and nobody but us has changed anything."""
    running: bool = True
    changed: bool = False
    awaited: dict[tuple[ResourceKind, Key], int] = field(default_factory=dict)
    """What was written and has not come back, with its resourceVersion."""
    timer: Handle | None = None


class Settling:
    """The keys that are being worked on, or rest.

    Args:
        clock: Measures how long a key rests.
        add: Called with a key that has something to do, and whether its priority is low.
    """

    def __init__(self, clock: Clock, add: Callable[[Key, bool], None]) -> None:
        self._clock = clock
        self._add = add
        self._work: dict[Key, _Work] = {}

    def __len__(self) -> int:
        """How many keys are being worked on, or rest."""
        return len(self._work)

    def begin(self, key: Key, *, low: bool = False) -> None:
        """The work on a key begins, which was waiting at low priority or not."""
        before = self._work.get(key)
        self._work[key] = work = _Work(low)
        if before is not None:
            work.awaited = before.awaited
            if before.timer is not None:
                before.timer.cancel()

    def wrote(self, key: Key, kind: ResourceKind, entry: Entry) -> None:
        """The work on a key has written an object, which has not come back yet."""
        work = self._work.get(key)
        if work is not None:
            work.awaited[kind, entry.key] = entry.version

    def told(self, key: Key, kind: ResourceKind, entry: Entry, *, low: bool = False) -> None:
        """A watch has told of a change that concerns a key."""
        work = self._work.get(key)
        if work is None:
            self._add(key, low)
            return
        work.changed = True
        written = work.awaited.get((kind, entry.key))
        if written is not None and entry.version >= written:
            del work.awaited[kind, entry.key]
        work.low = work.low and (low or entry.version == written)
        if work.running or work.awaited:
            return
        self._forget(key, work)
        self._add(key, work.low)

    def end(self, key: Key) -> None:
        """The work on a key has ended, well or not."""
        work = self._work[key]
        work.running = False
        if work.awaited:
            work.timer = self._clock.call_later(PATIENCE_SECONDS, lambda: self._rested(key))
        else:
            self._rested(key)

    def _rested(self, key: Key) -> None:
        work = self._work[key]
        self._forget(key, work)
        if work.changed:
            self._add(key, work.low)

    def _forget(self, key: Key, work: _Work) -> None:
        del self._work[key]
        if work.timer is not None:
            work.timer.cancel()
