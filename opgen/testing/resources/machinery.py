"""All parts of the API machinery, put together: the server without HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from opgen.testing.clock import Clock, timestamp
from opgen.testing.controllers.aggregation import AggregationController
from opgen.testing.controllers.cron_jobs import CronJobController
from opgen.testing.controllers.definitions import DefinitionController
from opgen.testing.controllers.garbage import GarbageCollector
from opgen.testing.controllers.loop import ControllerLoop
from opgen.testing.controllers.namespaces import NamespaceController, NamespaceStrategy
from opgen.testing.controllers.protection import ProtectionController
from opgen.testing.controllers.workloads import workload_controllers
from opgen.testing.resources import bootstrap
from opgen.testing.resources.accounts import Authenticator
from opgen.testing.resources.cluster_kinds import CLUSTER_STRATEGIES
from opgen.testing.resources.config_data import ConfigMapStrategy, SecretStrategy
from opgen.testing.resources.crds import CRDS, CrdStrategy
from opgen.testing.resources.escalation import Escalation
from opgen.testing.resources.event_rules import EventStrategy
from opgen.testing.resources.images import Images
from opgen.testing.resources.initial_states import FINALIZERS, STATUSES
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.rbac import Authorizer
from opgen.testing.resources.registry import Registry, ResourceType
from opgen.testing.resources.reviews import Reviews
from opgen.testing.resources.role_rules import ClusterRoleStrategy, RoleStrategy
from opgen.testing.resources.services import ServiceStrategy
from opgen.testing.resources.strategies import (
    CustomResource,
    LeaseStrategy,
    NoGeneration,
    Strategy,
    Upsert,
)
from opgen.testing.resources.workload_rules import WORKLOAD_STRATEGIES
from opgen.testing.storage import GroupResource, Store
from opgen.testing.webhooks.conditions import ConfigurationStrategy

# Kinds whose objects have a generation: those with a spec that a controller answers in status.
_COUNTED = {
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("", "pods"),
    ("", "podtemplates"),
    ("", "replicationcontrollers"),
    ("discovery.k8s.io", "endpointslices"),
    ("networking.k8s.io", "ingressclasses"),
    ("scheduling.k8s.io", "priorityclasses"),
}
_RBAC = "rbac.authorization.k8s.io"
_STORAGE, _ADMISSION = "storage.k8s.io", "admissionregistration.k8s.io"
# What kinds do otherwise than most. Source: the strategies in Kubernetes' pkg/registry.
_TRAITS: Mapping[tuple[str, bool], Iterable[GroupResource]] = {
    ("create_on_update", True): [
        ("node.k8s.io", "runtimeclasses"),
        *((_RBAC, name) for name in ("roles", "rolebindings")),
        *((_RBAC, name) for name in ("clusterroles", "clusterrolebindings")),
    ],
    ("returns_deleted", True): [
        *((_STORAGE, name) for name in ("csidrivers", "storageclasses", "volumeattachments")),
        *((_STORAGE, name) for name in ("csinodes", "volumeattributesclasses")),
        *(("resource.k8s.io", name) for name in ("resourceclaims", "resourceslices")),
        *(("resource.k8s.io", name) for name in ("resourceclaimtemplates", "deviceclasses")),
        *(("", name) for name in ("resourcequotas", "persistentvolumes", "serviceaccounts")),
        *(("", name) for name in ("persistentvolumeclaims", "pods", "podtemplates")),
    ],
    ("orphans_dependents", True): [("", "replicationcontrollers")],
    ("checks_metadata_again", False): [
        ("batch", "cronjobs"),
        ("autoscaling", "horizontalpodautoscalers"),
        ("coordination.k8s.io", "leases"),
        ("networking.k8s.io", "networkpolicies"),
        ("policy", "poddisruptionbudgets"),
        ("scheduling.k8s.io", "priorityclasses"),
        (_STORAGE, "csidrivers"),
        *((_ADMISSION, f"{name}webhookconfigurations") for name in ("mutating", "validating")),
        *(("", name) for name in ("replicationcontrollers", "services")),
        *(("apps", name) for name in ("daemonsets", "deployments", "replicasets", "statefulsets")),
    ],
    ("compares_metadata_again", False): [("policy", "poddisruptionbudgets"), ("", "limitranges")],
    ("unconditional_update", False): [
        ("node.k8s.io", "runtimeclasses"),
        ("policy", "poddisruptionbudgets"),
        ("coordination.k8s.io", "leases"),
        *((_STORAGE, name) for name in ("csidrivers", "csistoragecapacities")),
        *((_STORAGE, name) for name in ("volumeattachments", "csinodes")),
        *((_ADMISSION, name) for name in ("validatingadmissionpolicies",)),
        (_ADMISSION, "validatingadmissionpolicybindings"),
    ],
}
_KUBELET = WriteOptions(manager="kubelet")
_UPSERTED = {
    ("", "endpoints"),
    ("", "limitranges"),
}


class Machinery:
    """Store, registry, operations, controllers and access control of one server."""

    def __init__(self, clock: Clock | None = None, *, control_plane: bool = True) -> None:
        self.clock = clock or Clock()
        self.store = Store()
        self.registry = Registry()
        self.images = Images()
        self._crds = CrdStrategy(self.registry, self.clock)
        self._strategies = self._table()
        self.operations = Operations(self.store, self.registry, self.strategy, self.clock)
        self.authenticator = Authenticator(self.store, self.clock)
        self.authorizer = Authorizer(self.store)
        self.escalation = Escalation(self.store, self.authorizer)
        self.reviews = Reviews(self.authenticator, self.authorizer)
        self.controllers = ControllerLoop(self.store, self.clock)
        self.controllers.add(DefinitionController(self.operations, self._crds))
        if control_plane:
            self.controllers.add(
                NamespaceController(self.operations),
                AggregationController(self.operations),
                *workload_controllers(self.operations, self.images),
                CronJobController(self.operations, self.controllers.again),
                ProtectionController(self.operations),
                GarbageCollector(self.operations),
            )
        complete(self._fill(with_node=control_plane))

    def _table(self) -> dict[GroupResource, Strategy]:
        table: dict[GroupResource, Strategy] = {resource: Strategy() for resource in _COUNTED}
        table |= {resource: Upsert() for resource in _UPSERTED}
        table |= WORKLOAD_STRATEGIES
        table["coordination.k8s.io", "leases"] = LeaseStrategy()
        table["", "namespaces"] = NamespaceStrategy()
        table["", "events"] = table["events.k8s.io", "events"] = EventStrategy()
        table["", "secrets"] = SecretStrategy()
        table["", "configmaps"] = ConfigMapStrategy()
        table["", "services"] = ServiceStrategy()
        table |= CLUSTER_STRATEGIES
        table[_RBAC, "roles"] = RoleStrategy()
        table[_RBAC, "clusterroles"] = ClusterRoleStrategy()
        table[_ADMISSION, "mutatingwebhookconfigurations"] = ConfigurationStrategy()
        table[_ADMISSION, "validatingwebhookconfigurations"] = ConfigurationStrategy()
        table[CRDS] = self._crds
        for trait, resources in _TRAITS.items():
            for resource in resources:
                setattr(table.setdefault(resource, NoGeneration()), *trait)
        for resource, status in STATUSES.items():
            table.setdefault(resource, NoGeneration()).status = status
        for resource, finalizer in FINALIZERS.items():
            table.setdefault(resource, NoGeneration()).finalizer = finalizer
        return table

    def strategy(self, resource_type: ResourceType) -> Strategy:
        """What is particular to a kind."""
        if resource_type.custom:
            return CustomResource.INSTANCE
        return self._strategies.get(resource_type.resource, NoGeneration.INSTANCE)

    async def _fill(self, *, with_node: bool) -> None:
        options = WriteOptions(manager="kube-apiserver")
        for group, plural, document in bootstrap.objects():
            resource_type = self.registry.of_resource((group, plural))
            assert resource_type is not None
            namespace = document["metadata"].get("namespace", "")
            await self.operations.create(resource_type, namespace, document, options)
        if with_node:
            await self._add_node()
        await self.controllers.settle()

    async def _add_node(self) -> None:
        """Make the node, and then have it ready, as a kubelet does."""
        nodes = self.registry.of_resource(("", "nodes"))
        assert nodes is not None
        node = bootstrap.node(timestamp(self.clock.now()))
        await self.operations.create(nodes, "", {"metadata": node["metadata"]}, _KUBELET)
        ready = {name: node[name] for name in ("spec", "status")}
        await self.operations.system_patch(nodes, "", bootstrap.NODE, lambda old: old | ready)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run the controllers in a loop."""
        self.controllers.start(loop)

    async def stop(self) -> None:
        """Stop the controllers, and close the connections to webhooks."""
        await self.controllers.stop()
        await self.operations.webhooks.close()


def complete(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that has nothing to wait for, outside of any event loop.

    Raises:
        RuntimeError: it waits.
    """
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the coroutine waits for something")
