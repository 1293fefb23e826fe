"""The API server calls the operator's webhooks, before, while and after certificates change."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opgen.api import CustomResource, Problem, Problems, ResourceKind, resource
from opgen.api.self_signed import WebhookNames
from opgen.runtime import AdmissionRequest, Context, Denied, controller, converter, webhook
from opgen.runtime.client import Client
from opgen.runtime.clock import SystemClock
from opgen.runtime.errors import ApiError
from opgen.runtime.manager import Manager, Options
from opgen.runtime.webhooks.issuing import split
from opgen.runtime.webhooks.rotation import SECRET, SelfSigned
from opgen.runtime.webhooks.trust import DEFINITION, MUTATING, VALIDATING
from opgen.schema import Options as SchemaOptions
from opgen.schema import crds

GROUP = "certificates.example.com"
RAFTS, OLD_RAFTS = (ResourceKind(GROUP, v, "Raft", "rafts") for v in ("v2", "v1"))


@dataclass(kw_only=True)
class RaftSpec:
    metres: int = 2
    name: str | None = None


@resource(group=GROUP, version="v2", storage=True)
@dataclass(kw_only=True)
class Raft(CustomResource[RaftSpec, None]):
    """A raft."""


@dataclass(kw_only=True)
class OldSpec:
    feet: int = 6


class V1:
    """What would be a module of its own: both versions are named Raft."""

    @resource(group=GROUP, version="v1")
    @dataclass(kw_only=True)
    class Raft(CustomResource[OldSpec, None]):
        """A raft, as it used to be."""


OldRaft = V1.Raft


@webhook(Raft, operations=("CREATE", "UPDATE", "DELETE"))
class RaftWebhook:
    dry_runs = 0

    async def default(self, obj: Raft, request: AdmissionRequest) -> None:
        obj.spec.name = obj.spec.name or "unnamed"

    async def validate(self, obj: Raft, old: Raft | None, request: AdmissionRequest) -> None:
        type(self).dry_runs += request.dry_run
        request.audit_annotations["metres"] = str(obj.spec.metres)
        if obj.spec.metres > 50:
            raise Problems([Problem("at most 50", field="spec.metres")])
        if old is not None and obj.spec.metres < old.spec.metres:
            raise Denied("rafts do not shrink", code=409, reason="Conflict")
        if obj.spec.metres > 20:
            request.warnings.append("that is a ship")


@converter(OldRaft, hub=Raft)
class RaftConverter:
    def to_hub(self, obj: OldRaft) -> Raft:
        return Raft(spec=RaftSpec(metres=obj.spec.feet // 3))

    def from_hub(self, obj: Raft) -> OldRaft:
        return OldRaft(spec=OldSpec(feet=obj.spec.metres * 3))


@controller(Raft)
class Idle:
    async def reconcile(self, obj: Raft, ctx: Context) -> None:
        return None


class Calendar(SystemClock):
    """Real durations, and the date that the test wants."""

    def __init__(self) -> None:
        self.days = timedelta()

    def wall(self) -> datetime:
        return datetime.now(UTC) + self.days


def raft(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": spec}


async def define(client: Client) -> None:
    """The kind, with a conversion that nobody serves yet."""
    converted = SchemaOptions(converted=frozenset({(GROUP, "Raft")}))
    (document,) = crds([Raft, OldRaft], converted).documents
    await client.create(DEFINITION, document)


async def undefine(client: Client) -> None:
    """Delete the kind and wait until it is gone, with all its objects."""
    await client.delete(DEFINITION, f"rafts.{GROUP}")
    while any(each["metadata"]["name"].endswith(GROUP) for each in await client.list(DEFINITION)):
        await asyncio.sleep(0.05)


async def point(client: Client, name: str, port: int) -> None:
    """Tell the API server where the webhooks are, and nothing of whom to trust."""
    url = f"https://127.0.0.1:{port}"
    for kind, verb in ((MUTATING, "mutate"), (VALIDATING, "validate")):
        operations = ["CREATE", "UPDATE"] + (["DELETE"] if verb == "validate" else [])
        hook = {
            "name": f"{verb}.{GROUP}",
            "clientConfig": {"url": f"{url}/{verb}-{GROUP.replace('.', '-')}-v2-raft"},
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
            "rules": [
                {
                    "apiGroups": [GROUP],
                    "apiVersions": ["v2"],
                    "resources": ["rafts"],
                    "operations": operations,
                }
            ],
        }
        await client.create(kind, {"metadata": {"name": name}, "webhooks": [hook]})
    conversion = {"clientConfig": {"url": f"{url}/convert", "service": None}}
    body = {"spec": {"conversion": {"webhook": conversion}}}
    await client.patch(DEFINITION, f"rafts.{GROUP}", body)


@asynccontextmanager
async def serving(it: Any, clock: Calendar) -> AsyncIterator[Manager]:
    """An operator whose webhooks the API server calls."""
    await define(it.client)
    names = WebhookNames(
        secret="op-webhook-server-cert",
        mutating=(it.namespace,),
        validating=(it.namespace,),
        definitions=(f"rafts.{GROUP}",),
    )
    # A real API server takes notice of a changed caBundle with a delay.
    settle = 0.5 if it.server is not None else 5.0
    signed = SelfSigned(
        names=names, hosts=("127.0.0.1",), namespace=it.namespace, interval=0.1, settle=settle
    )
    options = Options(
        webhook_address="127.0.0.1:0", webhook_self_signed=signed, namespace=it.namespace
    )
    manager = Manager(
        it.config, [Idle], options, webhooks=[RaftWebhook, RaftConverter], clock=clock
    )
    stop = asyncio.Event()
    task = asyncio.ensure_future(manager.run(stop))
    try:
        while manager.webhook_server is None or not manager.webhook_server.port:
            await asyncio.sleep(0.01)
        await point(it.client, it.namespace, manager.webhook_server.port)
        await manager.ready()
        yield manager
    finally:
        for kind in (MUTATING, VALIDATING):
            await it.client.delete(kind, it.namespace)
        await undefine(it.client)
        stop.set()
        await task


async def created(it: Any, name: str, **spec: Any) -> dict[str, Any]:
    """Create a raft as soon as the API server can call the webhooks."""
    while True:
        try:
            answer: dict[str, Any] = await it.client.create(RAFTS, raft(name, **spec), it.namespace)
        except ApiError as error:
            if "failed calling webhook" not in error.message and error.code != 404:
                raise
            await asyncio.sleep(0.05)
        else:
            return answer


def test_the_api_server_defaults_validates_and_converts(target: Any, run: Any) -> None:
    async def scenario() -> None:
        async with target() as it, serving(it, Calendar()):
            made = await created(it, "a", metres=5)
            assert made["spec"] == {"metres": 5, "name": "unnamed"}
            old = await it.client.get(OLD_RAFTS, "a", it.namespace)
            assert old["spec"] == {"feet": 15}
            listed = await it.client.list(OLD_RAFTS, it.namespace)
            assert [each["spec"] for each in listed] == [{"feet": 15}]
            await it.client.create(OLD_RAFTS, raft("b", feet=30), it.namespace)
            assert (await it.client.get(RAFTS, "b", it.namespace))["spec"]["metres"] == 10

            with pytest.raises(ApiError, match=r"spec\.metres: at most 50") as invalid:
                await it.client.create(RAFTS, raft("c", metres=51), it.namespace)
            assert (invalid.value.code, invalid.value.reason) == (422, "Invalid")
            assert invalid.value.body["details"]["causes"][0]["field"] == "spec.metres"
            with pytest.raises(ApiError, match="rafts do not shrink") as denied:
                await it.client.patch(RAFTS, "a", {"spec": {"metres": 4}}, it.namespace)
            assert (denied.value.code, denied.value.reason) == (409, "Conflict")

            before = RaftWebhook.dry_runs
            path = it.client.path(RAFTS, "", it.namespace)
            dry = {"apiVersion": RAFTS.api_version, "kind": "Raft", **raft("d")}
            await it.client.request("POST", path, params={"dryRun": "All"}, body=dry)
            assert RaftWebhook.dry_runs == before + 1

    run(scenario())


def test_warnings_reach_the_user(real_target: Any, control_plane: Any, run: Any) -> None:
    async def scenario() -> None:
        async with real_target() as it, serving(it, Calendar()):
            await created(it, "a", metres=21)
            arguments = ("patch", "rafts", "a", "-n", it.namespace, "--type=merge")
            patch = '{"spec": {"metres": 22}}'
            process = await asyncio.create_subprocess_exec(
                str(control_plane.binaries / "kubectl"),
                f"--kubeconfig={control_plane.kubeconfig}",
                *arguments,
                f"--patch={patch}",
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            out, err = await process.communicate()
            assert (out.decode(), err.decode()) == (
                f"raft.{GROUP}/a patched\n",
                "Warning: that is a ship\n",
            )

    run(scenario())


def test_rotation_is_not_noticed_by_anybody(target: Any, run: Any) -> None:
    """Requests never fail while one certificate follows another and the old one is forgotten.

    The API server has its own clock, so the operator's is behind at first.
    """

    async def scenario() -> None:
        clock = Calendar()
        clock.days = timedelta(days=-80)
        async with target() as it, serving(it, clock):
            await created(it, "a")
            over, answers = asyncio.Event(), 0

            async def requests() -> None:
                nonlocal answers
                while not over.is_set():
                    body = {"spec": {"metres": 2 + answers % 2}}
                    fresh = await it.client.create(RAFTS, raft(f"n{answers}", **body["spec"]))
                    assert fresh["spec"]["name"] == "unnamed"
                    await it.client.get(OLD_RAFTS, f"n{answers}", it.namespace)
                    answers += 1

            async def secret() -> dict[str, str]:
                live = await it.client.get(SECRET, "op-webhook-server-cert", it.namespace)
                data: dict[str, str] = live["data"]
                return data

            async def until(reached: Callable[[], Awaitable[bool]]) -> None:
                while not (asking.done() or await reached()):
                    await asyncio.sleep(0.05)
                before = answers
                while not asking.done() and answers < before + 5:
                    await asyncio.sleep(0.05)

            async def renewed() -> bool:
                return "next-tls.crt" not in await secret() and (await secret())["tls.crt"] != old

            async def forgotten() -> bool:
                live = await it.client.get(MUTATING, it.namespace)
                bundle = base64.b64decode(live["webhooks"][0]["clientConfig"]["caBundle"])
                return len(split(bundle)) == 1

            asking = asyncio.ensure_future(requests())
            old = (await secret())["tls.crt"]
            clock.days = timedelta(days=-19)
            await until(renewed)
            assert not await forgotten(), "both are trusted"
            clock.days = timedelta(days=11)
            await until(forgotten)
            over.set()
            await asking

    run(scenario())
