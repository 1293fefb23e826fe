"""How a manager runs, as plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opgen.runtime.leader import ElectionTiming
from opgen.runtime.reflector import Timing
from opgen.runtime.watchdog import PATIENCE_SECONDS

if TYPE_CHECKING:
    from opgen.runtime.webhooks.rotation import SelfSigned


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a manager runs. Times are in seconds.

    Attributes:
        namespace: Only look at this namespace, or at several with commas between; empty for all.
        probe_address: Where /healthz and /readyz are served; `0` for nowhere.
        metrics_address: Where /metrics is served; `0` for nowhere.
        metrics_certificates: The folder with tls.crt and tls.key for /metrics. With it, metrics are
            for those only whose token the API server knows and whose role allows `get /metrics`.
        metrics_secure: Without that folder, make a certificate for /metrics and ask for a token all
            the same, unless the address can be reached from this machine alone.
        debug_address: Where the debug page is served, on loopback only; `0` for nowhere.
        webhook_address: Where webhooks are served, if there are any; `0` for nowhere.
        webhook_certificates: The folder with tls.crt and tls.key; the usual one if empty.
        webhook_self_signed: How the operator makes the webhooks' certificates itself; None if they
            are mounted.
        leader_election: The name of the Lease that replicas compete for; empty for no competition.
        shards: The name of the Leases with which replicas share the keys; empty if they do not.
        leader_namespace: Where the Leases live; that of the configuration if empty.
        sync_timeout: How long to wait for the caches at the start.
        unreachable_timeout: How long to wait at the start for a server that does not answer.
        shutdown_timeout: How long running reconciles may take to finish at the end.
        reconcile_timeout: How long a reconcile may take whose controller does not say so; None for
            as long as it likes.
        blocked_timeout: How long the event loop may be blocked before a warning; 0 for no warning.
        requests_per_second: How many requests to send at most, on average; 0 for no limit, which
            leaves it to the server to be fair.
        request_burst: How many requests may be sent at once before that limit is felt.
        check_access: Ask at the start whether the controllers have the rights they need.
    """

    namespace: str = ""
    probe_address: str = "0"
    metrics_address: str = "0"
    metrics_certificates: str = ""
    metrics_secure: bool = False
    debug_address: str = "0"
    webhook_address: str = "0"
    webhook_certificates: str = ""
    webhook_self_signed: SelfSigned | None = None
    leader_election: str = ""
    shards: str = ""
    leader_namespace: str = ""
    sync_timeout: float = 120.0
    unreachable_timeout: float = 10.0
    shutdown_timeout: float = 30.0
    reconcile_timeout: float | None = None
    blocked_timeout: float = PATIENCE_SECONDS
    requests_per_second: float = 0.0
    request_burst: int = 30
    check_access: bool = False
    watch: Timing = field(default_factory=Timing)
    election: ElectionTiming = field(default_factory=ElectionTiming)

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces to look at; none for all."""
        names = (name.strip() for name in self.namespace.split(","))
        return tuple(dict.fromkeys(name for name in names if name))
