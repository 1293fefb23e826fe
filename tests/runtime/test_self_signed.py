"""Certificates that the operator makes for its own webhooks."""

from __future__ import annotations

import asyncio
import base64
import builtins
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509

from opgen.api import CustomResource, Problems, resource
from opgen.api.self_signed import WebhookNames, names_behind, rules
from opgen.k8s import core_v1
from opgen.manifests import rbac
from opgen.runtime import Context, controller, converter, webhook
from opgen.runtime.client import Client
from opgen.runtime.clock import SystemClock
from opgen.runtime.manager import Manager, Options
from opgen.runtime.webhooks.issuing import issue, read, split
from opgen.runtime.webhooks.keeping import Material, advanced
from opgen.runtime.webhooks.rotation import SECRET, Rotation, SelfSigned, behind_service
from opgen.runtime.webhooks.trust import MUTATING
from opgen.testing.faults import Fault
from opgen.testing.server import ApiServer

DAY = timedelta(days=1)
LIFE = 90 * DAY
NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOOKS = "op-mutating"
HOSTS = ("op-webhook-service.ops.svc", "127.0.0.1")
NAMES = WebhookNames(secret="op-webhook-server-cert", mutating=(HOOKS,))
FAST = SelfSigned(names=NAMES, hosts=HOSTS, namespace="default", interval=0.01, settle=0.0)


def signed_by(certificate: bytes, authority: bytes) -> bool:
    try:
        x509.load_pem_x509_certificate(certificate).verify_directly_issued_by(
            x509.load_pem_x509_certificate(authority)
        )
    except ValueError:
        return False
    return True


def trusted(certificate: bytes, bundle: bytes) -> bool:
    return any(signed_by(certificate, authority) for authority in split(bundle))


# What the Secret holds, as time goes by


def test_what_is_served_is_trusted_at_every_moment_by_every_replica_however_stale() -> None:
    material, served = Material(), []
    for hour in range(0, 400 * 24, 7):
        now = NOW + timedelta(hours=hour)
        before = material
        for known in (False, True):
            material = advanced(material, HOSTS, now, LIFE, trusted=known)
            served.append(material.certificate)
            if material.certificate != before.certificate and before.certificate:
                assert trusted(material.certificate, before.authorities), "known before it serves"
            before = material
        for certificate in set(served):
            validity = read(certificate)
            assert validity is not None
            if now < validity.ends:
                assert trusted(certificate, material.authorities)
        assert len(split(material.authorities)) <= 3
    assert len(set(served)) == 7, "400 days, a new one every 60 days"


def test_nothing_changes_while_nothing_is_due() -> None:
    material = advanced(Material(), HOSTS, NOW, LIFE, trusted=False)
    for days in (0, 1, 59):
        assert advanced(material, HOSTS, NOW + days * DAY, LIFE, trusted=True) == material


def test_a_next_certificate_waits_until_its_authority_is_trusted() -> None:
    first = advanced(Material(), HOSTS, NOW, LIFE, trusted=False)
    later = NOW + 61 * DAY
    prepared = advanced(first, HOSTS, later, LIFE, trusted=True)
    assert (prepared.certificate, prepared.key) == (first.certificate, first.key)
    assert trusted(prepared.next_certificate, prepared.authorities)
    assert advanced(prepared, HOSTS, later, LIFE, trusted=False) == prepared
    switched = advanced(prepared, HOSTS, later, LIFE, trusted=True)
    assert switched.certificate == prepared.next_certificate
    assert switched.authorities == prepared.authorities, "the old one is still trusted"
    without = advanced(switched, HOSTS, NOW + 91 * DAY, LIFE, trusted=True)
    assert split(without.authorities) == split(prepared.authorities)[1:]


def test_who_never_becomes_trusted_is_served_when_the_old_one_has_run_out() -> None:
    first = advanced(Material(), HOSTS, NOW, LIFE, trusted=False)
    prepared = advanced(first, HOSTS, NOW + 61 * DAY, LIFE, trusted=False)
    switched = advanced(prepared, HOSTS, NOW + 91 * DAY, LIFE, trusted=False)
    assert switched.certificate == prepared.next_certificate


def test_other_names_ask_for_another_certificate() -> None:
    first = advanced(Material(), HOSTS, NOW, LIFE, trusted=False)
    prepared = advanced(first, (*HOSTS, "new.svc"), NOW, LIFE, trusted=False)
    validity = read(prepared.next_certificate)
    assert validity is not None
    assert validity.names == {*HOSTS, "new.svc"}


