"""What is counted and timed, under controller-runtime's names so that its dashboards fit.

Labels and buckets are controller-runtime's too, and what it shows as zero from the start is zero
here; tools/record_metrics.py records what it says. What it does not count has client-go's names
(`rest_client_…`) or begins with `opgen_`.

The runtime writes plain numbers; prometheus-client is imported only by a process that serves
`/metrics`, and reads them when somebody scrapes. Every manager has numbers of its own.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from operator import mul
from typing import Any

Labels = tuple[tuple[str, str], ...]

BUCKETS = (
    *(0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8),
    *(0.9, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25),
    *(30, 40, 50, 60),
)
"""Seconds. Source: controller-runtime's buckets of reconcile_time_seconds."""

QUEUE_BUCKETS = tuple(accumulate([10e-9, *[10.0] * 11], mul))
"""Seconds. Source: controller-runtime's buckets of the work queue's durations and of webhooks. They
are multiplied one by one, as Prometheus' client does it: that decides how 1e-05 is spelt.
"""
REQUEST_BUCKETS = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
"""Seconds. Source: client-go's buckets of rest_client_request_duration_seconds."""

HELP = {
    "controller_runtime_reconcile": "Reconciles per controller and result",
    "controller_runtime_reconcile_errors": "Reconciles that failed",
    "controller_runtime_terminal_reconcile_errors": "Reconciles that failed for good",
    "controller_runtime_reconcile_panics": "Reconciles that failed in a way nobody foresaw",
    "controller_runtime_reconcile_timeouts": "Reconciles that took too long",
    "controller_runtime_reconcile_time_seconds": "How long a reconcile takes",
    "controller_runtime_max_concurrent_reconciles": "How many reconciles may run at once",
    "controller_runtime_active_workers": "How many reconciles run",
    "workqueue_depth": "How many keys wait",
    "workqueue_adds": "How many keys were added",
    "workqueue_retries": "How many keys were added again after a failure",
    "workqueue_longest_running_processor_seconds": "How long the longest reconcile is running",
    "workqueue_unfinished_work_seconds": "How long all running reconciles have been running",
    "workqueue_queue_duration_seconds": "How long keys wait",
    "workqueue_work_duration_seconds": "How long the work on a key takes",
    "controller_runtime_webhook_requests": "Reviews that were answered, by HTTP status",
    "controller_runtime_webhook_requests_in_flight": "Reviews that are being answered",
    "controller_runtime_webhook_latency_seconds": "How long an answer to a review takes",
    "controller_runtime_webhook_panics": "Reviews that failed in a way nobody foresaw",
    "controller_runtime_conversion_webhook_panics": "Conversions that failed in such a way",
    "certwatcher_read_certificate": "How often a serving certificate was read from its files",
    "certwatcher_read_certificate_errors": "How often that failed",
    "rest_client_requests": "Requests to the API server, by method, host and status",
    "rest_client_request_duration_seconds": "How long the API server takes to answer",
    "rest_client_request_retries": "Requests sent again as the API server asked for",
    "rest_client_rate_limiter_duration_seconds": "How long requests wait for --kube-api-qps",
    "opgen_cache_objects": "How many objects are cached",
    "opgen_watch_events": "How many events the watch has brought",
    "opgen_watch_lists": "How often a kind was listed",
    "opgen_undecodable_objects": "Objects left out because they could not be decoded",
    "opgen_writes": "Requests that change something, sent by controllers",
    "opgen_writes_skipped": "Applies not sent because nothing would have changed",
    "opgen_events_dropped": "Kubernetes Events not sent",
    "opgen_shard_members": "How many replicas share the keys, as this one sees it",
    "opgen_shard_slots": "How many of the 512 parts of the keys this replica works on",
    "opgen_runnable_runs": "Runs of functions that are called again and again",
    "leader_election_master_status": "1 if this process is the leader",
}


_BOUNDS = {
    "workqueue_queue_duration_seconds": QUEUE_BUCKETS,
    "workqueue_work_duration_seconds": QUEUE_BUCKETS,
    "rest_client_request_duration_seconds": REQUEST_BUCKETS,
    "rest_client_rate_limiter_duration_seconds": REQUEST_BUCKETS,
    "controller_runtime_webhook_latency_seconds": QUEUE_BUCKETS,
}
_WITHOUT_LABELS = (
    "controller_runtime_webhook_panics",
    "controller_runtime_conversion_webhook_panics",
    "certwatcher_read_certificate",
    "certwatcher_read_certificate_errors",
)
_RESULTS = ("success", "error", "requeue", "requeue_after")
_FAILURES = ("reconcile_errors", "terminal_reconcile_errors", "reconcile_panics",
             "reconcile_timeouts")  # fmt: skip
_ANSWERS = ("200", "500")


