"""Webhooks: what the API server sends, and what it is answered."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from opgen.api import CustomResource, Location, Problem, Problems, resource
from opgen.k8s import core_v1
from opgen.runtime import AdmissionRequest, Context, Denied, controller, converter, webhook
from opgen.runtime.manager import Manager, Options
from opgen.runtime.metrics import Metrics
from opgen.runtime.webhooks.difference import patch
from opgen.runtime.webhooks.routes import find, routes
from opgen.runtime.webhooks.server import serve
from opgen.testing.server import ApiServer

MUTATE, VALIDATE = "/mutate-example-com-v2-boat", "/validate-example-com-v2-boat"


@dataclass(kw_only=True)
class BoatSpec:
    length: int = 5
    name: str | None = None


@resource(group="example.com", version="v2", storage=True)
@dataclass(kw_only=True)
class Boat(CustomResource[BoatSpec, None]):
    """A boat."""


@dataclass(kw_only=True)
class OldSpec:
    feet: int = 15


class V1:
    """What would be a module of its own: both versions are named Boat."""

    @resource(group="example.com", version="v1")
    @dataclass(kw_only=True)
    class Boat(CustomResource[OldSpec, None]):
        """A boat, as it used to be."""


OldBoat = V1.Boat


@webhook(Boat, operations=("CREATE", "UPDATE", "DELETE"))
class BoatWebhook:
    async def default(self, obj: Boat, request: AdmissionRequest) -> None:
        obj.spec.name = obj.spec.name or f"{request.user['username']}'s"

    def validate(self, obj: Boat, old: Boat | None, request: AdmissionRequest) -> None:
        request.audit_annotations["length"] = str(obj.spec.length)
        if obj.spec.length > 100:
            raise Problems([Problem("at most 100", field="spec.length")])
        if old is not None and obj.spec.length < old.spec.length:
            raise Denied("boats do not shrink", code=409, reason="Conflict")
        if request.operation == "DELETE" and not request.dry_run:
            raise Denied("it still swims")
        if obj.spec.length == 13:
            raise ZeroDivisionError("private detail")
        if obj.spec.length > 50:
            request.warnings.append("that is a ship")


@converter(OldBoat, hub=Boat)
class BoatConverter:
    def to_hub(self, obj: OldBoat) -> Boat:
        obj.metadata.annotations["feet"] = str(obj.spec.feet)
        return Boat(metadata=obj.metadata, spec=BoatSpec(length=obj.spec.feet // 3))

    def from_hub(self, obj: Boat) -> OldBoat:
        feet = obj.metadata.annotations.pop("feet", None)
        return OldBoat(spec=OldSpec(feet=int(feet) if feet else obj.spec.length * 3))


def boat(version: str = "v2", **spec: Any) -> dict[str, Any]:
    metadata = {"name": "a", "uid": "u", "managedFields": [{"manager": "kubectl"}]}
    return {
        "apiVersion": f"example.com/{version}",
        "kind": "Boat",
        "metadata": metadata,
        "spec": spec,
    }


def review(operation: str, obj: Any, old: Any = None, **more: Any) -> dict[str, Any]:
    request = {
        "uid": "r-1",
        "operation": operation,
        "object": obj,
        "oldObject": old,
        "userInfo": {"username": "jane"},
        "kind": {"kind": "Boat"},
        **more,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


def ask(path: str, document: dict[str, Any]) -> Any:
    async def asked() -> Any:
        answer = await routes([BoatWebhook, BoatConverter])[path](document)
        assert (answer["apiVersion"], answer["kind"]) == (document["apiVersion"], document["kind"])
        response = answer["response"]
        assert response["uid"] == "r-1"
        return response

    return asyncio.run(asked())


def test_defaults_are_a_patch_of_what_was_sent() -> None:
    response = ask(MUTATE, review("CREATE", boat(unknown=1)))
    assert (response["allowed"], response["patchType"]) == (True, "JSONPatch")
    operations = json.loads(base64.b64decode(response["patch"]))
    assert operations == [{"op": "add", "path": "/spec/name", "value": "jane's"}]
    assert "patch" not in ask(MUTATE, review("CREATE", boat(name="b")))
    assert ask(MUTATE, review("DELETE", None, boat())) == {"uid": "r-1", "allowed": True}


REFUSED = {
    "invalid": (review("CREATE", boat(length=101)), 422, "Invalid", "spec.length: at most 100"),
    "denied": (review("UPDATE", boat(length=4), boat()), 409, "Conflict", "boats do not shrink"),
    "delete": (review("DELETE", None, boat()), 403, "Forbidden", "it still swims"),
    "decode": (
        review("CREATE", boat(length="x")),
        422,
        "Invalid",
        "Boat.spec.length: expected an integer, got a string",
    ),
    "failure": (
        review("CREATE", boat(length=13)),
        500,
        "InternalError",
        "the webhook failed: ZeroDivisionError; its log says more",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_have_code_reason_and_message(case: str, caplog: pytest.LogCaptureFixture) -> None:
    document, code, reason, message = REFUSED[case]
    response = ask(VALIDATE, document)
    assert response["allowed"] is False
    causes = response["status"].pop("details", {}).get("causes")
    cause = {"reason": "FieldValueInvalid", "field": "spec.length", "message": "at most 100"}
    assert causes == ([cause] if case == "invalid" else None)
    assert response["status"] == {"code": code, "reason": reason, "message": message}
    assert ("private detail" in caplog.text) is (case == "failure")


def test_warnings_and_audit_annotations_come_along() -> None:
    response = ask(VALIDATE, review("CREATE", boat(length=60)))
    assert response == {
        "uid": "r-1",
        "allowed": True,
        "warnings": ["that is a ship"],
        "auditAnnotations": {"length": "60"},
    }
    assert ask(VALIDATE, review("DELETE", None, boat(), dryRun=True))["allowed"]


@pytest.mark.parametrize("path", [MUTATE, VALIDATE])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("returned", [["no"], "no", False])
def test_what_nobody_would_look_at_is_refused(
    path: str, plain: bool, returned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @webhook(Boat)
    class Returns:
        if plain:

            def validate(self, *_: Any) -> Any:
                return returned

        else:

            async def validate(self, *_: Any) -> Any:
                return returned

        default = validate

    response = asyncio.run(routes([Returns])[path](review("CREATE", boat())))["response"]
    assert response["allowed"] is False
    assert response["status"]["message"] == "the webhook failed: TypeError; its log says more"
    assert f"has returned a {type(returned).__name__}" in caplog.text


def test_a_webhook_within_which_something_is_cancelled_refuses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    @webhook(Boat)
    class Awaits:
        async def validate(self, *_: Any) -> None:
            raise asyncio.CancelledError

    response = asyncio.run(routes([Awaits])[VALIDATE](review("CREATE", boat())))["response"]
    assert (response["allowed"], response["status"]["code"]) == (False, 500)


def test_a_review_that_names_no_operation_is_refused() -> None:
    response = ask(VALIDATE, review("", boat()))
    assert response["status"] == {
        "code": 400,
        "reason": "BadRequest",
        "message": "the review names no operation",
    }


@pytest.mark.parametrize("returned", [None, 5, "the same"])
def test_a_converter_that_returns_something_else_converts_nothing(
    returned: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @converter(OldBoat, hub=Boat)
    class Returns:
        def to_hub(self, obj: OldBoat) -> Any:
            return obj if returned == "the same" else returned

        def from_hub(self, obj: Boat) -> Any:
            return obj if returned == "the same" else returned

    for document in (conversion("v2", boat("v1")), conversion("v1", boat())):
        answered = asyncio.run(routes([Returns])["/convert"](document))["response"]
        assert answered["convertedObjects"] == []
        assert answered["result"]["reason"] == "InternalError"
        assert "must return a" in answered["result"]["message"]


def test_operations_that_were_not_asked_for_pass() -> None:
    @webhook(Boat)
    class Refuses:
        def validate(self, obj: Boat, old: Boat | None, request: AdmissionRequest) -> None:
            raise Denied("no")

    async def scenario() -> Any:
        answer = routes([Refuses])[VALIDATE]
        return [(await answer(review(o, boat())))["response"]["allowed"] for o in ("UPDATE", "X")]

    assert asyncio.run(scenario()) == [False, True]


def conversion(version: str, *objects: Any) -> dict[str, Any]:
    request = {"uid": "r-1", "desiredAPIVersion": f"example.com/{version}", "objects": objects}
    kind = "ConversionReview"
    return {"apiVersion": "apiextensions.k8s.io/v1", "kind": kind, "request": request}


def test_versions_are_converted_there_and_back() -> None:
    old = boat("v1", feet=16)
    response = ask("/convert", conversion("v2", old, boat(length=7)))
    assert response["result"] == {"status": "Success"}
    hub, same = response["convertedObjects"]
    assert (hub["apiVersion"], hub["spec"], same) == (
        "example.com/v2",
        {"length": 5},
        boat(length=7),
    )
    assert hub["metadata"] == old["metadata"] | {"annotations": {"feet": "16"}}
    (back,) = ask("/convert", conversion("v1", hub))["convertedObjects"]
    assert back == old


@pytest.mark.parametrize(
    "request_",
    [conversion("v3", boat()), conversion("v3", boat("v1")), conversion("v1", boat("v9"))],
)
def test_all_or_nothing_is_converted(
    request_: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    request_["request"]["objects"] = (boat("v1", feet=3), *request_["request"]["objects"])
    response = ask("/convert", request_)
    assert response["convertedObjects"] == []
    assert response["result"]["status"] == "Failed"
    assert "there is no converter" in response["result"]["message"]
    assert "Traceback" not in caplog.text


def test_two_webhooks_for_one_kind_are_refused() -> None:
    with pytest.raises(Problems, match="two webhooks are for /mutate-example-com-v2-boat"):
        routes([BoatWebhook, BoatWebhook])
    with pytest.raises(Problems, match=r"two converters are for Boat of example.com/v1"):
        routes([BoatConverter, BoatConverter])
    with pytest.raises(Problems, match="int is no webhook"):
        routes([int])


@pytest.mark.parametrize("declare", [webhook(Boat), converter(OldBoat, hub=Boat)])
def test_a_class_without_the_methods_is_refused(declare: Any) -> None:
    with pytest.raises(TypeError, match="needs a method"):
        declare(int)


def test_patches_name_what_changed_and_nothing_else() -> None:
    raw = {"a": 1, "b": {"c": 1, "own": 2}, "l": [1], "x": 0}
    before = {"a": 1, "b": {"c": 1}, "l": [1], "x": 0, "default": 1}
    after = {"a": 2, "b": {"c": 1, "d/e~": 3}, "l": [1, 2], "default": 1}
    assert patch(raw, before, after) == [
        {"op": "replace", "path": "/a", "value": 2},
        {"op": "add", "path": "/b/d~1e~0", "value": 3},
        {"op": "replace", "path": "/l", "value": [1, 2]},
        {"op": "remove", "path": "/x"},
    ]


# Over HTTPS


def mount(directory: Path, pair: Any, stamp: int) -> None:
    """Files as kubelet mounts a Secret, with a time that no clock decides."""
    for name, content in (("tls.crt", pair.pem), ("tls.key", pair.key)):
        (directory / name).write_bytes(content)
        os.utime(directory / name, (stamp, stamp))


async def common_name(port: int, trust: bytes) -> str:
    context = ssl.create_default_context(cadata=trust.decode())
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )
    subject = writer.get_extra_info("peercert")["subject"]
    writer.close()
    await writer.wait_closed()
    return str(subject[0][0][1])


def test_a_renewed_certificate_is_used(
    run: Any, tmp_path: Path, authority: Any, issue_certificate: Any
) -> None:
    async def scenario() -> None:
        mount(tmp_path, issue_certificate("first", authority, "localhost"), 1)
        metrics = Metrics()
        async with serve([BoatWebhook], "127.0.0.1:0", str(tmp_path), metrics=metrics) as server:
            assert await common_name(server.port, authority.pem) == "first"
            before = metrics.value("certwatcher_read_certificate")
            mount(tmp_path, issue_certificate("second", authority, "localhost"), 2)
            assert await common_name(server.port, authority.pem) == "second"
            (tmp_path / "tls.key").write_text("half written")
            assert await common_name(server.port, authority.pem) == "second"
            assert server.certificate.problem() == ""
            assert metrics.value("certwatcher_read_certificate") == before + 1
            assert metrics.value("certwatcher_read_certificate_errors") == 1
            (tmp_path / "tls.key").unlink()
            assert "tls.key" in server.certificate.problem()

    run(scenario())


def test_no_certificate_is_explained(run: Any, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with serve([BoatWebhook], "127.0.0.1:0", str(tmp_path)):
            raise AssertionError("must not be reached")

    with pytest.raises(Problems, match="cannot be used: No such file"):
        run(scenario())


@controller(core_v1.ConfigMap)
class Idle:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        return None


@pytest.mark.parametrize("controllers", [[Idle], []], ids=["with a controller", "webhooks only"])
def test_a_manager_serves_webhooks(
    controllers: list[type], run: Any, tmp_path: Path, authority: Any, issue_certificate: Any
) -> None:
    async def scenario() -> None:
        mount(tmp_path, issue_certificate("webhook", authority, "localhost"), 1)
        options = Options(webhook_address="127.0.0.1:0", webhook_certificates=str(tmp_path))
        trust = ssl.create_default_context(cadata=authority.pem.decode())
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        async with ApiServer() as api:
            manager = Manager(api.config, controllers, options, webhooks=[BoatWebhook])
            stop = asyncio.Event()
            task = asyncio.ensure_future(manager.run(stop))
            await manager.ready()
            assert manager.webhook_server is not None
            url = f"https://localhost:{manager.webhook_server.port}{VALIDATE}"
            async with aiohttp.ClientSession() as session:
                async with session.post(url, json=review("CREATE", boat()), ssl=trust) as answer:
                    assert (await answer.json())["response"]["allowed"] is True
                assert manager.metrics.value("controller_runtime_webhook_panics") == 0
                fails = review("CREATE", boat(length=13))
                async with session.post(url, json=fails, ssl=trust) as answer:
                    assert (await answer.json())["response"]["status"]["code"] == 500
                assert manager.metrics.value("controller_runtime_webhook_panics") == 1
                for junk in ("{}", "[]", "5", "{", '{"request": {"uid": "u"}}'):
                    async with session.post(url, data=junk, ssl=trust) as answer:
                        assert answer.status == 400
            stop.set()
            await task

    run(scenario())


def test_webhooks_of_a_package_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "boats_with_webhooks"
    (package / "webhooks").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "webhooks" / "__init__.py").write_text("")
    (package / "webhooks" / "config_map.py").write_text(
        "from opgen.k8s import core_v1\nfrom opgen.runtime import webhook\n\n\n"
        "@webhook(core_v1.ConfigMap)\nclass Hook:\n    def default(self, obj, request): pass\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    (found,) = find("boats_with_webhooks")
    info = found.__opgen_webhook__  # type: ignore[attr-defined]
    assert (found.__name__, info.defaults, info.validates) == ("Hook", True, False)
    assert info.location == Location(str(package / "webhooks" / "config_map.py"), 5)
