"""Running an operator against a cluster, with the rights of its role and no others."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opgen.k8s import core_v1, rbac_v1
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.testing.errors import Document
from opgen.testing.manifests import read_documents

if TYPE_CHECKING:
    from opgen.runtime.manager import Manager

ACCOUNT = "opgen-operator"
DEPLOYED = "system"
"""The namespace in manifests that stands for the operator's own; kustomize replaces it."""
GROUP = "rbac.authorization.k8s.io"


def find_controllers(source: Any) -> tuple[Any, ...]:
    """The controllers of a package by name, of a module, or those given."""
    if isinstance(source, str):
        from opgen.api.discovery import discover

        return discover(source).controllers
    return tuple(source) if isinstance(source, Iterable) else (source,)


async def restricted_config(
    client: Client, config: ClusterConfig, role: Path | str | list[Document], namespace: str
) -> ClusterConfig:
    """A configuration with the token of a service account that has only the given roles."""
    account = {"metadata": {"name": ACCOUNT, "namespace": namespace}}
    await client.apply(core_v1.ServiceAccount, account, namespace)
    subject = {"kind": "ServiceAccount", "name": ACCOUNT, "namespace": namespace}
    for document in read_documents(role):
        if document["kind"].endswith("Binding"):  # all roles are bound to this account
            continue
        await _grant(client, document, subject, namespace)
    path = client.path(core_v1.ServiceAccount, ACCOUNT, namespace, "token")
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
    answer = await client.request("POST", path, body=request)
    return dataclasses.replace(
        config,
        token=answer["status"]["token"],
        client_certificate=None,
        client_key=None,
        source=f"the service account {namespace}/{ACCOUNT}",
    )


async def _grant(client: Client, role: Document, subject: Document, namespace: str) -> None:
    kind, name = role["kind"], role["metadata"]["name"]
    binding: Document = {
        "metadata": {"name": f"{ACCOUNT}-{name}"},
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": name},
        "subjects": [subject],
    }
    if kind == "ClusterRole":
        await client.apply(rbac_v1.ClusterRole, role)
        await client.apply(rbac_v1.ClusterRoleBinding, binding)
        return
    where = role["metadata"].get("namespace") or namespace
    if where == DEPLOYED:
        where = namespace
        role = role | {"metadata": role["metadata"] | {"namespace": namespace}}
    if where != namespace:
        await client.apply(core_v1.Namespace, {"metadata": {"name": where}})
    await client.apply(rbac_v1.Role, role, where)
    binding["metadata"]["namespace"] = where
    await client.apply(rbac_v1.RoleBinding, binding, where)


class RunningOperator:
    """An operator that runs until it is stopped."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it and wait until it works.

        Raises:
            Exception: what ended it before it worked.
        """
        self._task = asyncio.create_task(self.manager.run(self._stop))
        try:
            await self.manager.ready()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop it gracefully.

        Raises:
            Exception: what ended it before.
        """
        self._stop.set()
        if self._task is not None:
            await self._task

    @property
    def failure(self) -> BaseException | None:
        """What ended it, if something did."""
        if self._task is None or not self._task.done() or self._task.cancelled():
            return None
        return self._task.exception()
