"""A Kubernetes API server inside the test process.

It speaks real HTTP, so that the operator's own client, kubectl and a browser can talk to it. Its
behaviour is compared with a real kube-apiserver by the contract suite in `tests/contract`, which
runs on both.

`storage` keeps revisions, `resources` knows kinds and carries out writes, `objects` holds the pure
functions they need, `controllers` do what the rest of a control plane does, and `web` answers
requests. `Cluster` is the synchronous face that tests use.

Start reading at `opgen.testing.server`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opgen.testing.clock import ManualClock
    from opgen.testing.cluster import Cluster
    from opgen.testing.envtest import Envtest
    from opgen.testing.faults import Fault
    from opgen.testing.server import ApiServer

__all__ = ["ApiServer", "Cluster", "Envtest", "Fault", "ManualClock"]

_HOMES = {
    "ApiServer": "server",
    "Cluster": "cluster",
    "Envtest": "envtest",
    "Fault": "faults",
    "ManualClock": "clock",
}


def __getattr__(name: str) -> Any:
    """Import on first use: the pytest plugin is loaded in every test run."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
