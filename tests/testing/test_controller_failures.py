"""A controller of the in-process server that breaks: the others go on, and the test is told."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import pytest

from opgen.k8s import core_v1
from opgen.testing import Cluster
from opgen.testing.controllers.loop import ControllerFailure
from opgen.testing.storage import Change, Key


class Broken:
    """Fails on every ConfigMap named `poison`."""

    watched = None

    def keys(self, change: Change) -> Iterable[Key]:
        if change.last.name == "no-keys":
            raise LookupError("no keys today")
        if change.last.name == "poison":
            yield change.last.key

    def reconcile(self, key: Key) -> None:
        raise ZeroDivisionError(f"cannot work on {key[1]}")


def config_map(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}


POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "p"},
    "spec": {"containers": [{"name": "c", "image": "i"}]},
}


def broken_cluster() -> Cluster:
    cluster = Cluster.start()
    cluster.server.machinery.controllers.add(Broken())
    return cluster


def failed(cluster: Cluster) -> bool:
    return bool(cluster.server.machinery.controllers.failures)


def test_eventually_tells_of_it(caplog: pytest.LogCaptureFixture) -> None:
    with broken_cluster() as cluster:
        cluster.create(config_map("poison"))
        with pytest.raises(ControllerFailure, match="Broken failed on default/poison") as raised:
            cluster.eventually(lambda: None)
        assert isinstance(raised.value.__cause__, ZeroDivisionError)
    (record,) = [item for item in caplog.records if item.levelno == logging.ERROR]
    assert record.exc_info is not None


def test_the_others_go_on() -> None:
    cluster = broken_cluster()
    cluster.create(config_map("poison"))
    cluster.create(POD)
    with pytest.raises(ControllerFailure):
        cluster.eventually(lambda: None)
    cluster.eventually(lambda: cluster.get(core_v1.Pod, "p")["status"]["phase"] == "Running")
    cluster.close()


def test_a_failure_nobody_saw_is_raised_at_the_end() -> None:
    cluster = broken_cluster()
    cluster.create(config_map("no-keys"))
    assert cluster.get(core_v1.ConfigMap, "no-keys")
    with pytest.raises(ControllerFailure, match="no keys today"):
        cluster.close()


def test_the_error_of_a_test_comes_first() -> None:
    with pytest.raises(AssertionError, match="the test's own"), broken_cluster() as cluster:
        cluster.create(config_map("no-keys"))
        assert failed(cluster)
        raise AssertionError("the test's own")
