"""A cluster that many tests share: each has a namespace of its own."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from opgen.k8s import core_v1
from opgen.runtime.config import ClusterConfig
from opgen.testing.cluster import Cluster


@contextmanager
def in_new_namespace(config: ClusterConfig) -> Iterator[Cluster]:
    """A `Cluster` whose default namespace is new; the namespace is deleted in the end.

    CRDs that a test installs stay: they belong to the whole cluster.
    """
    name = f"test-{uuid.uuid4().hex[:10]}"
    with Cluster(dataclasses.replace(config, namespace=name)) as cluster:
        cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        try:
            yield cluster
        finally:
            cluster.delete(core_v1.Namespace, name)
