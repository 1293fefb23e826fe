"""Rule R15 against a real API server: a CRD is created, and changes of it are tried in a dry run.

What the server refuses, preflight refuses for the same field, given what is replaced; and for
`compare`, by which `opgen diff crd` and `make manifests --against` go, it is breaking.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mutation.campaign import PATH, Verdict

from opgen.runtime.transport import Transport
from opgen.schema import check
from opgen.schema.compare import compare

Document = dict[str, Any]
Update = Callable[[Document], object]
NAME = "updates.mutants.example.com"
_WEBHOOK = {
    "strategy": "Webhook",
    "webhook": {
        "conversionReviewVersions": ["v1"],
        "clientConfig": {"service": {"namespace": "a", "name": "b"}},
    },
}


def _version(name: str, **more: Any) -> Document:
    spec = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "n": {"type": "integer", "default": 1}},
    }
    schema = {"type": "object", "properties": {"spec": spec}}
    served = {"name": name, "served": True, "storage": False}
    return {**served, "schema": {"openAPIV3Schema": schema}, "subresources": {"status": {}}, **more}


CRD: Document = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": NAME},
    "spec": {
        "group": "mutants.example.com",
        "scope": "Namespaced",
        "names": {
            "plural": "updates",
            "singular": "update",
            "kind": "Update",
            "listKind": "UpdateList",
            "shortNames": ["up"],
        },
        "versions": [_version("v1", storage=True), _version("v1beta1")],
    },
}


def _spec(**changes: Any) -> Update:
    return lambda crd: crd["spec"].update(changes)


def _names(**changes: Any) -> Update:
    return lambda crd: crd["spec"]["names"].update(changes)


def _of_version(index: int, **changes: Any) -> Update:
    return lambda crd: crd["spec"]["versions"][index].update(changes)


def _field(name: str, **changes: Any) -> Update:
    def change(crd: Document) -> None:
        schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        schema["properties"]["spec"]["properties"][name].update(changes)

    return change


def _versions(*versions: Document) -> Update:
    return _spec(versions=list(versions))


ACCEPTED: dict[str, Update] = {
    "nothing": lambda crd: None,
    "names of lists": _names(listKind="UpdateCollection"),
    "the singular": _names(singular="upd"),
    "no short names": _names(shortNames=[]),
    "a category": _names(categories=["all"]),
    "a version that never was stored goes": _versions(_version("v1", storage=True)),
    "a new version": lambda crd: crd["spec"]["versions"].append(_version("v2")),
    "another version is stored": _versions(_version("v1"), _version("v2", storage=True)),
    "the stored version is not served": _of_version(0, served=False),
    "a deprecated version": _of_version(1, deprecated=True, deprecationWarning="use v1"),
    "a webhook converts": _spec(conversion=_WEBHOOK),
    "a field of another type": _field("a", type="integer"),
    "a bound": _field("n", minimum=3, default=3),
    "a default": _field("a", default="x"),
    "no status": _of_version(0, subresources={}),
    "selectable fields": lambda crd: [
        version.update(selectableFields=[{"jsonPath": ".spec.a"}])
        for version in crd["spec"]["versions"]
    ],
    "a rule": _field("n", **{"x-kubernetes-validations": [{"rule": "self >= oldSelf"}]}),
}
REFUSED: dict[str, tuple[Update, str]] = {
    "the scope": (_spec(scope="Cluster"), "spec.scope"),
    "the kind": (_names(kind="Updated", listKind="UpdatedList"), "spec.names.kind"),
    "the plural": (_names(plural="updatings"), "spec.names.plural"),
    "the group": (_spec(group="other.example.com"), "spec.group"),
    "the stored version goes": (
        _versions(_version("v1beta1", storage=True)),
        "status.storedVersions[0]",
    ),
    "the stored version is renamed": (
        _versions(_version("v2", storage=True), _version("v1beta1")),
        "status.storedVersions[0]",
    ),
    "two versions are stored": (_of_version(1, storage=True), "spec.versions"),
    "no version is stored": (_of_version(0, storage=False), "spec.versions"),
    "unknown fields are kept": (_spec(preserveUnknownFields=True), "spec.preserveUnknownFields"),
    "a webhook that nobody finds": (
        _spec(conversion={**_WEBHOOK, "webhook": {"conversionReviewVersions": ["v1"]}}),
        "spec.conversion",
    ),
    "a version without schema": (
        lambda crd: crd["spec"]["versions"][1].pop("schema"),
        "spec.versions[1].schema.openAPIV3Schema",
    ),
    "a default that breaks a bound": (
        _field("n", minimum=2),
        "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[n].default",
    ),
    "fields that only one of two equal versions selects": (
        _of_version(0, selectableFields=[{"jsonPath": ".spec.a"}]),
        "spec.versions[0].selectableFields",
    ),
    "a rule of the wrong type": (
        _field("a", **{"x-kubernetes-validations": [{"rule": "self >= 1"}]}),
        "spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a]"
        ".x-kubernetes-validations[0].rule",
    ),
}


@pytest.fixture(scope="module")
def stored(server: Any) -> Iterator[Document]:
    """The CRD as the real API server has it."""
    status, body = _send(server, "POST", PATH, CRD)
    assert status == 201, body
    while not _is_established(body):
        _, body = _send(server, "GET", f"{PATH}/{NAME}")
    yield body
    _send(server, "DELETE", f"{PATH}/{NAME}")


def _is_established(crd: Document) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or ()
    return any(one["type"] == "Established" and one["status"] == "True" for one in conditions)


def _send(config: Any, verb: str, path: str, document: Document | None = None) -> Any:
    async def send() -> Any:
        transport = Transport(config, user_agent="mutants/1.0")
        params = {"dryRun": "All"} if verb == "PUT" else {}
        body = json.dumps(document).encode() if document else b""
        try:
            reply = await transport.send(
                verb, path, params=params, body=body, content_type="application/json"
            )
        finally:
            await transport.close()
        return reply.status, json.loads(reply.body)

    return asyncio.run(send())


def _changed(update: Update, stored: Document) -> Document:
    changed = copy.deepcopy(CRD)
    update(changed)
    changed["metadata"]["resourceVersion"] = stored["metadata"]["resourceVersion"]
    return changed


def _of_server(server: Any, changed: Document) -> Verdict:
    status, answer = _send(server, "PUT", f"{PATH}/{NAME}", changed)
    causes = (answer.get("details") or {}).get("causes") or []
    fields = tuple(cause["field"] for cause in causes)
    return Verdict(status == 200, fields, str(answer.get("message", "")))


def _of_preflight(changed: Document, stored: Document) -> dict[str, str]:
    errors = [one for one in check(changed, stored) if one.severity == "error"]
    return {problem.field: problem.message for problem in errors}


@pytest.mark.controlplane
@pytest.mark.parametrize("update", ACCEPTED.values(), ids=list(ACCEPTED))
def test_accepted(server: Any, stored: Document, update: Update) -> None:
    changed = _changed(update, stored)
    theirs = _of_server(server, changed)
    assert theirs.accepted, theirs.words
    assert _of_preflight(changed, stored) == {}


@pytest.mark.controlplane
@pytest.mark.parametrize(("update", "field"), REFUSED.values(), ids=list(REFUSED))
def test_refused(server: Any, stored: Document, update: Update, field: str) -> None:
    changed = _changed(update, stored)
    theirs = _of_server(server, changed)
    assert not theirs.accepted
    assert any(name.startswith(field) for name in theirs.fields), theirs.words
    assert any(name.startswith(field) for name in _of_preflight(changed, stored))


IMMUTABLE = ["the scope", "the kind", "the plural", "the group"]
GONE = ["the stored version goes", "the stored version is renamed"]


@pytest.mark.parametrize("name", [*IMMUTABLE, *GONE])
def test_what_updates_refuse_is_breaking(name: str) -> None:
    update, field = REFUSED[name]
    changed = copy.deepcopy(CRD)
    update(changed)
    told = [change for change in compare(CRD, changed) if change.severity == "breaking"]
    if name in GONE:
        assert any(one.message.endswith("objects may be stored in it") for one in told)
    else:
        assert field in [change.path for change in told]
