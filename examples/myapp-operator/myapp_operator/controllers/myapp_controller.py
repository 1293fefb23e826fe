# SPDX-License-Identifier: Apache-2.0
"""The controller of MyApp."""

from __future__ import annotations

from opgen.k8s import apps_v1
from opgen.runtime import Context, controller

from myapp_operator.api.v1alpha1.myapp_types import MyApp


@controller(MyApp, owns=(apps_v1.Deployment,))
class MyAppController:
    """Runs a Deployment for every MyApp."""

    async def reconcile(self, obj: MyApp, ctx: Context) -> None:
        """Bring the cluster into the state that the spec asks for."""
        deployment = await ctx.apply(self.deployment(obj))
        obj.status.ready_replicas = deployment.get("status", {}).get("readyReplicas", 0)

    def deployment(self, obj: MyApp) -> apps_v1.Deployment:
        """The Deployment that runs the pods."""
        labels = {
            "app.kubernetes.io/name": "myapp",
            "app.kubernetes.io/instance": obj.metadata.name,
            "app.kubernetes.io/managed-by": "myapp-operator",
        }
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
                                "name": "myapp",
                                "image": obj.spec.image,
                                "securityContext": {"allowPrivilegeEscalation": False},
                            }
                        ],
                        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                    },
                },
            },
        }
