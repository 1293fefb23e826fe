"""The pytest plugin: the fixture `kube`, a fresh cluster for each test.

It is loaded in every run of pytest in an environment that has opgen, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from opgen.testing.cluster import Cluster


@pytest.fixture
def kube() -> Iterator[Cluster]:
    """A fresh in-process Kubernetes API, as a `Cluster`."""
    from opgen.testing.cluster import Cluster

    with Cluster.start() as cluster:
        yield cluster
