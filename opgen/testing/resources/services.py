"""Services: cluster IPs and node ports, each given out once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from opgen.testing.errors import (
    Document,
    FieldError,
    StatusError,
    forbidden_field,
    invalid,
    invalid_value,
)
from opgen.testing.resources.service_rules import EXPOSED, service_problems
from opgen.testing.resources.strategies import NoGeneration

CLUSTER_NETWORK = ipaddress.IPv4Network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)
Held = tuple[str | int, str]
"""What a Service alone has: an address, or the number of a node port and its protocol."""


class ServiceStrategy(NoGeneration):
    """Allocates addresses and ports, and keeps them over updates."""

    create_on_update = True
    returns_deleted = True

    def __init__(self) -> None:
        self._owners: dict[Held, str] = {}
        """The uid of the Service that has an address or a port."""
        self._next_address = 10
        self._next_port = 0

    def default(self, new: Document) -> None:
        """Without affinity there is nothing to configure about it."""
        spec = new.get("spec") or {}
        if spec.get("sessionAffinity") == "None":
            spec.pop("sessionAffinityConfig", None)
        for item in _ingress(new):
            if item.get("ip") and spec.get("type") == "LoadBalancer":
                item.setdefault("ipMode", "VIP")

    def prepare_create(self, new: Document) -> None:
        """Give the Service a cluster IP and node ports."""
        self._complete(new, {})
        new.setdefault("status", {"loadBalancer": {}})

    def prepare_update(self, new: Document, old: Document) -> None:
        """Keep what the Service has and allocate what it needs now."""
        _check_node_ports(new)
        _drop_dependent(new.get("spec") or {}, old.get("spec") or {})
        self._complete(new, old)
        kinds = [(item.get("spec") or {}).get("type") for item in (old, new)]
        if kinds[0] == "LoadBalancer" != kinds[1] and "status" in new:
            new["status"] = new["status"] | {"loadBalancer": {}}

    def finished(self, new: Document, old: Document | None, *, stored: bool) -> None:
        """Give back what the Service has no longer, or was not stored with."""
        kept, gone = (new, old or {}) if stored else (old or {}, new)
        self._release(new, _held(gone) - _held(kept))

    def deleted(self, old: Document) -> None:
        """Give everything back."""
        self._release(old, _held(old))

    def restored(self, new: Document) -> None:
        """Take everything again."""
        self._complete(new, {})

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The rules for Services, and that the cluster IP stays."""
        yield from service_problems(new)
        changed = old is not None and _ingress(new) not in ([], _ingress(old))
        if changed and (new.get("spec") or {}).get("type") != "LoadBalancer":
            text = "may only be used when `spec.type` is 'LoadBalancer'"
            yield forbidden_field("status.loadBalancer.ingress", text)
        spec = new.get("spec") or {}
        before = ((old or {}).get("spec") or {}).get("clusterIP")
        if before and before != "None" and spec.get("clusterIP") not in (None, before):
            yield invalid_value(
                "spec.clusterIPs[0]", [spec["clusterIP"]], "may not change once set"
            )

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What is deprecated."""
        if (new.get("spec") or {}).get("externalIPs"):
            yield "spec.externalIPs is deprecated and may no longer be implemented in some clusters"

    def _release(self, service: Document, held: set[Held]) -> None:
        for item in held:
            if self._owners.get(item) == service["metadata"]["uid"]:
                del self._owners[item]

    def _complete(self, new: Document, old: Document) -> None:
        spec, before = new.setdefault("spec", {}), old.get("spec") or {}
        if spec.get("type") == "ExternalName":
            return
        spec.setdefault("clusterIP", before.get("clusterIP") or self._free_address())
        uid, address = new["metadata"]["uid"], spec["clusterIP"]
        if self._owners.get((address, ""), uid) != uid:
            detail = f"failed to allocate IP {address}: provided IP is already allocated"
            taken = [invalid_value("spec.clusterIPs", [address], detail)]
            raise invalid("", "Service", new["metadata"].get("name", ""), taken)
        spec.setdefault("clusterIPs", [address])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        if spec.get("type") in EXPOSED:
            self._complete_ports(new, before)
        for held in _held(new):
            self._owners[held] = uid

    def _complete_ports(self, new: Document, before: Document) -> None:
        chosen = _held_ports(new["spec"])
        known = {
            (port.get("name", ""), port.get("protocol", "TCP"), port["port"]): port["nodePort"]
            for port in before.get("ports") or ()
            if port.get("nodePort")
            and (port["nodePort"], port.get("protocol", "TCP")) not in chosen
        }
        uid, taken = new["metadata"]["uid"], []
        for index, port in enumerate(new["spec"].get("ports") or ()):
            protocol = port.get("protocol", "TCP")
            key = (port.get("name", ""), protocol, port.get("port", 0))
            number = port.get("nodePort") or known.pop(key, None)
            field = f"spec.ports[{index}].nodePort"
            if not number:
                number = self._free_port(protocol, chosen)
            elif self._owners.get((number, protocol), uid) != uid:
                detail = "provided port is already allocated"
                taken.append(invalid_value(field, number, detail))
            elif number not in NODE_PORTS:
                first, last = NODE_PORTS.start, NODE_PORTS.stop - 1
                detail = (
                    "provided port is not in the valid range. "
                    f"The range of valid ports is {first}-{last}"
                )
                taken.append(invalid_value(field, number, detail))
            chosen.add((number, protocol))
            port["nodePort"] = number
        if taken:
            raise invalid("", "Service", new["metadata"].get("name", ""), taken)

    def _free_address(self) -> str:
        for _ in range(CLUSTER_NETWORK.num_addresses):
            self._next_address = (self._next_address + 1) % CLUSTER_NETWORK.num_addresses
            address = str(CLUSTER_NETWORK[self._next_address])
            if (address, "") not in self._owners:
                return address
        raise _full("spec.clusterIPs")

    def _free_port(self, protocol: str, chosen: set[Held]) -> int:
        for _ in NODE_PORTS:
            # A stride prime to the range spreads the ports as random choice would.
            self._next_port = (self._next_port + 1009) % len(NODE_PORTS)
            held = NODE_PORTS[self._next_port], protocol
            if held not in self._owners and held not in chosen:
                return held[0]
        raise _full("spec.ports[0].nodePort")


def _ingress(service: Document) -> list[Document]:
    """Where a load balancer is reached."""
    balancer = (service.get("status") or {}).get("loadBalancer") or {}
    found: list[Document] = balancer.get("ingress") or []
    return found


def _check_node_ports(service: Document) -> None:
    """No two ports of a changed Service may be the same one of the nodes.

    Raises:
        StatusError: 500, which is what the real server's allocator makes of it.
    """
    seen: set[tuple[str, int]] = set()
    for port in (service.get("spec") or {}).get("ports") or ():
        number, protocol = port.get("nodePort"), port.get("protocol", "TCP")
        if number and (protocol, number) in seen:
            raise StatusError(500, "", f"duplicate nodePort: {{{protocol} {number}}}")
        seen.add((protocol, number or 0))


def _full(field: str) -> StatusError:
    return invalid("", "Service", "", [invalid_value(field, 0, "range is full")])


def _held_ports(spec: Document) -> set[Held]:
    return {
        (port["nodePort"], port.get("protocol", "TCP"))
        for port in spec.get("ports") or ()
        if port.get("nodePort")
    }


def _held(service: Document) -> set[Held]:
    """The cluster IP and the node ports of a Service."""
    spec = service.get("spec") or {}
    held = _held_ports(spec)
    if spec.get("clusterIP") not in (None, "", "None"):
        held.add((spec["clusterIP"], ""))
    return held


# Fields that only some types have, and go with a change to another type unless they change, too.
_DEPENDENT = {
    "allocateLoadBalancerNodePorts": ("LoadBalancer",),
    "loadBalancerClass": ("LoadBalancer",),
    "externalTrafficPolicy": EXPOSED,
    "healthCheckNodePort": ("LoadBalancer",),
}


def _drop_dependent(new: Document, old: Document) -> None:
    kind, before = new.get("type"), old.get("type")
    lost_addresses = old.get("externalIPs") and not new.get("externalIPs")
    policy = new.get("externalTrafficPolicy")
    if lost_addresses and kind not in EXPOSED and policy == old.get("externalTrafficPolicy"):
        new.pop("externalTrafficPolicy", None)
    for name, kinds in _DEPENDENT.items():
        external = name == "externalTrafficPolicy" and new.get("externalIPs")
        if (
            before in kinds
            and kind not in kinds
            and not external
            and new.get(name) == old.get(name)
        ):
            new.pop(name, None)
    if before in EXPOSED and kind not in EXPOSED:
        kept = {port["nodePort"] for port in old.get("ports") or () if "nodePort" in port}
        for port in new.get("ports") or ():
            if port.get("nodePort") in kept:
                del port["nodePort"]
