"""`opgen apiserver`: a Kubernetes API on this machine, to try things on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli import output

if TYPE_CHECKING:
    from opgen.runtime.config import ClusterConfig

KUBECONFIG = Path("kubeconfig")
LOOPBACK = "127.0.0.1"


def apiserver(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; any free one if 0.")] = 0,
    crds: Annotated[
        Path | None, typer.Option(help="A folder with CRDs to install at the start.")
    ] = None,
    kubeconfig: Annotated[Path, typer.Option(help="The kubeconfig file to write.")] = KUBECONFIG,
    tls: Annotated[
        bool, typer.Option("--tls", help="Speak HTTPS; users then need a certificate or token.")
    ] = False,
    bind_address: Annotated[
        str, typer.Option(help="The address to listen on; others than loopback need --tls.")
    ] = LOOPBACK,
) -> None:
    """Run a Kubernetes API server on the loopback interface.

    It runs until it is interrupted.
    """
    import asyncio

    from opgen.api.errors import Problems

    if not tls and not _is_loopback(bind_address):
        raise Problems.of(
            f"--bind-address {bind_address} lets others in, and without TLS everybody is an "
            "administrator",
            hint="add --tls",
        )
    asyncio.run(_serve(port, crds, kubeconfig, bind_address, tls=tls))


def _is_loopback(address: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


async def _serve(port: int, crds: Path | None, kubeconfig: Path, host: str, *, tls: bool) -> None:
    import asyncio
    import shlex
    from contextlib import AsyncExitStack

    from opgen.api.errors import Problems
    from opgen.cli.cluster import apply_crd, load_crds
    from opgen.runtime.client import Client
    from opgen.testing.kubeconfig import may_be_written
    from opgen.testing.server import ApiServer

    if not may_be_written(kubeconfig):
        raise Problems.of(
            f"--kubeconfig {str(kubeconfig)!r} is there already, and not from here",
            hint="pass another --kubeconfig",
        )
    documents = load_crds(crds) if crds else []
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(ApiServer(host, port, tls=tls))
        except OSError as error:
            raise Problems.of(
                f"--port {port} cannot be used: {error.strerror}",
                hint="pass another --port, or leave it out",
            ) from error
        client = await stack.enter_async_context(Client(server.config))
        for document in documents:
            await apply_crd(client, document)
        _write(kubeconfig, server.config)
        reach = "to this machine only" if _is_loopback(host) else f"to whoever reaches {host}"
        output.say(f"Serving at {server.config.server}, {reach}")
        output.show_next(
            f"export KUBECONFIG={shlex.quote(str(kubeconfig.resolve()))}", "kubectl api-resources"
        )
        await asyncio.Event().wait()


def _write(path: Path, config: ClusterConfig) -> None:
    from opgen.api.errors import Problems
    from opgen.testing.kubeconfig import write_kubeconfig

    try:
        write_kubeconfig(path, config)
    except OSError as error:
        raise Problems.of(
            f"--kubeconfig {str(path)!r} cannot be written: {error.strerror}",
            hint="pass another --kubeconfig",
        ) from error
