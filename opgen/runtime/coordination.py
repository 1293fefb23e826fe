"""When this replica works, and on what: alone, as the elected leader, or on its share of the keys.

The manager asks one of three objects with the same methods, so that it need not know which it is.
What the controllers write goes through a fence: a replica that was paused or cut off for longer
than its Lease allows sends nothing more, not even what it was about to send.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from opgen.api.controllers import PolicyRule
from opgen.api.errors import Problems
from opgen.runtime.client import Client
from opgen.runtime.clock import Clock
from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import LeaseLost
from opgen.runtime.leader import LEASE, LeaderElector
from opgen.runtime.metrics import Labels
from opgen.runtime.options import Options
from opgen.runtime.sharding import replica as sharding
from opgen.runtime.sharding.ring import slot_of
from opgen.runtime.store import Key

Gauges = Iterator[tuple[str, Labels, float]]


class Work(Protocol):
    """What coordination asks of the controllers."""

    @abstractmethod
    def busy(self) -> Iterable[Key]:
        """The keys that are being worked on."""

    @abstractmethod
    def requeue(self, wanted: Callable[[Key], bool]) -> None:
        """Put all keys that are wanted into the queues."""


class Coordination(Protocol):
    """One replica's part among all replicas."""

    @abstractmethod
    async def begin(self) -> None:
        """Wait until this replica may work."""

    @abstractmethod
    async def hold(self) -> None:
        """Go on until that is over; raises Problems then."""

    @abstractmethod
    async def end(self) -> None:
        """Let others go on at once, and close all connections."""

    @abstractmethod
    def holds(self) -> bool:
        """Whether this replica may work now."""

    @abstractmethod
    def fence(self) -> None:
        """Raises LeaseLost when nothing may be written now."""

    @abstractmethod
    def owns(self, key: Key) -> bool:
        """Whether a key is this replica's to work on."""

    @abstractmethod
    def rules(self) -> tuple[PolicyRule, ...]:
        """The rights that it takes."""

    @abstractmethod
    def gauges(self) -> Gauges:
        """Numbers for whoever watches."""


def coordination(
    options: Options, config: ClusterConfig, identity: str, work: Work, clock: Clock
) -> Coordination | None:
    """The part that options ask for; None if nobody else is reckoned with.

    Raises:
        Problems: they ask for two at once.
    """
    if options.leader_election and options.shards:
        raise Problems.of(
            "a replica is either the leader of all or works on its share of the keys",
            hint="choose leader election or shards, not both",
        )
    if options.leader_election:
        return Elected(options, config, identity, clock)
    if options.shards:
        return Sharded(options, config, identity, work, clock)
    return None


class Elected:
    """One of all replicas works; the others stand by."""

    def __init__(
        self, options: Options, config: ClusterConfig, identity: str, clock: Clock
    ) -> None:
        self._name = options.leader_election
        self._namespace = options.leader_namespace or config.namespace
        # Connections of its own: a busy or limited client must not delay the renewal.
        self._client = Client(config, clock=clock)
        self._elector = LeaderElector(
            self._client,
            self._name,
            identity,
            namespace=self._namespace,
            timing=options.election,
            clock=clock,
        )

    async def begin(self) -> None:
        """Wait until this replica is the leader."""
        await self._elector.acquire()

    async def hold(self) -> None:
        """Renew the Lease until it is lost; raises Problems then."""
        await self._elector.hold()
        raise Problems.of(
            "the lease was lost: another replica may be the leader now",
            hint="this process ends so that two leaders never work at once; it may be restarted",
        )

    async def end(self) -> None:
        """Give the Lease back."""
        await self._elector.release()
        await self._client.close()

    def holds(self) -> bool:
        """Whether this replica is the leader now."""
        return self._elector.holds()

    def fence(self) -> None:
        """Raises LeaseLost when this replica may not be the leader any more."""
        if not self.holds():
            raise LeaseLost(self._client.config.server, f"{self._namespace}/{self._name}")

    def owns(self, key: Key) -> bool:
        """Every key is the leader's."""
        return True

    def rules(self) -> tuple[PolicyRule, ...]:
        """The rights that election takes."""
        verbs = ("create", "get", "update")
        return (
            PolicyRule(
                groups=(LEASE.group,),
                resources=("leases",),
                verbs=verbs,
                namespace=self._namespace,
            ),
        )

    def gauges(self) -> Gauges:
        """Whether this is the leader."""
        labels: Labels = (("name", self._name),)
        yield "leader_election_master_status", labels, float(self._elector.is_leader)


class Sharded:
    """All replicas work, each on its share of the keys."""

    def __init__(
        self, options: Options, config: ClusterConfig, identity: str, work: Work, clock: Clock
    ) -> None:
        self._name = options.shards
        self._namespace = options.leader_namespace or config.namespace
        self._work = work
        self._client = Client(config, clock=clock)
        self._replica = sharding.Replica(
            self._client,
            self._name,
            identity,
            namespace=self._namespace,
            busy=work.busy,
            gained=self._gained,
            timing=options.election,
            clock=clock,
        )

    async def begin(self) -> None:
        """Become a member; which keys are ours will be seen."""
        await self._replica.join()

    async def hold(self) -> None:
        """Take part until that cannot go on; raises Problems then."""
        await self._replica.run()

    async def end(self) -> None:
        """Give the Lease back."""
        await self._replica.leave()
        await self._client.close()

    def holds(self) -> bool:
        """Whether this replica is a member now."""
        return self._replica.holds()

    def fence(self) -> None:
        """Raises LeaseLost when others may have taken over our share."""
        if not self.holds():
            raise LeaseLost(self._client.config.server, f"{self._namespace}/{self._name}")

    def owns(self, key: Key) -> bool:
        """Whether a key is in our share."""
        return self._replica.owns(key)

    def rules(self) -> tuple[PolicyRule, ...]:
        """The rights that a member needs."""
        return sharding.rules(self._namespace)

    def gauges(self) -> Gauges:
        """How many members there are, and how much is ours."""
        membership, labels = self._replica.membership, (("name", self._name),)
        yield "opgen_shard_members", labels, len(membership.view)
        yield "opgen_shard_slots", labels, len(membership.owned)

    def _gained(self, slots: frozenset[int]) -> None:
        self._work.requeue(lambda key: slot_of(*key) in slots)