@dataclass(slots=True)
class Histogram:
    """Durations, sorted into buckets."""

    bounds: tuple[float, ...] = BUCKETS
    counts: list[int] = field(default_factory=list)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def observe(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> Iterator[tuple[str, float]]:
        """Upper bounds with how many were at most that."""
        running = 0
        bounds = (*(str(bound).removesuffix(".0") for bound in self.bounds), "+Inf")
        for bound, count in zip(bounds, self.counts, strict=True):
            running += count
            yield bound, running


Gauge = Callable[[], Iterator[tuple[str, Labels, float]]]
"""Gives name, labels and value when somebody scrapes."""


class Metrics:
    """The numbers of one manager."""

    def __init__(self) -> None:
        self.counters: dict[tuple[str, Labels], float] = {}
        self.histograms: dict[tuple[str, Labels], Histogram] = {}
        self.gauges: list[Gauge] = []
        self.in_flight: dict[tuple[str, Labels], float] = {}
        """Numbers that go up and down."""
        for name in _WITHOUT_LABELS:
            self.count(name, 0)

    def expect_controller(self, name: str) -> None:
        """Show the counters of a controller that has done nothing yet."""
        for result in _RESULTS:
            self.count("controller_runtime_reconcile", 0, controller=name, result=result)
        for failure in _FAILURES:
            self.count(f"controller_runtime_{failure}", 0, controller=name)

    def expect_webhook(self, path: str) -> None:
        """Show the counters of a webhook that has answered nothing yet."""
        for code in _ANSWERS:
            self.count("controller_runtime_webhook_requests", 0, webhook=path, code=code)
        self.in_flight["controller_runtime_webhook_requests_in_flight", (("webhook", path),)] = 0

    def count(self, name: str, amount: float = 1, /, **labels: str) -> None:
        """Add to a counter."""
        key = (name, tuple(labels.items()))
        self.counters[key] = self.counters.get(key, 0) + amount

    def observe(self, name: str, seconds: float, /, **labels: str) -> None:
        """Add a duration to a histogram."""
        key = (name, tuple(labels.items()))
        if key not in self.histograms:
            self.histograms[key] = Histogram(_BOUNDS.get(name, BUCKETS))
        self.histograms[key].observe(seconds)

    def answered(self, method: str, host: str, status: int, seconds: float) -> None:
        """The API server has answered a request."""
        self.count("rest_client_requests", code=str(status), method=method, host=host)
        self.observe("rest_client_request_duration_seconds", seconds, verb=method, host=host)

    def retried(self, method: str, host: str, status: int) -> None:
        """A request is sent again after an answer that asked for it."""
        self.count("rest_client_request_retries", code=str(status), verb=method, host=host)

    def throttled(self, method: str, host: str, seconds: float) -> None:
        """A request has waited for our own limit."""
        self.observe("rest_client_rate_limiter_duration_seconds", seconds, verb=method, host=host)

    @contextmanager
    def reviewing(self, path: str) -> Iterator[Callable[[int], None]]:
        """A webhook is being answered meanwhile; call what is handed out with the HTTP status."""
        flying = ("controller_runtime_webhook_requests_in_flight", (("webhook", path),))
        self.in_flight[flying] = self.in_flight.get(flying, 0) + 1
        began = time.monotonic()

        def answered(status: int) -> None:
            self.count("controller_runtime_webhook_requests", webhook=path, code=str(status))

        try:
            yield answered
        finally:
            self.in_flight[flying] -= 1
            seconds = time.monotonic() - began
            self.observe("controller_runtime_webhook_latency_seconds", seconds, webhook=path)

    def value(self, name: str, /, **labels: str) -> float:
        """The value of a counter; 0 if it has never been added to."""
        return self.counters.get((name, tuple(labels.items())), 0)

    def render(self) -> tuple[bytes, str]:
        """Everything in the text format of Prometheus, and its content type."""
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Collector(self))  # type: ignore[arg-type, unused-ignore]
        return generate_latest(registry), CONTENT_TYPE_LATEST


class _Collector:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import (
            CounterMetricFamily,
            GaugeMetricFamily,
            HistogramMetricFamily,
        )

        counters = dict(self._metrics.counters)
        gauges = dict(self._metrics.in_flight)
        for source in self._metrics.gauges:
            for name, labels, value in source():
                target = counters if _is_counter(name) else gauges
                target[(name, labels)] = value
        yield from _families(CounterMetricFamily, counters)
        yield from _families(GaugeMetricFamily, gauges)
        families: dict[str, Any] = {}
        for (name, labels), histogram in self._metrics.histograms.items():
            if name not in families:
                names = [label for label, _ in labels]
                families[name] = HistogramMetricFamily(name, HELP[name], labels=names)
            values = [value for _, value in labels]
            families[name].add_metric(values, list(histogram.cumulative()), histogram.total)
        yield from families.values()


_COUNTERS = ("workqueue_adds", "workqueue_retries", "opgen_watch_", "opgen_undecodable_objects")


def _is_counter(name: str) -> bool:
    return name.startswith(_COUNTERS)


def _families(family: Any, samples: dict[tuple[str, Labels], float]) -> Iterator[Any]:
    families: dict[str, Any] = {}
    for (name, labels), value in samples.items():
        if name not in families:
            families[name] = family(name, HELP[name], labels=[label for label, _ in labels])
        families[name].add_metric([text for _, text in labels], value)
    yield from families.values()
