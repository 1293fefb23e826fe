"""Contract: Services: their addresses, and ports of the nodes."""

from __future__ import annotations

from typing import Any

MERGE = "application/merge-patch+json"


def service(name: str = "s", **spec: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"a": "b"}, "ports": [{"port": 80}], **spec},
    }


def make_service(api: Any, **spec: Any) -> Any:
    return api.send("POST", api.path("services"), service(**spec))


def test_a_service_is_completed(api: Any) -> None:
    answer = make_service(api)
    assert answer.code == 201
    spec = answer.body["spec"]
    address = spec.pop("clusterIP")
    assert address
    assert spec.pop("clusterIPs") == [address]
    assert spec == {
        "selector": {"a": "b"},
        "ports": [{"port": 80, "protocol": "TCP", "targetPort": 80}],
        "type": "ClusterIP",
        "sessionAffinity": "None",
        "ipFamilies": ["IPv4"],
        "ipFamilyPolicy": "SingleStack",
        "internalTrafficPolicy": "Cluster",
    }
    assert answer.body["status"] == {"loadBalancer": {}}


def test_a_headless_service(api: Any) -> None:
    spec = make_service(api, clusterIP="None").body["spec"]
    assert (spec["clusterIP"], spec["clusterIPs"]) == ("None", ["None"])


def test_a_node_port_is_given_out(api: Any) -> None:
    spec = make_service(api, type="NodePort").body["spec"]
    assert 30000 <= spec["ports"][0]["nodePort"] <= 32767
    assert spec["externalTrafficPolicy"] == "Cluster"


def test_a_node_port_is_kept_over_updates(api: Any) -> None:
    made = make_service(api, type="NodePort").body
    port = made["spec"]["ports"][0].pop("nodePort")
    made["metadata"]["labels"] = {"x": "y"}
    answer = api.send("PUT", api.path("services", "s"), made)
    assert answer.body["spec"]["ports"][0]["nodePort"] == port


def test_a_service_that_leaves_its_load_balancer_has_node_ports(api: Any) -> None:
    made = make_service(api, type="LoadBalancer", allocateLoadBalancerNodePorts=False).body
    assert "nodePort" not in made["spec"]["ports"][0]
    patch = {"spec": {"type": "NodePort"}}
    spec = api.send("PATCH", api.path("services", "s"), patch, content_type=MERGE).body["spec"]
    assert "allocateLoadBalancerNodePorts" not in spec
    assert spec["ports"][0]["nodePort"]


def test_a_taken_node_port(api: Any) -> None:
    port = make_service(api, type="NodePort").body["spec"]["ports"][0]["nodePort"]
    other = service("other", type="NodePort", ports=[{"port": 80, "nodePort": port}])
    answer = api.send("POST", api.path("services"), other)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == (
        f'Service "other" is invalid: spec.ports[0].nodePort: Invalid value: {port}: '
        "provided port is already allocated"
    )


def test_a_node_port_is_free_again_after_deletion(api: Any) -> None:
    port = make_service(api, type="NodePort").body["spec"]["ports"][0]["nodePort"]
    api.send("DELETE", api.path("services", "s"))
    other = service("other", type="NodePort", ports=[{"port": 80, "nodePort": port}])
    assert api.send("POST", api.path("services"), other).code == 201


def test_a_node_port_out_of_range(api: Any) -> None:
    answer = make_service(api, type="NodePort", ports=[{"port": 80, "nodePort": 80}])
    assert answer.code == 422
    assert answer.message == (
        'Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 80: '
        "provided port is not in the valid range. The range of valid ports is 30000-32767"
    )


def test_a_port_out_of_range(api: Any) -> None:
    answer = make_service(api, ports=[{"port": 70000, "targetPort": 80}])
    assert answer.message == (
        'Service "s" is invalid: spec.ports[0].port: Invalid value: 70000: '
        "must be between 1 and 65535, inclusive"
    )


def test_several_ports_need_names(api: Any) -> None:
    answer = make_service(api, ports=[{"port": 80, "name": "a"}, {"port": 81}])
    assert answer.message == 'Service "s" is invalid: spec.ports[1].name: Required value'


def test_a_service_needs_ports(api: Any) -> None:
    answer = make_service(api, ports=[])
    assert answer.message == 'Service "s" is invalid: spec.ports: Required value'


def test_a_cluster_ip_stays(api: Any) -> None:
    made = make_service(api).body
    patch = {"spec": {"ports": [{"port": 81}]}}
    answer = api.send("PATCH", api.path("services", "s"), patch, content_type=MERGE)
    assert answer.body["spec"]["clusterIP"] == made["spec"]["clusterIP"]
    assert answer.body["spec"]["ports"] == [{"port": 81, "protocol": "TCP", "targetPort": 81}]


def test_a_service_has_no_generation(api: Any) -> None:
    assert "generation" not in make_service(api).metadata


def test_a_dry_run_takes_no_node_port(api: Any) -> None:
    ports = [{"port": 80, "nodePort": 30011}]
    dry = api.send(
        "POST", api.path("services"), service("s", type="NodePort", ports=ports), dryRun="All"
    )
    assert dry.code == 201, dry.body
    assert make_service(api, type="NodePort", ports=ports).code == 201


def test_a_dry_update_keeps_the_node_port(api: Any) -> None:
    made = make_service(api, type="NodePort").body
    port = made["spec"]["ports"][0]["nodePort"]
    change = {"spec": {"type": "ClusterIP"}}
    path = api.path("services", "s")
    dry = api.send("PATCH", path, change, content_type=MERGE, dryRun="All")
    assert "nodePort" not in dry.body["spec"]["ports"][0]
    other = service("other", type="NodePort", ports=[{"port": 80, "nodePort": port}])
    assert api.send("POST", api.path("services"), other).code == 422


def test_a_refused_service_takes_nothing(api: Any) -> None:
    ports = [{"port": 80, "nodePort": 30012}]
    wrong = service("s", type="NodePort", ports=ports, sessionAffinity="Odd")
    assert api.send("POST", api.path("services"), wrong).code == 422
    assert make_service(api, type="NodePort", ports=ports).code == 201


def test_node_ports_do_not_clash(api: Any) -> None:
    taken = make_service(api, type="NodePort").body["spec"]["ports"][0]["nodePort"]
    ports = [{"name": f"p{number}", "port": number} for number in range(1, 31)]
    more = make_service(api, name="more", type="NodePort", ports=ports).body["spec"]["ports"]
    assert len({taken, *(port["nodePort"] for port in more)}) == 31


def test_the_same_number_for_two_protocols(api: Any) -> None:
    ports = [
        {"name": "tcp", "port": 53, "nodePort": 30013, "protocol": "TCP"},
        {"name": "udp", "port": 53, "nodePort": 30013, "protocol": "UDP"},
    ]
    assert make_service(api, type="NodePort", ports=ports).code == 201


def test_a_taken_cluster_ip(api: Any) -> None:
    address = make_service(api).body["spec"]["clusterIP"]
    other = service("other", clusterIP=address)
    answer = api.send("POST", api.path("services"), other)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.message == (
        f'Service "other" is invalid: spec.clusterIPs: Invalid value: ["{address}"]: '
        f"failed to allocate IP {address}: provided IP is already allocated"
    )
