"""Whether an apply would change anything, told from managedFields as a real server writes them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from opgen.runtime.ownership import displaced, is_applied, taken_over

Json = dict[str, Any]
PORT_80 = 'k:{"port":80,"protocol":"TCP"}'
PORT_8080 = 'k:{"port":8080,"protocol":"TCP"}'
PORT_FIELDS: Json = {".": {}, "f:name": {}, "f:port": {}, "f:targetPort": {}}


def desired() -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
        "spec": {
            "selector": {"app": "web"},
            "type": "NodePort",
            "ports": [{"name": "http", "port": 80, "targetPort": 80}],
        },
    }


def live() -> Json:
    """What a real API server makes of it."""
    service = desired()
    service["metadata"] |= {"uid": "1", "resourceVersion": "5"}
    service["metadata"]["managedFields"] = [
        {
            "manager": "opgen-web",
            "operation": "Apply",
            "apiVersion": "v1",
            "fieldsV1": {
                "f:metadata": {"f:labels": {"f:app": {}}},
                "f:spec": {
                    "f:selector": {},
                    "f:type": {},
                    "f:ports": {PORT_80: copy.deepcopy(PORT_FIELDS)},
                },
            },
        }
    ]
    service["spec"]["ports"][0] |= {"protocol": "TCP", "nodePort": 30123}
    service["spec"] |= {"clusterIP": "10.0.0.7", "sessionAffinity": "None"}
    service["status"] = {"loadBalancer": {}}
    return service


def fields(service: Json) -> Json:
    found: Json = service["metadata"]["managedFields"][0]["fieldsV1"]
    return found


def test_defaults_of_the_server_are_no_difference() -> None:
    assert is_applied(desired(), live(), "opgen-web")


def test_what_another_manager_applied_is_not_ours() -> None:
    assert not is_applied(desired(), live(), "opgen-other")


def drop_label(want: Json, have: Json) -> None:
    del want["metadata"]["labels"]["app"]
    want["metadata"]["labels"]["new"] = "x"


CHANGES: dict[str, Callable[[Json, Json], Any]] = {
    "a value of ours was changed": lambda w, h: h["spec"].update(type="ClusterIP"),
    "an atomic map was changed": lambda w, h: h["spec"]["selector"].update(app="x"),
    "a value in a list item was changed": lambda w, h: h["spec"]["ports"][0].update(targetPort=1),
    "a list item was removed": lambda w, h: h["spec"].update(ports=[]),
    "a field was lost to another manager": lambda w, h: fields(h)["f:spec"].pop("f:type"),
    "we want a field more": lambda w, h: w["spec"].update(externalTrafficPolicy="Local"),
    "we want a field less": lambda w, h: w["spec"].pop("type"),
    "we want a label less": drop_label,
    "we want an item more": lambda w, h: w["spec"]["ports"].append({"name": "b", "port": 81}),
    "we want another item": lambda w, h: w["spec"]["ports"][0].update(port=81),
    "the API version differs": lambda w, h: w.update(apiVersion="v2"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_difference_is_seen(change: str) -> None:
    want, have = desired(), live()
    CHANGES[change](want, have)
    assert not is_applied(want, have, "opgen-web")


def deployment(cpu: str, order: str = "ab") -> tuple[Json, Json]:
    containers = [{"name": n, "resources": {"limits": {"cpu": cpu}}} for n in order]
    limits: Json = {".": {}, "f:name": {}, "f:resources": {"f:limits": {"f:cpu": {}}}}
    owned = {f'k:{{"name":"{name}"}}': limits for name in order}
    want: Json = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "d"}}
    record: Json = {"manager": "m", "operation": "Apply", "apiVersion": "v1"}
    record["fieldsV1"] = {"f:spec": {"f:containers": owned}}
    have: Json = copy.deepcopy(want) | {"spec": {"containers": copy.deepcopy(containers)}}
    have["metadata"]["managedFields"] = [record]
    return want | {"spec": {"containers": containers}}, have


@pytest.mark.parametrize(
    ("sent", "kept", "same"),
    [("1000m", "1", True), ("1024Mi", "1Gi", True), ("1e3", "1k", True), ("1", "2", False)],
)
def test_quantities_are_compared_by_amount(sent: str, kept: str, same: bool) -> None:
    want, have = deployment(sent)
    for container in have["spec"]["containers"]:
        container["resources"]["limits"]["cpu"] = kept
    assert is_applied(want, have, "m") is same


def test_the_order_of_items_matters() -> None:
    want, have = deployment("1")
    have["spec"]["containers"].reverse()
    assert not is_applied(want, have, "m")


def edited() -> Json:
    """The Service after somebody has edited the port from 80 to 8080."""
    service = live()
    service["spec"]["ports"][0]["port"] = 8080
    service["metadata"]["managedFields"].append(
        {
            "manager": "kubectl-edit",
            "operation": "Update",
            "apiVersion": "v1",
            "fieldsV1": {"f:spec": {"f:ports": {PORT_8080: copy.deepcopy(PORT_FIELDS)}}},
        }
    )
    del fields(service)["f:spec"]["f:ports"]
    return service


def test_an_item_put_in_the_place_of_ours_is_taken_over() -> None:
    service = edited()
    assert displaced(desired(), service, "opgen-web")
    entries = taken_over(desired(), service, "opgen-web")
    assert [entry["manager"] for entry in entries] == ["opgen-web"]
    assert entries[0]["fieldsV1"]["f:spec"]["f:ports"] == {PORT_8080: PORT_FIELDS}
    assert displaced(desired(), service, "opgen-web"), "the argument is left alone"


def test_an_item_beside_ours_is_left_to_its_maker() -> None:
    service = edited()
    service["spec"]["ports"].append({"name": "http", "port": 80, "protocol": "TCP"})
    fields(service)["f:spec"]["f:ports"] = {PORT_80: PORT_FIELDS}
    assert not displaced(desired(), service, "opgen-web")


def test_a_changed_wish_is_no_displacement() -> None:
    want = desired()
    want["spec"]["ports"][0]["port"] = 81
    assert not displaced(want, live(), "opgen-web")
