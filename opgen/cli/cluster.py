"""CRDs and a cluster: reading them, installing them, taking them away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opgen.api.errors import Location, Problem, Problems
from opgen.cli import output

if TYPE_CHECKING:
    from opgen.runtime.client import Client

CRD = "CustomResourceDefinition"
_CRD_HEAD = {"apiVersion": "apiextensions.k8s.io/v1", "kind": CRD}
ESTABLISHED_SECONDS = 30
_POLL_SECONDS = 0.1
_REFUSALS = {
    401: ("does not know who you are", "log in to the cluster again, or pass another --context"),
    403: (
        "does not allow you to do that",
        "ask for the right to {rights} customresourcedefinitions",
    ),
}


def load_crds(folder: Path) -> list[dict[str, Any]]:
    """The CRDs of a folder.

    Raises:
        Problems: there are none, or a file is no YAML.
    """
    documents = find_crds(folder)
    if not documents:
        raise Problems.of(f"there are no CRDs in {folder}", hint="run: opgen make manifests")
    return documents


def find_crds(folder: Path) -> list[dict[str, Any]]:
    """The CRDs of a folder, if there are any.

    Raises:
        Problems: a file is no YAML.
    """
    import yaml

    documents: list[dict[str, Any]] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            loaded = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise Problems.of(
                f"{path.name} is no YAML: {str(error).splitlines()[0]}",
                location=Location(str(path)),
                hint="run: opgen make manifests",
            ) from error
        documents += [one for one in loaded if isinstance(one, dict) and one.get("kind") == CRD]
    return documents


def for_each(
    documents: list[dict[str, Any]],
    act: Callable[[Client, dict[str, Any]], Awaitable[None]],
    kubeconfig: Path | None,
    context: str | None,
    rights: str = "get, patch and delete",
) -> None:
    """Do something with each CRD, after telling which cluster it is.

    Args:
        documents: The CRDs, of which the name may be all there is.
        act: What is done with each.
        kubeconfig: The kubeconfig; that of the environment if left out.
        context: The context of it; the current one if left out.
        rights: The verbs that are needed, for who does not have them.

    Raises:
        Problems: the cluster cannot be reached, or refuses.
    """
    from opgen.runtime.client import Client
    from opgen.runtime.config import load_config
    from opgen.runtime.errors import ApiError, Unreachable

    config = load_config(kubeconfig, context)
    output.say(f"Cluster: {config.server} ({config.source})")

    async def act_on_all() -> None:
        async with Client(config) as client:
            for document in documents:
                await act(client, document)

    try:
        asyncio.run(act_on_all())
    except Unreachable as error:
        raise Problems.of(
            str(error), hint="start the cluster, or pass another --context or --kubeconfig"
        ) from error
    except ApiError as error:
        raise _refused(config.server, error, rights) from error


def read_crds(
    names: list[str], kubeconfig: Path | None, context: str | None
) -> list[dict[str, Any]]:
    """The CRDs of these names that the cluster has.

    Raises:
        Problems: it does not have one of them, cannot be reached, or refuses.
    """
    from opgen.runtime.errors import ApiError

    found: list[dict[str, Any]] = []
    missing: list[Problem] = []

    async def read(client: Client, document: dict[str, Any]) -> None:
        name = document["metadata"]["name"]
        try:
            found.append({**_CRD_HEAD, **await client.get(_kind(), name)})
        except ApiError as error:
            if error.code != 404:
                raise
            hint = "see what it has: kubectl get crd; or pass the path of a file"
            missing.append(Problem(f"the cluster has no CRD {name}", hint=hint))

    for_each([{"metadata": {"name": name}} for name in names], read, kubeconfig, context, "get")
    if missing:
        raise Problems(missing)
    return found


async def require_crd(client: Client, document: dict[str, Any]) -> None:
    """Make sure that a CRD is installed.

    Raises:
        Problems: it is not.
    """
    from opgen.runtime.errors import ApiError

    spec = document["spec"]
    group, plural = spec["group"], spec["names"]["plural"]
    for version in [one["name"] for one in spec["versions"] if one["served"]]:
        try:
            served = await client.request("GET", f"/apis/{group}/{version}")
        except ApiError as error:
            if error.code != 404:
                raise
            served = {"resources": []}
        if all(one["name"] != plural for one in served["resources"]):
            raise Problems.of(
                f"the cluster has no {plural} of {group}/{version}", hint="run: opgen install"
            )


def _refused(server: str, error: Any, rights: str) -> Problems:
    what, hint = _REFUSALS.get(error.code, ("refuses", ""))
    message = f"the API server at {server} {what}: {error.message}"
    return Problems([Problem(message, hint=hint.format(rights=rights))])


async def install_crd(client: Client, document: dict[str, Any]) -> None:
    """Apply a CRD and say so."""
    name = document["metadata"]["name"]
    await apply_crd(client, document)
    print(f"customresourcedefinition.apiextensions.k8s.io/{name} installed")


async def apply_crd(client: Client, document: dict[str, Any]) -> None:
    """Apply a CRD and wait until its kind is served.

    Raises:
        Problems: it takes too long.
    """
    name = document["metadata"]["name"]
    await client.apply(_kind(), document)
    try:
        async with asyncio.timeout(ESTABLISHED_SECONDS):
            while not _established(await client.get(_kind(), name)):
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError as error:
        raise Problems.of(
            f"the API server does not serve {name} after {ESTABLISHED_SECONDS} seconds",
            hint=f"see: kubectl describe crd {name}",
        ) from error


async def uninstall_crd(client: Client, document: dict[str, Any]) -> None:
    """Delete a CRD, or say that it is not there."""
    from opgen.runtime.errors import ApiError

    name = document["metadata"]["name"]
    try:
        await client.delete(_kind(), name)
    except ApiError as error:
        if error.code != 404:
            raise
        print(f"customresourcedefinition.apiextensions.k8s.io/{name} is not there")
    else:
        print(f"customresourcedefinition.apiextensions.k8s.io/{name} deleted")


def _established(document: dict[str, Any]) -> bool:
    # A real API server sends null for a moment.
    conditions = document.get("status", {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _kind() -> Any:
    from opgen.k8s.kinds import BUILT_IN

    return next(one.kind for one in BUILT_IN if one.kind.kind == CRD)
