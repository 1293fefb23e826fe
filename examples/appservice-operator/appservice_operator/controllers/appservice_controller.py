# SPDX-License-Identifier: Apache-2.0
"""The controller of AppService."""

from __future__ import annotations

from opgen.k8s import apps_v1, core_v1
from opgen.runtime import Context, controller

from appservice_operator.api.v1.appservice_types import AppService


@controller(AppService, owns=(apps_v1.Deployment, core_v1.Service))
class AppServiceController:
    """Runs a Deployment and a Service for every AppService."""

    async def reconcile(self, obj: AppService, ctx: Context) -> None:
        """Bring the cluster into the state that the spec asks for.

        Called whenever the AppService, its Deployment or its Service changes, and again with
        growing delays after an exception. What is already as it should be is not written again.
        """
        deployment = await ctx.apply(self.deployment(obj))
        if obj.spec.ports:
            await ctx.apply(self.service(obj))
        elif await ctx.get(core_v1.Service, f"{obj.metadata.name}-service"):
            await ctx.delete(core_v1.Service, f"{obj.metadata.name}-service")
        self.observe(obj, deployment, ctx)

    def deployment(self, obj: AppService) -> apps_v1.Deployment:
        """The Deployment that runs the pods."""
        labels = self.labels(obj)
        return {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {
                "name": obj.metadata.name,
                "namespace": obj.metadata.namespace or "",
                "labels": labels,
            },
            "spec": {
                "replicas": obj.spec.size,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "containers": [self.container(obj)],
                        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    },
                },
            },
        }

    def container(self, obj: AppService) -> core_v1.Container:
        """The container that every pod runs."""
        container: core_v1.Container = {
            "name": "appservice",
            "image": obj.spec.image,
            "env": obj.spec.envs,
            "ports": [self.container_port(port) for port in obj.spec.ports],
            "securityContext": {"allowPrivilegeEscalation": False},
        }
        if obj.spec.resources is not None:
            container["resources"] = obj.spec.resources
        return container

    def container_port(self, port: core_v1.ServicePort) -> core_v1.ContainerPort:
        """The port of the container behind a port of the Service."""
        target = port.get("targetPort", port["port"])
        return {
            "containerPort": target if isinstance(target, int) else port["port"],
            "protocol": port.get("protocol", "TCP"),
        }

    def service(self, obj: AppService) -> core_v1.Service:
        """The Service through which the pods are reached, inside the cluster and on every node."""
        return {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": f"{obj.metadata.name}-service",
                "namespace": obj.metadata.namespace or "",
                "labels": self.labels(obj),
            },
            "spec": {
                "type": "NodePort",
                "selector": self.labels(obj),
                "ports": obj.spec.ports,
            },
        }

    def labels(self, obj: AppService) -> dict[str, str]:
        """Labels that select the pods of this object and of no other."""
        return {
            "app.kubernetes.io/name": "appservice",
            "app.kubernetes.io/instance": obj.metadata.name,
            "app.kubernetes.io/managed-by": "appservice-operator",
        }

    def observe(self, obj: AppService, deployment: apps_v1.Deployment, ctx: Context) -> None:
        """Write down in the status what is seen of the Deployment."""
        status = deployment.get("status", {})
        ready = status.get("readyReplicas", 0)
        rolled_out = (
            status.get("observedGeneration") == deployment.get("metadata", {}).get("generation")
            and status.get("updatedReplicas", 0) == obj.spec.size
            and status.get("replicas", 0) == obj.spec.size
        )
        available = rolled_out and ready >= obj.spec.size
        obj.status.deployment = status
        obj.status.ready_replicas = ready
        obj.status.observed_generation = obj.metadata.generation or 0
        message = f"{ready} of {obj.spec.size} pods are ready"
        reason = "PodsReady" if available else "RollingOut"
        if ctx.set_condition(obj, "Available", available, reason=reason, message=message):
            ctx.event(reason, message)
