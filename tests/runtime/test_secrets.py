"""Tokens, passwords and keys are in no log, no error and no repr, whatever goes wrong."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest

from opgen.api import Problems
from opgen.k8s import core_v1
from opgen.runtime import Context, controller
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig, ExecPlugin, load_config
from opgen.runtime.credentials import Credentials, run_exec_plugin
from opgen.runtime.errors import ApiError, Unreachable
from opgen.runtime.manager import Manager, Options

SECRET = "Zm9yLXlvdXItZXllcy1vbmx5"
VERSION = "client.authentication.k8s.io/v1"


def printing(status: dict[str, Any], code: int = 0) -> ExecPlugin:
    """A plugin that prints an ExecCredential, and something on standard error."""
    document = json.dumps({"apiVersion": VERSION, "status": status})
    return ExecPlugin(
        command=sys.executable,
        args=("-c", f"print({document!r}); raise SystemExit({code})", SECRET),
        env=(("PASSWORD", SECRET),),
    )


KINDS: dict[str, dict[str, Any]] = {
    "token": {"token": SECRET},
    "password": {"username": "me", "password": SECRET},
    "plugin": {"exec_plugin": printing({"token": SECRET})},
    "plugin that fails": {"exec_plugin": printing({"token": SECRET}, 3)},
    "plugin that prints nonsense": {"exec_plugin": printing({"token": [SECRET]})},
    "line break": {"token": f"{SECRET}\n"},
    "proxy": {"proxy_url": f"http://me:{SECRET}@127.0.0.1:1"},
    "key": {"client_certificate": b"none", "client_key": SECRET.encode()},
}


@controller(core_v1.ConfigMap)
class Idle:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        return None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", [200, 401, 403, 500, 0])
def test_no_secret_is_told(
    kind: str,
    code: int,
    scripted: Any,
    run: Any,
    answer_status: Any,
    instant_clock: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With every answer, and without any (0)."""
    told: list[str] = []

    async def scenario() -> None:
        async with scripted() as server:
            if code not in (0, 200):
                server.watch_list = answer_status(code)
                server.routes[("GET", "/api/v1/configmaps")] = answer_status(code)
            url = server.config.server if code else "https://127.0.0.1:1"
            if kind == "key":
                url = url.replace("http://", "https://")
            config = ClusterConfig(server=url, **KINDS[kind])
            credentials = Credentials(config, instant_clock)
            manager = Manager(config, [Idle], Options(unreachable_timeout=0.0), clock=instant_clock)
            told.extend(map(repr, (config, credentials, manager, config.exec_plugin)))
            task = asyncio.ensure_future(manager.run())
            try:
                await manager.ready()
            except (ApiError, Unreachable, Problems) as error:
                told.extend([str(error), repr(error), *traceback.format_exception(error)])
            async with Client(config, clock=instant_clock) as client:
                try:
                    await client.list(core_v1.ConfigMap)
                except (ApiError, Unreachable, Problems) as error:
                    told.extend([str(error), repr(error), *traceback.format_exception(error)])
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    with caplog.at_level(logging.DEBUG):
        run(scenario())
    hidden = (SECRET, base64.b64encode(f"me:{SECRET}".encode()).decode())
    for text in (caplog.text, *told):
        assert not any(each in text for each in hidden)


def test_what_a_plugin_printed_is_not_shown(run: Any) -> None:
    async def scenario() -> str:
        plugin = printing({"token": SECRET, "clientCertificateData": "C", "clientKeyData": SECRET})
        return repr(await run_exec_plugin(plugin, ClusterConfig(server="https://host")))

    assert SECRET not in run(scenario())


@pytest.mark.parametrize("key", ["token", "password", "client-key-data", "client-certificate-data"])
def test_a_kubeconfig_of_wrong_types_is_not_repeated(key: str, tmp_path: Path) -> None:
    user = {key: [SECRET]}
    document = {
        "current-context": "dev",
        "contexts": [{"name": "dev", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://host"}}],
        "users": [{"name": "u", "user": user}],
    }
    path = tmp_path / "config"
    path.write_text(json.dumps(document))
    with pytest.raises(Problems) as problems:
        load_config(path)
    assert f"users[u].{key}" in str(problems.value)
    assert SECRET not in str(problems.value)
