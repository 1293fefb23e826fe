"""`opgen apiserver`: a Kubernetes API on this machine, to try things on."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opgen.cli import output

if TYPE_CHECKING:
    from opgen.runtime.config import ClusterConfig

KUBECONFIG = Path("kubeconfig")


def apiserver(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; any free one if 0.")] = 0,
    crds: Annotated[
        Path | None, typer.Option(help="A folder with CRDs to install at the start.")
    ] = None,
    kubeconfig: Annotated[Path, typer.Option(help="The kubeconfig file to write.")] = KUBECONFIG,
) -> None:
    """Run a Kubernetes API server on the loopback interface until it is interrupted."""
    asyncio.run(_serve(port, crds, kubeconfig))


async def _serve(port: int, crds: Path | None, kubeconfig: Path) -> None:
    from opgen.cli.install import apply_crd, load_crds
    from opgen.runtime.client import Client
    from opgen.testing import ApiServer

    documents = load_crds(crds) if crds else []
    async with ApiServer(port=port) as server:
        kubeconfig.write_text(kubeconfig_of(server.config), encoding="utf-8")
        async with Client(server.config) as client:
            for document in documents:
                await apply_crd(client, document)
        output.say(f"Serving at {server.config.server}")
        output.show_next(
            f"export KUBECONFIG={kubeconfig.resolve()}",
            "kubectl api-resources",
        )
        await asyncio.Event().wait()


def kubeconfig_of(config: ClusterConfig) -> str:
    """A kubeconfig with one context, as JSON, which is YAML as well."""
    cluster: dict[str, Any] = {"server": config.server}
    if config.ca:
        cluster["certificate-authority-data"] = base64.b64encode(config.ca).decode()
    user = {"token": config.token} if config.token else {}
    name = "opgen"
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }
    return json.dumps(document, indent=2) + "\n"
