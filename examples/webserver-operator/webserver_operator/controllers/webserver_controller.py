# SPDX-License-Identifier: Apache-2.0
"""The controller of WebServer."""

from __future__ import annotations

from opgen.k8s import apps_v1, core_v1
from opgen.runtime import Context, controller

from webserver_operator.api.v1.webserver_types import WebServer


@controller(WebServer, owns=(apps_v1.Deployment, core_v1.Service))
class WebServerController:
    """Runs a Deployment and a Service for every WebServer."""

    async def reconcile(self, obj: WebServer, ctx: Context) -> None:
        """Bring the cluster into the state that the spec asks for.

        Called whenever the WebServer, its Deployment or its Service changes, and again with
        growing delays after an exception. What is already as it should be is not written again.
        """
        deployment = await ctx.apply(self.deployment(obj))
        await ctx.apply(self.service(obj))
        self.observe(obj, deployment, ctx)

    def deployment(self, obj: WebServer) -> apps_v1.Deployment:
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
                "replicas": obj.spec.replicas,
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "containers": [
                            {
                                "name": "webserver",
                                "image": obj.spec.image,
                                "ports": [{"containerPort": obj.spec.port, "protocol": "TCP"}],
                                "securityContext": {"allowPrivilegeEscalation": False},
                            }
                        ],
                        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    },
                },
            },
        }

    def service(self, obj: WebServer) -> core_v1.Service:
        """The Service through which the pods are reached, inside the cluster and on every node."""
        port: core_v1.ServicePort = {
            "name": "http",
            "port": obj.spec.port,
            "targetPort": obj.spec.port,
            "protocol": "TCP",
        }
        if obj.spec.node_port is not None:
            port["nodePort"] = obj.spec.node_port
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
                "ports": [port],
            },
        }

    def labels(self, obj: WebServer) -> dict[str, str]:
        """Labels that select the pods of this object and of no other."""
        return {
            "app.kubernetes.io/name": "webserver",
            "app.kubernetes.io/instance": obj.metadata.name,
            "app.kubernetes.io/managed-by": "webserver-operator",
        }

    def observe(self, obj: WebServer, deployment: apps_v1.Deployment, ctx: Context) -> None:
        """Write down in the status what is seen of the Deployment."""
        status = deployment.get("status", {})
        ready = status.get("readyReplicas", 0)
        rolled_out = (
            status.get("observedGeneration") == deployment.get("metadata", {}).get("generation")
            and status.get("updatedReplicas", 0) == obj.spec.replicas
            and status.get("replicas", 0) == obj.spec.replicas
        )
        available = rolled_out and ready >= obj.spec.replicas
        obj.status.ready_replicas = ready
        obj.status.observed_generation = obj.metadata.generation or 0
        message = f"{ready} of {obj.spec.replicas} pods are ready"
        reason = "PodsReady" if available else "RollingOut"
        if ctx.set_condition(obj, "Available", available, reason=reason, message=message):
            ctx.event(reason, message)
