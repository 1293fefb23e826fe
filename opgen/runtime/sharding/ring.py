"""Which member a key belongs to.

Keys fall into slots, and each slot belongs to the member whose hash together with the slot is the
highest (rendezvous hashing). When a member joins, slots move to it and to nobody else; when one
leaves, only its own move: one of N in both cases, on average.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b

SLOTS = 512
"""How many parts the keys are divided into, whatever the number of members."""


def slot_of(namespace: str, name: str) -> int:
    """The slot of a key."""
    return _hash(f"{namespace}/{name}") % SLOTS


@lru_cache(maxsize=64)
def claims(members: frozenset[str], member: str) -> frozenset[int]:
    """The slots that belong to a member, if those are the members; none if it is not among them."""
    return frozenset(slot for slot, owner in enumerate(owners(members)) if owner == member)


@lru_cache(maxsize=64)
def owners(members: frozenset[str]) -> tuple[str, ...]:
    """The owner of each slot; nothing if there are no members."""
    if not members:
        return ()
    return tuple(
        max(members, key=lambda member: (_hash(f"{slot}/{member}"), member))
        for slot in range(SLOTS)
    )


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
