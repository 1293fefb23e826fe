"""Contract: label selectors in full, and the fields that built-in kinds can be selected by."""

from __future__ import annotations

from typing import Any

import pytest

VALUE = "a valid label must be an empty string or consist of alphanumeric characters"
IN_FRONT = "unable to parse requirement: "


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("tier in back", f"{IN_FRONT}found 'back' expected: '('"),
        ("tier in (a", f"{IN_FRONT}found '', expected: ',' or ')'"),
        ("tier in (a=b)", f"{IN_FRONT}found '=', expected: ',' or ')'"),
        ("a b", f"{IN_FRONT}found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a!", f"{IN_FRONT}found '!', expected: in, notin, =, ==, !=, gt, lt"),
        ("!", f"{IN_FRONT}found '', expected: identifier"),
        ("a<>1", f"{IN_FRONT}found '>', expected: identifier"),
        ("a=>1", f"{IN_FRONT}found '>', expected: identifier"),
        ("=x", "found '=', expected: !, identifier, or 'end of string'"),
        ("(a)", "found '(', expected: !, identifier, or 'end of string'"),
        (",a", "found ',', expected: !, identifier, or 'end of string'"),
        ("a=b=c", "found '=', expected: ',' or 'end of string'"),
        ("!a=b", "found '=', expected: ',' or 'end of string'"),
        ("a in (b) c", "found 'c', expected: ',' or 'end of string'"),
        ("a,,b", "found ',', expected: identifier after ','"),
        ("a,", "found '', expected: identifier after ','"),
        (
            "a>x",
            f"{IN_FRONT}values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must "
            "be an integer",
        ),
        (
            f"a={'x' * 64}",
            f'{IN_FRONT}values[0][a]: Invalid value: "{"x" * 64}": must be no more than 63 bytes',
        ),
    ],
)
def test_what_a_label_selector_is_told(api: Any, selector: str, message: str) -> None:
    answer = api.send("GET", api.maps(), labelSelector=selector)
    assert (answer.code, answer.reason, answer.message) == (400, "BadRequest", message)


@pytest.mark.parametrize("selector", ["a=-b", "A/B=c", "/b=c", "-a=b", "é=1", "a in (b,-)"])
def test_keys_and_values_of_labels_are_checked(api: Any, selector: str) -> None:
    answer = api.send("GET", api.maps(), labelSelector=selector)
    assert answer.code == 400
    assert answer.message.startswith(IN_FRONT)
    assert "Invalid value: " in answer.message


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("a in ()", ""),
        ("a in (,)", ""),
        ("a notin ()", "kmn"),
        ("in in (in)", "n"),
        ("a=in", "m"),
        ("a  in  ( in , 7 )", "km"),
        ("a>6,a<8", "k"),
        ("a==7", "k"),
        ("a!=7", "mn"),
        ("!a,in", "n"),
        ("  ", "kmn"),
    ],
)
def test_forms_of_label_selectors(api: Any, selector: str, found: str) -> None:
    for name, labels in (("k", {"a": "7"}), ("m", {"a": "in"}), ("n", {"in": "in"})):
        document = api.widget(name)
        document["metadata"]["labels"] = labels
        assert api.send("POST", api.widgets(), document).code == 201
    items = api.send("GET", api.widgets(), labelSelector=selector).body["items"]
    assert [item["metadata"]["name"] for item in items] == list(found)


def post(api: Any, plural: str, kind: str, group: str = "v1", **more: Any) -> Any:
    path = api.path(plural, group="" if group == "v1" else group)
    answer = api.send("POST", path, {"apiVersion": group, "kind": kind, **more})
    assert answer.code == 201, answer.body
    return answer


def selected(api: Any, path: str, selector: str) -> list[str]:
    answer = api.send("GET", path, fieldSelector=selector)
    assert answer.code == 200, answer.body
    return [item["metadata"]["name"] for item in answer.body["items"]]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("spec.nodeName=here", ["on"]),
        ("spec.nodeName=", ["off"]),
        ("spec.restartPolicy=Never", ["on"]),
        ("spec.schedulerName!=mine", []),
        ("spec.serviceAccountName=default", ["off", "on"]),
        ("spec.hostNetwork=true", ["on"]),
        ("spec.hostNetwork=false", ["off"]),
        ("status.phase!=Nothing,metadata.name=off", ["off"]),
        ("status.podIP=10.9.9.9", []),
        ("status.nominatedNodeName=x", []),
        ("spec.host=here", ["on"]),
    ],
)
def test_fields_of_pods(api: Any, selector: str, names: list[str]) -> None:
    containers = [{"name": "c", "image": "i"}]
    spec = {"containers": containers, "schedulerName": "mine"}
    more = {"nodeName": "here", "restartPolicy": "Never", "hostNetwork": True}
    post(api, "pods", "Pod", metadata={"name": "off"}, spec=spec)
    post(api, "pods", "Pod", metadata={"name": "on"}, spec=spec | more)
    assert selected(api, api.path("pods"), selector) == names


