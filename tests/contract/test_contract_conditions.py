"""Match conditions: which requests a webhook is asked about, and what of conditions that fail."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("cel_expr_python", reason="needs opgen[cel]")

ROOT = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
MAPS = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}
MERGE = "application/merge-patch+json"


def conditions(*expressions: str) -> list[dict[str, str]]:
    return [{"name": f"c{index}", "expression": text} for index, text in enumerate(expressions)]


def install(api: Any, match: Any, policy: str = "Fail", **query: str) -> Any:
    """Install a webhook that nobody serves, and one that tells when the server knows of both."""
    label = {"kubernetes.io/metadata.name": api.namespace}
    name = f"conditions-{api.namespace}"
    webhook = {
        "clientConfig": {"url": "https://127.0.0.1:1/x"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
        "namespaceSelector": {"matchLabels": label},
        "rules": [MAPS],
    }
    about = webhook | {
        "name": "about.example.com",
        "failurePolicy": policy,
        "matchConditions": match,
        "objectSelector": {"matchExpressions": [{"key": "probe", "operator": "DoesNotExist"}]},
    }
    probe = webhook | {
        "name": "probe.example.com",
        "objectSelector": {"matchLabels": {"probe": "yes"}},
    }
    document = {"metadata": {"name": name}, "webhooks": [about, probe]}
    answer = api.send("POST", ROOT, document, **query)
    if answer.code != 201 or query:
        return answer
    asked = api.config_map("probe") | {"metadata": {"name": "probe", "labels": {"probe": "yes"}}}
    api.cluster.eventually(
        lambda: api.send("POST", api.maps(), asked, dryRun="All").code == 500, timeout=120
    )
    return answer


def create(api: Any, name: str = "a", **data: str) -> Any:
    return api.send("POST", api.maps(), api.config_map(name, **data))


@pytest.mark.parametrize(
    ("expressions", "asked"),
    [
        (["object.data.a == '1'"], True),
        (["object.data.a == '2'"], False),
        (["oldObject == null", "request.operation == 'CREATE'"], True),
        (["true", "request.operation == 'UPDATE'"], False),
        (["'system:masters' in request.userInfo.groups"], True),
        (["has(object.data.b)"], False),
        (["request.resource.resource == 'configmaps' && !request.dryRun"], True),
        (["object.metadata.?labels[?'x'].orValue('none') == 'none'"], True),
        (["object.data.odd == '1'", "false"], False),
    ],
)
def test_whether_a_webhook_is_asked(api: Any, expressions: list[str], asked: bool) -> None:
    install(api, conditions(*expressions))
    assert create(api, a="1").code == (500 if asked else 201)


def test_the_old_object_of_an_update(api: Any) -> None:
    create(api, a="1")
    match = "oldObject != null && oldObject.data.a == '1' && object.data.a == '2'"
    install(api, conditions(match))
    patch = {"data": {"a": "2"}}
    assert api.send("PATCH", api.maps("a"), patch, content_type=MERGE).code == 500
    patch = {"data": {"a": "3"}}
    assert api.send("PATCH", api.maps("a"), patch, content_type=MERGE).code == 200


def test_a_deletion_has_no_object(api: Any) -> None:
    create(api, a="1")
    install(api, conditions("object == null && oldObject.data.a == '1'"))
    assert api.send("DELETE", api.maps("a")).code == 500


def test_a_condition_that_fails_refuses(api: Any) -> None:
    install(api, conditions("object.data.x == '1'"))
    answer = create(api, a="1")
    assert (answer.code, answer.reason) == (403, "Forbidden")
    assert answer.message == (
        "configmaps \"a\" is forbidden: expression 'object.data.x == '1'' resulted in error: "
        "no such key: x"
    )
    assert answer.body["details"] == {"name": "a", "kind": "configmaps"}


def test_all_conditions_that_fail_are_told(api: Any) -> None:
    install(api, conditions("object.data.x == '1'", "true", "object.data.y == '1'"))
    assert create(api, a="1").message == (
        "configmaps \"a\" is forbidden: [expression 'object.data.x == '1'' resulted in error: "
        "no such key: x, expression 'object.data.y == '1'' resulted in error: no such key: y]"
    )


def test_a_condition_that_fails_may_be_ignored(api: Any) -> None:
    install(api, conditions("object.data.x == '1'"), policy="Ignore")
    assert create(api, a="1").code == 201


REFUSED: list[tuple[Any, str, str]] = [
    (conditions("1"), "[0].expression", 'Invalid value: "1": must evaluate to bool but got int'),
    (
        conditions("foo"),
        "[0].expression",
        'Invalid value: "foo": compilation failed: ERROR: <input>:1:1: '
        "undeclared reference to 'foo' (in container '')\n | foo\n | ^",
    ),
    (conditions("true", " "), "[1].expression", "Required value"),
    ([{"name": "", "expression": "true"}], "[0].name", "Required value"),
    ([{"name": "a", "expression": "true"}] * 2, "[1].name", 'Duplicate value: "a"'),
    (
        [{"name": "A b", "expression": "true"}],
        "[0].name",
        "Invalid value: \"A b\": name part must consist of alphanumeric characters, '-', '_' or "
        "'.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
        "'my.name',  or '123-abc', regex used for validation is "
        "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    ),
]


@pytest.mark.parametrize(("match", "field", "text"), REFUSED)
def test_conditions_that_are_refused(api: Any, match: Any, field: str, text: str) -> None:
    answer = install(api, match, dryRun="All")
    name = f"conditions-{api.namespace}"
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == (
        f'ValidatingWebhookConfiguration.admissionregistration.k8s.io "{name}" is invalid: '
        f"webhooks[0].matchConditions{field}: {text}"
    )
