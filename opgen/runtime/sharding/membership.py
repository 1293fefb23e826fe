"""Who works on what, so that no key ever has two owners.

Every member publishes in its Lease which members it sees, its view, and with that what it claims:
the slots that are its own if those are the members. It works on a slot only if

1. its published view claims the slot, and
2. a list of all Leases, read after that, shows no other live member that claims it too, and
3. it has renewed its Lease recently: others take a member for dead only later than that.

A slot that a newer view gives away is left at once, but the newer view is published only when
nothing is being done in that slot any more. So of two members that come to claim the same slot, the
one that published later sees the claim of the other and waits.

Nothing here speaks to anybody: `opgen.runtime.sharding.replica` does. Times are in seconds of the
member's own clock, from the moment it saw a Lease change; clocks need not agree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opgen.runtime.sharding.ring import claims


@dataclass(frozen=True, slots=True)
class Seen:
    """What a Lease says of a member.

    Attributes:
        identity: Its name.
        view: The members that it sees.
        stamp: Something that differs whenever the Lease was renewed.
        lasts: For how many seconds a renewal counts.
        name: That of the Lease.
        uid: That of the Lease.
    """

    identity: str
    view: frozenset[str]
    stamp: str
    lasts: float
    name: str = ""
    uid: str = ""


class Membership:
    """What one member knows and may do."""

    def __init__(self, identity: str) -> None:
        self.identity = identity
        self.view = frozenset({identity})
        """The members, as they were seen last."""
        self.owned: frozenset[int] = frozenset()
        """The slots that this member may work on."""
        self._published: frozenset[str] = frozenset()
        self._sure: frozenset[int] = frozenset()
        """The slots that the API server shows us to claim, whatever became of requests."""
        self._changed_at: dict[str, tuple[str, float]] = {}

    @property
    def settled(self) -> bool:
        """Whether the published view is what was seen last."""
        return self._published == self.view

    @property
    def given_away(self) -> frozenset[int]:
        """The slots that we claim before all and, as we see it now, are others'."""
        return claims(self._published, self.identity) - claims(self.view, self.identity)

    def next_view(self, busy: Iterable[int]) -> frozenset[str]:
        """The view to publish now.

        Args:
            busy: Slots in which something is being done.
        """
        return self._published if self.given_away & set(busy) else self.view

    def publishing(self, view: frozenset[str]) -> None:
        """Say that a view is being published; it may or may not arrive."""
        self._sure &= claims(view, self.identity)
        self.owned &= self._sure

    def published(self, view: frozenset[str]) -> None:
        """Say that a view has been published."""
        self._published = view
        self._sure = claims(view, self.identity)

    def observe(self, others: Iterable[Seen], now: float) -> frozenset[int]:
        """Take note of the other members' Leases, all of them, read after the last publishing.

        Returns:
            The slots that this member may work on from now on, and might not before.
        """
        listed = list(others)
        live = [seen for seen in listed if self._lives(seen, now)]
        self._changed_at = {seen.identity: self._changed_at[seen.identity] for seen in listed}
        self.view = frozenset({self.identity, *(seen.identity for seen in live)})
        claimed: frozenset[int] = frozenset().union(
            *(claims(seen.view, seen.identity) for seen in live)
        )
        before = self.owned
        self.owned = (self._sure & claims(self.view, self.identity)) - claimed
        return self.owned - before

    def silence(self, identity: str, now: float) -> float:
        """For how many seconds a member has not renewed its Lease, as far as we have seen."""
        return now - self._changed_at[identity][1]

    def _lives(self, seen: Seen, now: float) -> bool:
        stamp, since = self._changed_at.get(seen.identity, ("", 0.0))
        if stamp != seen.stamp:
            since = now
            self._changed_at[seen.identity] = (seen.stamp, now)
        return now - since < seen.lasts