ABOUT = {
    "apiVersion": "v1",
    "kind": "Pod",
    "name": "p",
    "uid": "u",
    "resourceVersion": "7",
    "fieldPath": "spec.x",
}


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        *((f"involvedObject.{key}={value}", ["e"]) for key, value in ABOUT.items()),
        ("involvedObject.name=other", []),
        ("reason=Done", ["e"]),
        ("type=Warning", ["e"]),
        ("type!=Warning", []),
        ("source=me", ["e"]),
        ("reportingComponent=", ["e"]),
    ],
)
def test_fields_of_events(api: Any, selector: str, names: list[str]) -> None:
    about = {"involvedObject": ABOUT | {"namespace": api.namespace}, "source": {"component": "me"}}
    head = {"metadata": {"name": "e"}, "reason": "Done", "type": "Warning", "message": "x"}
    post(api, "events", "Event", **head, **about)
    both = f"{selector},metadata.name=e"
    assert selected(api, api.path("events"), both) == names


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("regarding.kind=ConfigMap", ["e"]),
        ("reason=Done", ["e"]),
        ("reportingController=example.com/c", ["e"]),
        ("type=Warning", []),
    ],
)
def test_fields_of_events_of_the_newer_group(api: Any, selector: str, names: list[str]) -> None:
    group = "events.k8s.io/v1"
    event = {
        "metadata": {"name": "e"},
        "eventTime": "2026-01-02T03:04:05.000000Z",
        "reportingController": "example.com/c",
        "reportingInstance": "i",
        "action": "Doing",
        "reason": "Done",
        "type": "Normal",
        "regarding": {"kind": "ConfigMap", "name": "a", "namespace": api.namespace},
    }
    post(api, "events", "Event", group, **event)
    both = f"{selector},metadata.name=e"
    assert selected(api, api.path("events", group=group), both) == names


def test_fields_of_nodes(api: Any) -> None:
    names = {f"{api.namespace}-a": {}, f"{api.namespace}-b": {"unschedulable": True}}
    for name, spec in names.items():
        node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "spec": spec}
        assert api.send("POST", "/api/v1/nodes", node).code == 201
    try:
        for flag, wanted in (("false", "a"), ("true", "b")):
            found = selected(api, "/api/v1/nodes", f"spec.unschedulable={flag}")
            assert [name[-1] for name in found if name in names] == [wanted]
    finally:
        for name in names:
            api.send("DELETE", f"/api/v1/nodes/{name}")


def test_fields_of_namespaces(api: Any) -> None:
    assert api.namespace in selected(api, "/api/v1/namespaces", "status.phase=Active")
    only = f"metadata.name={api.namespace}"
    assert selected(api, "/api/v1/namespaces", only) == [api.namespace]
    assert selected(api, "/api/v1/namespaces", f"{only},status.phase=Terminating") == []


def test_fields_of_services_secrets_and_jobs(api: Any) -> None:
    ports = {"ports": [{"port": 80}]}
    post(api, "services", "Service", metadata={"name": "s"}, spec=ports | {"clusterIP": "None"})
    assert selected(api, api.path("services"), "spec.clusterIP=None") == ["s"]
    assert selected(api, api.path("services"), "spec.type=NodePort") == []
    post(api, "secrets", "Secret", metadata={"name": "s"}, type="example.com/t")
    assert selected(api, api.path("secrets"), "type=example.com/t") == ["s"]
    pod = {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}
    spec = {"suspend": True, "template": {"spec": pod}}
    post(api, "jobs", "Job", "batch/v1", metadata={"name": "j"}, spec=spec)
    jobs = api.path("jobs", group="batch/v1")
    assert selected(api, jobs, "status.successful=0") == ["j"]
    assert selected(api, jobs, "status.successful=1") == []


@pytest.mark.parametrize(
    ("path", "selector", "message"),
    [
        ("api/v1/pods", "spec.x=1", "field label not supported: spec.x"),
        ("api/v1/nodes", "spec.x=1", "field label not supported: spec.x"),
        ("api/v1/events", "foo=1", "field label not supported: foo"),
        ("api/v1/namespaces", "metadata.namespace=x", "field label not supported: metadata.namesp"),
        ("apis/batch/v1/jobs", "x=1", 'field label "x" not supported for Job'),
        (
            "api/v1/configmaps",
            "data=1",
            '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
        ),
        (
            "apis/apps/v1/deployments",
            "status.replicas=1",
            '"status.replicas" is not a known field selector: only "metadata.name", '
            '"metadata.namespace"',
        ),
        ("apis/contract.example.com/v1/widgets", "x=1", "field label not supported: x"),
        ("api/v1/pods", "spec.nodeName", "invalid selector: 'spec.nodeName'; can't understand"),
        ("api/v1/pods", "spec.nodeName=a=b", "invalid field selector: unescaped character in val"),
        ("api/v1/pods", r"spec.nodeName=a\x", r"invalid field selector: invalid escape sequence: "),
    ],
)
def test_fields_that_cannot_be_selected(api: Any, path: str, selector: str, message: str) -> None:
    answer = api.send("GET", f"/{path}", fieldSelector=selector)
    assert (answer.code, answer.reason) == (400, "BadRequest")
    assert answer.message.startswith(message)


def test_fields_of_a_watch(api: Any) -> None:
    version = api.send("GET", api.path("pods")).metadata["resourceVersion"]
    query = {"fieldSelector": "spec.nodeName=here", "resourceVersion": version}
    spec = {"containers": [{"name": "c", "image": "i"}], "schedulerName": "mine"}
    with api.watch(api.path("pods"), **query) as events:
        post(api, "pods", "Pod", metadata={"name": "off"}, spec=spec)
        post(api, "pods", "Pod", metadata={"name": "on"}, spec=spec | {"nodeName": "here"})
        assert events.names(1) == [("ADDED", "on")]
