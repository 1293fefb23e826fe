"""Keys shared between replicas: each has one owner, few move, and never two at once."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.runtime.sharding.membership import Membership, Seen
from opgen.runtime.sharding.ring import SLOTS, claims, owners, slot_of

LEASE, RENEW = 15.0, 10.0

names = st.text("abcdefgh", min_size=1, max_size=6)
members = st.frozensets(names, min_size=1, max_size=8)


# The ring


@given(members)
def test_every_slot_has_one_owner(them: frozenset[str]) -> None:
    shares = [claims(them, member) for member in them]
    assert sum(map(len, shares)) == SLOTS
    assert frozenset().union(*shares) == frozenset(range(SLOTS))
    assert claims(them, "somebody else") == frozenset()


@given(members, names)
def test_who_joins_or_leaves_moves_its_own_slots_only(them: frozenset[str], other: str) -> None:
    before, after = owners(them - {other}), owners(them | {other})
    for old, new in zip(before, after, strict=False):
        assert new in (old, other)


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_slots_are_shared_fairly(count: int) -> None:
    them = frozenset(f"operator-{number:x}_{number * 7919:08x}" for number in range(count))
    sizes = Counter(owners(them)).values()
    assert max(sizes) < 1.5 * SLOTS / count
    assert min(sizes) > 0.5 * SLOTS / count
    moved = sum(a != b for a, b in zip(owners(them), owners(them | {"new"}), strict=True))
    assert moved < 1.5 * SLOTS / (count + 1)


def test_keys_fall_into_all_slots() -> None:
    slots = {slot_of("default", f"web-{number}") for number in range(10 * SLOTS)}
    assert slots == set(range(SLOTS))


def test_owners_stay_what_they_are_from_one_version_to_the_next() -> None:
    """Replicas of two versions work side by side during an upgrade."""
    assert (slot_of("default", "web"), slot_of("", "web")) == (220, 297)
    assert owners(frozenset("abc"))[:12] == tuple("bbbbbababbcc")


# The protocol, with everything going wrong at any moment


class Simulated:
    """A member, and where it is in its round: publish, list, observe."""

    def __init__(self, identity: str) -> None:
        self.membership = Membership(identity)
        self.renewed = float("-inf")
        self.listed: list[Seen] | None = None
        self.published = False
        self.busy: set[int] = set()
        self.stalled = False

    def at_work(self, now: float) -> frozenset[int]:
        """Where it works, or may begin to at this moment."""
        alive = now - self.renewed < RENEW
        return frozenset(self.busy) | (self.membership.owned if alive else frozenset())


class World:
    """Members whose steps interleave in any order, whose requests fail or fail to be answered."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = 0.0
        self.count = 0
        self.stamps = 0
        self.leases: dict[str, Seen] = {}
        self.alive: dict[str, Simulated] = {}
        self.join()

    def act(self) -> None:
        """One thing happens, to somebody."""
        actions, weights = zip(*ACTIONS.items(), strict=True)
        (action,) = self.random.choices(actions, weights)
        if action == "join":
            self.join()
        elif action == "time":
            self.time_passes(self.random.choice([0.1, 0.5, 3.0]))
        elif self.alive:
            getattr(self, action)(self.alive[self.random.choice(sorted(self.alive))])
        self.check()

    def join(self) -> None:
        if len(self.alive) < 4:
            self.count += 1
            self.alive[f"m{self.count}"] = Simulated(f"m{self.count}")

    def stall(self, member: Simulated) -> None:
        member.stalled = True

    def resume(self, member: Simulated) -> None:
        member.stalled = False

    def step(self, member: Simulated) -> None:
        """The next of: publish, list, observe."""
        if member.stalled:
            return
        if member.listed is not None:
            member.membership.observe(member.listed, self.now)
            member.listed, member.published = None, False
        elif member.published:
            identity = member.membership.identity
            member.listed = [seen for name, seen in self.leases.items() if name != identity]
        else:
            self.publish(member, self.random.choices(OUTCOMES, (8, 1, 1))[0])

    def publish(self, member: Simulated, outcome: str) -> None:
        began = self.now
        view = member.membership.next_view(member.busy)
        member.membership.publishing(view)
        if outcome != "refused":
            self.stamps += 1
            identity = member.membership.identity
            self.leases[identity] = Seen(identity, view, str(self.stamps), LEASE)
        if outcome == "ok":
            member.membership.published(view)
            member.renewed, member.published = began, True

    def work(self, member: Simulated) -> None:
        owned = sorted(member.at_work(self.now))
        member.busy.update(self.random.sample(owned, min(9, len(owned))))

    def rest(self, member: Simulated) -> None:
        member.busy.clear()

    def leave(self, member: Simulated) -> None:
        del self.alive[member.membership.identity]
        self.leases.pop(member.membership.identity, None)

    def crash(self, member: Simulated) -> None:
        del self.alive[member.membership.identity]

    def time_passes(self, seconds: float) -> None:
        self.now += seconds
        for identity, member in list(self.alive.items()):
            if self.now - member.renewed >= RENEW and member.renewed > float("-inf"):
                del self.alive[identity]  # its process has ended

    def check(self) -> None:
        """No slot is worked on by two."""
        taken: set[int] = set()
        for member in self.alive.values():
            work = member.at_work(self.now)
            assert not taken & work
            taken |= work

    def settle(self) -> None:
        """When the trouble is over, every slot finds its owner."""
        self.join()
        for _ in range(10):
            for member in self.alive.values():
                member.busy.clear()
                member.stalled = False
                while member.published:
                    self.step(member)
                self.publish(member, "ok")
                while member.published:
                    self.step(member)
                self.check()
            self.time_passes(2.0)
        shares = [member.membership.owned for member in self.alive.values()]
        assert frozenset().union(*shares) == frozenset(range(SLOTS))


ACTIONS = {
    "step": 60,
    "work": 15,
    "rest": 10,
    "time": 12,
    "join": 4,
    "leave": 3,
    "crash": 0.5,
    "stall": 2,
    "resume": 4,
}
OUTCOMES = ("ok", "refused", "unanswered")


@given(st.integers(0, 2**32))
@settings(max_examples=int(os.environ.get("OPGEN_SHARDING_EXAMPLES", "60")))
def test_no_slot_ever_has_two_owners_and_in_the_end_each_has_one(seed: int) -> None:
    world = World(seed)
    for _ in range(400):
        world.act()
    world.settle()


def test_a_request_without_an_answer_counts_as_both_arrived_and_not() -> None:
    """Slots that the lost request gave away are left until a later one has claimed them again."""
    one = Membership("one")
    one.publishing(one.view)
    one.published(one.view)
    one.observe([], 0.0)
    other = Seen("other", frozenset({"one", "other"}), "1", LEASE)
    one.observe([other], 1.0)
    view = one.next_view(())
    one.publishing(view)  # and no answer comes
    assert one.observe([], 2.0) == frozenset(), "the other is gone, but may have seen us give way"
    assert one.owned == claims(frozenset({"one", "other"}), "one")
    one.publishing(one.next_view(()))
    one.published(one.view)
    one.observe([], 3.0)
    assert len(one.owned) == SLOTS
