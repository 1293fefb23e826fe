"""The WebServer operator as one writes it with kopf: the same children, the same status.

kopf run --all-namespaces --standalone benchmarks/kopf_operator.py
"""

from __future__ import annotations

import base64
import os
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import kopf
import yaml

LABEL = "app.kubernetes.io/managed-by"
OWNED = {LABEL: "webserver-operator"}


@kopf.on.startup()
async def begin(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    settings.posting.loggers = False
    settings.scanning.disabled = True
    config = yaml.safe_load(Path(os.environ["KUBECONFIG"]).read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    trust: ssl.SSLContext | bool = True
    if "certificate-authority-data" in cluster:
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        trust = ssl.create_default_context(cadata=authority)
    memo.session = aiohttp.ClientSession(
        cluster["server"],
        connector=aiohttp.TCPConnector(ssl=trust),
        headers={"Authorization": f"Bearer {user['token']}"},
    )
    memo.ready = {}


@kopf.on.cleanup()
async def end(memo: kopf.Memo, **_: Any) -> None:
    await memo.session.close()


@kopf.on.resume("my.domain", "v1", "webservers")
@kopf.on.create("my.domain", "v1", "webservers")
@kopf.on.update("my.domain", "v1", "webservers", field="spec")
async def reconcile(
    name: str, spec: Any, meta: Any, body: Any, patch: kopf.Patch, memo: kopf.Memo, **_: Any
) -> None:
    labels = OWNED | {"app.kubernetes.io/name": "webserver", "app.kubernetes.io/instance": name}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "labels": labels},
        "spec": {
            "replicas": spec["replicas"],
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [
                        {
                            "name": "webserver",
                            "image": spec["image"],
                            "ports": [{"containerPort": spec["port"], "protocol": "TCP"}],
                            "securityContext": {"allowPrivilegeEscalation": False},
                        }
                    ],
                    "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
                },
            },
        },
    }
    port = {"name": "http", "port": spec["port"], "targetPort": spec["port"], "protocol": "TCP"}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": f"{name}-service", "labels": labels},
        "spec": {"type": "NodePort", "selector": labels, "ports": [port]},
    }
    kopf.adopt([deployment, service])
    namespace = meta["namespace"]
    applied = await apply(
        memo.session, f"/apis/apps/v1/namespaces/{namespace}/deployments/{name}", deployment
    )
    await apply(memo.session, f"/api/v1/namespaces/{namespace}/services/{name}-service", service)
    memo.ready[namespace, name] = applied.get("status", {}).get("readyReplicas", 0)
    status = status_of(applied, spec["replicas"], meta["generation"])
    patch.status.update(status)
    available = status["conditions"][0]
    kopf.info(body, reason=available["reason"], message=available["message"])


@kopf.on.event("apps", "v1", "deployments", labels=OWNED)
async def observe(name: str, namespace: str, body: Any, memo: kopf.Memo, **_: Any) -> None:
    """Write the ready pods to the owner when they change, as the other operator does."""
    ready = body.get("status", {}).get("readyReplicas", 0)
    if memo.ready.get((namespace, name)) == ready:
        return
    memo.ready[namespace, name] = ready
    path = f"/apis/my.domain/v1/namespaces/{namespace}/webservers/{name}/status"
    headers = {"Content-Type": "application/merge-patch+json"}
    body = {"status": {"readyReplicas": ready}}
    async with memo.session.patch(path, json=body, headers=headers) as answer:
        answer.raise_for_status()


def status_of(deployment: Any, replicas: int, generation: int) -> dict[str, Any]:
    ready = deployment.get("status", {}).get("readyReplicas", 0)
    available = {
        "type": "Available",
        "status": str(ready >= replicas),
        "reason": "PodsReady" if ready >= replicas else "RollingOut",
        "message": f"{ready} of {replicas} pods are ready",
        "lastTransitionTime": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return {
        "readyReplicas": ready,
        "observedGeneration": generation,
        "conditions": [available],
    }


async def apply(session: aiohttp.ClientSession, path: str, body: Any) -> Any:
    headers = {"Content-Type": "application/apply-patch+yaml"}
    parameters = {"fieldManager": "kopf", "force": "true"}
    async with session.patch(path, json=body, params=parameters, headers=headers) as answer:
        answer.raise_for_status()
        return await answer.json()
