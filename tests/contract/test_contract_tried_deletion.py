"""Contract: a deletion that is tried only, and would take the last finalizer with it.

The server then answers with an object that nobody filled, in the form that Go gives to it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

KINDS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "built_in_objects.json").read_text()
)
TEMPLATE = {"metadata": {}, "spec": {"containers": None}}
EMPTY: dict[str, dict[str, Any]] = {
    "daemonsets": {
        "metadata": {"annotations": {"deprecated.daemonset.template.generation": "0"}},
        "spec": {"selector": None, "template": TEMPLATE, "updateStrategy": {}},
        "status": {
            "currentNumberScheduled": 0,
            "desiredNumberScheduled": 0,
            "numberMisscheduled": 0,
            "numberReady": 0,
        },
    },
    "deployments": {
        "metadata": {},
        "spec": {"replicas": 0, "selector": None, "strategy": {}, "template": TEMPLATE},
        "status": {},
    },
    "jobs": {"metadata": {}, "spec": {"template": TEMPLATE}, "status": {}},
    "networkpolicies": {"metadata": {}, "spec": {"podSelector": {}}},
    "replicasets": {
        "metadata": {},
        "spec": {"replicas": 0, "selector": None, "template": TEMPLATE},
        "status": {"replicas": 0},
    },
    "replicationcontrollers": {"metadata": {}, "spec": {}, "status": {"replicas": 0}},
    "rolebindings": {"metadata": {}, "roleRef": {"apiGroup": "", "kind": "", "name": ""}},
    "services": {"metadata": {}, "spec": {}, "status": {"loadBalancer": {}}},
    "statefulsets": {
        "metadata": {},
        "spec": {
            "replicas": 0,
            "selector": None,
            "serviceName": "",
            "template": TEMPLATE,
            "updateStrategy": {},
        },
        "status": {"availableReplicas": 0, "replicas": 0},
    },
}
OPTIONS = {"propagationPolicy": "Background", "dryRun": ["All"]}


def tried(api: Any, path: str, document: dict[str, Any]) -> Any:
    """Make an object that one finalizer holds, and try a deletion that takes it away."""
    metadata = document["metadata"] | {"finalizers": ["orphan"]}
    made = api.send("POST", path, document | {"metadata": metadata})
    assert made.code == 201, made.body
    return api.send("DELETE", f"{path}/{metadata['name']}", OPTIONS)


@pytest.mark.parametrize("plural", EMPTY)
def test_a_built_in_kind(api: Any, plural: str) -> None:
    kind = KINDS[plural]
    answer = tried(api, kind["path"].format(namespace=api.namespace), kind["object"])
    assert answer.code == 200
    types = {name: kind["object"][name] for name in ("apiVersion", "kind")}
    assert answer.body == types | EMPTY[plural]


def test_a_kind_of_the_aggregator(api: Any) -> None:
    group = f"{api.namespace}.example.com"
    path = "/apis/apiregistration.k8s.io/v1/apiservices"
    types = {"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService"}
    spec = {"group": group, "version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1}
    answer = tried(api, path, types | {"metadata": {"name": f"v1.{group}"}, "spec": spec})
    patch = {"metadata": {"finalizers": None}}
    one = f"{path}/v1.{group}"
    assert api.send("PATCH", one, patch, content_type="application/merge-patch+json").code == 200
    assert api.send("DELETE", one).code == 200
    empty = {"metadata": {}, "spec": {"groupPriorityMinimum": 0, "versionPriority": 0}}
    assert answer.body == types | empty | {"status": {}}


def test_a_version_is_not_outdated_by_what_is_only_tried(api: Any) -> None:
    tried(api, api.maps(), api.config_map())
    version = api.send("GET", api.maps("a")).metadata["resourceVersion"]
    asked = OPTIONS | {"preconditions": {"resourceVersion": version}}
    assert api.send("DELETE", api.maps("a"), asked).code == 200
    del asked["dryRun"]
    # The policy takes the finalizer away first, and then the version is an old one.
    assert api.send("DELETE", api.maps("a"), asked).code == 409


def test_a_custom_kind(api: Any) -> None:
    answer = tried(api, api.widgets(), api.widget())
    assert answer.code == 200
    assert answer.body == {"apiVersion": api.widget()["apiVersion"], "kind": "Widget"}