BROKEN: dict[str, dict[str, Any]] = {
    "empty": {},
    "no data": {"data": None},
    "not base64": {"data": {"tls.crt": "%", "tls.key": "%", "ca.crt": "%"}},
    "not PEM": {"data": {"tls.crt": base64.b64encode(b"hello").decode()}},
    "no text": {"data": {"tls.crt": 1}},
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_secret_is_made_anew(case: str) -> None:
    material = advanced(Material.of(BROKEN[case]), HOSTS, NOW, LIFE, trusted=False)
    assert trusted(material.certificate, material.authorities)
    assert Material.of({"data": material.data()}) == material


def test_a_clock_that_jumps_makes_nothing_unserved() -> None:
    first = advanced(Material(), HOSTS, NOW, LIFE, trusted=True)
    assert advanced(first, HOSTS, NOW - 1000 * DAY, LIFE, trusted=True) == first
    ahead = advanced(first, HOSTS, NOW + 1000 * DAY, LIFE, trusted=True)
    assert trusted(ahead.certificate, ahead.authorities)
    assert ahead.certificate != first.certificate


def test_no_key_is_in_a_repr() -> None:
    made = issue(HOSTS, NOW, LIFE)
    material = Material(made.authority, made.certificate, made.key)
    assert "PRIVATE" not in repr(made) + repr(material)


# Several replicas on one server


class Calendar(SystemClock):
    """Real durations, and the date that the test wants."""

    def __init__(self) -> None:
        self.date = datetime.now(UTC)

    def wall(self) -> datetime:
        return self.date


async def configure(client: Client, name: str, url: str) -> None:
    hook = {
        "name": "boats.example.com",
        "clientConfig": {"url": url},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "failurePolicy": "Ignore",
        "rules": [],
    }
    await client.create(MUTATING, {"metadata": {"name": name}, "webhooks": [hook]})


async def bundle_of(client: Client) -> bytes:
    live = await client.get(MUTATING, HOOKS)
    return base64.b64decode(live["webhooks"][0]["clientConfig"].get("caBundle") or "")


def test_replicas_share_one_certificate(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await configure(client, HOOKS, "https://127.0.0.1:1/")
            clock = Calendar()
            replicas = [Rotation(client, FAST, clock) for _ in range(4)]
            await asyncio.gather(*(replica.first() for replica in replicas))
            secret = await client.get(SECRET, NAMES.secret, "default")
            assert secret["type"] == "kubernetes.io/tls"
            material = Material.of(secret)
            assert await bundle_of(client) == material.authorities
            assert {replica.certificate._held for replica in replicas} == {
                (material.certificate, material.key)
            }
            before = len(server.front.requests)
            await asyncio.gather(*(replica.step() for replica in replicas))
            later = list(server.front.requests)[before:]
            assert not [request for request in later if request.is_write], "nothing differs"

    run(scenario())


def test_a_certificate_is_rotated_with_both_authorities_trusted(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            await configure(client, HOOKS, "https://127.0.0.1:1/")
            clock = Calendar()
            one, two = (Rotation(client, FAST, clock) for _ in range(2))
            await one.first()
            await two.first()
            old = one.certificate._held[0]
            clock.date += 61 * DAY
            await one.step()
            bundle = await bundle_of(client)
            assert len(split(bundle)) == 2
            assert one.certificate._held[0] == old, "nothing is served that is not trusted yet"
            await one.step()
            new = one.certificate._held[0]
            assert new != old
            assert two.certificate._held[0] == old
            assert trusted(old, bundle)
            assert trusted(new, bundle)
            await two.step()
            assert two.certificate._held[0] == new
            clock.date += 30 * DAY
            await two.step()
            assert [signed_by(new, authority) for authority in split(await bundle_of(client))] == [
                True
            ]

    run(scenario())


def test_a_lost_bundle_is_written_again(run: Any, eventually: Any, caplog: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            rotation = Rotation(client, FAST)
            await rotation.first()
            task = asyncio.ensure_future(rotation.run())
            await configure(client, HOOKS, "https://127.0.0.1:1/")

            async def known() -> bool:
                return bool(await bundle_of(client))

            await eventually(known)
            for times in (1, 2):
                await client.delete(MUTATING, HOOKS)
                server.front.faults.add(Fault(resource="secrets", code=500, times=times))
                await configure(client, HOOKS, "https://127.0.0.1:1/")
                await eventually(known)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    run(scenario())
    assert "op-mutating cannot be told whom to trust: it does not exist" in caplog.text


def test_without_a_right_the_start_is_refused(run: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            server.front.faults.add(Fault(resource="secrets", code=403, times=None))
            await Rotation(client, FAST).first()

    with pytest.raises(Problems, match="cannot be had from Secret default/op-webhook-server-cert"):
        run(scenario())


def test_a_server_that_does_not_answer_is_waited_for(run: Any, instant_clock: Any) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            server.front.faults.add(Fault(resource="secrets", drop=True, times=3))
            rotation = Rotation(client, FAST, instant_clock)
            await rotation.first()
            assert not rotation.certificate.problem()
            server.front.faults.add(Fault(resource="secrets", drop=True, times=None))
            await Rotation(client, FAST, instant_clock).first()

    with pytest.raises(Problems, match="cannot reach the API server"):
        run(scenario())


@contextmanager
def without_cryptography(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    real = builtins.__import__

    def imported(name: str, *args: Any) -> Any:
        if name.startswith("cryptography"):
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *args)

    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", imported)
        yield


def test_without_the_extra_it_says_what_to_install(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            with without_cryptography(monkeypatch):
                Rotation(client, FAST)

    with pytest.raises(Problems) as problems:
        run(scenario())
    (problem,) = problems.value.problems
    assert "the package cryptography is not installed" in problem.message
    assert "opgen[webhooks]" in problem.hint


# Names, rights, and the whole in a manager


@dataclass(kw_only=True)
class BuoySpec:
    colour: str = "red"


@resource(group="example.com", version="v1", storage=True)
@dataclass(kw_only=True)
class Buoy(CustomResource[BuoySpec, None]):
    """A buoy."""


@webhook(Buoy)
class BuoyWebhook:
    async def default(self, obj: Buoy, request: Any) -> None:
        obj.spec.colour = "green"


@converter(Buoy, hub=Buoy)
class BuoyConverter:
    def to_hub(self, obj: Buoy) -> Buoy:
        return obj

    def from_hub(self, obj: Buoy) -> Buoy:
        return obj


def test_names_follow_from_the_service() -> None:
    assert names_behind("op-webhook-service", [BuoyWebhook, BuoyConverter]) == WebhookNames(
        secret="op-webhook-server-cert",
        mutating=("op-mutating-webhook-configuration",),
        definitions=("buoys.example.com",),
    )
    with pytest.raises(Problems, match="must be named …webhook-service, not 'op'"):
        names_behind("op", [BuoyWebhook])
    hosts = behind_service("op-webhook-service", "ops", [BuoyWebhook]).hosts
    assert hosts[0] == "op-webhook-service.ops.svc"


def test_the_role_allows_what_is_done_and_no_more() -> None:
    names = names_behind("op-webhook-service", [BuoyWebhook, BuoyConverter])
    cluster, local = rbac.role([], "manager-role", rules(names, "system"))
    assert cluster["rules"] == [
        {
            "apiGroups": ["admissionregistration.k8s.io"],
            "resourceNames": ["op-mutating-webhook-configuration"],
            "resources": ["mutatingwebhookconfigurations"],
            "verbs": ["get", "patch"],
        },
        {
            "apiGroups": ["apiextensions.k8s.io"],
            "resourceNames": ["buoys.example.com"],
            "resources": ["customresourcedefinitions"],
            "verbs": ["get", "patch"],
        },
    ]
    assert local["metadata"]["namespace"] == "system"
    assert [(rule["verbs"], rule.get("resourceNames")) for rule in local["rules"]] == [
        (["create"], None),
        (["get", "update"], ["op-webhook-server-cert"]),
    ]


@controller(core_v1.ConfigMap)
class Idle:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        return None


def test_a_manager_makes_its_certificate_and_has_it_trusted(run: Any, eventually: Any) -> None:
    async def scenario() -> None:
        options = Options(
            webhook_address="127.0.0.1:0", webhook_self_signed=FAST, check_access=True
        )
        async with ApiServer() as api, Client(api.config) as client:
            await configure(client, HOOKS, "https://127.0.0.1:1/")
            manager = Manager(api.config, [Idle], options, webhooks=[BuoyWebhook])
            stop = asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            assert manager.webhook_server is not None
            trust = ssl.create_default_context(cadata=(await bundle_of(client)).decode())
            trust.verify_flags |= ssl.VERIFY_X509_STRICT
            for name in HOSTS:
                _, writer = await asyncio.open_connection(
                    "127.0.0.1", manager.webhook_server.port, ssl=trust, server_hostname=name
                )
                writer.close()
                await writer.wait_closed()
            stop.set()
            await task

    run(scenario())
