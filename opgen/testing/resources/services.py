"""Services: cluster IPs and node ports, each given out once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from opgen.testing.errors import Document, FieldError, invalid, invalid_value
from opgen.testing.resources.service_rules import EXPOSED, service_problems
from opgen.testing.resources.strategies import NoGeneration

CLUSTER_NETWORK = ipaddress.IPv4Network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)


class ServiceStrategy(NoGeneration):
    """Allocates addresses and ports, and keeps them over updates."""

    create_on_update = True
    returns_deleted = True

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._ports: dict[tuple[int, str], str] = {}
        self._next_address = 10
        self._next_port = 0

    def default(self, new: Document) -> None:
        """Without affinity there is nothing to configure about it."""
        spec = new.get("spec") or {}
        if spec.get("sessionAffinity") == "None":
            spec.pop("sessionAffinityConfig", None)

    def prepare_create(self, new: Document) -> None:
        """Give the Service a cluster IP and node ports."""
        self._complete(new, {})
        new.setdefault("status", {"loadBalancer": {}})

    def prepare_update(self, new: Document, old: Document) -> None:
        """Keep what the Service has, allocate what it needs now, give back the rest."""
        _drop_dependent(new.get("spec") or {}, old.get("spec") or {})
        self._complete(new, old)
        for port in self._node_ports(old) - self._node_ports(new):
            self._ports.pop(port, None)

    def deleted(self, old: Document) -> None:
        """Give everything back."""
        self._addresses.pop((old.get("spec") or {}).get("clusterIP", ""), None)
        for port in self._node_ports(old):
            self._ports.pop(port, None)

    def restored(self, new: Document) -> None:
        """Take everything again."""
        self._complete(new, {})

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The rules for Services, and that the cluster IP stays."""
        yield from service_problems(new)
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

    def _complete(self, new: Document, old: Document) -> None:
        spec, before = new.setdefault("spec", {}), old.get("spec") or {}
        name = _full_name(new)
        if spec.get("type") == "ExternalName":
            return
        spec.setdefault("clusterIP", before.get("clusterIP") or self._free_address(name))
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
        spec.setdefault("ipFamilies", ["IPv4"])
        spec.setdefault("ipFamilyPolicy", "SingleStack")
        if spec["clusterIP"] != "None":
            self._addresses[spec["clusterIP"]] = name
        if spec.get("type") in EXPOSED:
            self._complete_ports(new, before)

    def _complete_ports(self, new: Document, before: Document) -> None:
        known = {
            (port.get("name", ""), port.get("protocol", "TCP"), port["port"]): port.get("nodePort")
            for port in before.get("ports") or ()
        }
        name, taken = _full_name(new), []
        for index, port in enumerate(new["spec"].get("ports") or ()):
            protocol = port.get("protocol", "TCP")
            key = (port.get("name", ""), protocol, port.get("port", 0))
            number = port.get("nodePort") or known.get(key)
            if not number:
                number = self._free_port(protocol)
            elif self._ports.get((number, protocol), name) != name:
                detail = "provided port is already allocated"
                taken.append(invalid_value(f"spec.ports[{index}].nodePort", number, detail))
            elif number not in NODE_PORTS:
                first, last = NODE_PORTS.start, NODE_PORTS.stop - 1
                detail = (
                    "provided port is not in the valid range. "
                    f"The range of valid ports is {first}-{last}"
                )
                taken.append(invalid_value(f"spec.ports[{index}].nodePort", number, detail))
            port["nodePort"] = number
        if taken:
            raise invalid("", "Service", new["metadata"].get("name", ""), taken)
        for port in self._node_ports(new):
            self._ports[port] = name

    @staticmethod
    def _node_ports(service: Document) -> set[tuple[int, str]]:
        ports = (service.get("spec") or {}).get("ports") or ()
        return {
            (port["nodePort"], port.get("protocol", "TCP")) for port in ports if "nodePort" in port
        }

    def _free_address(self, name: str) -> str:
        while True:
            self._next_address += 1
            address = str(CLUSTER_NETWORK[self._next_address % CLUSTER_NETWORK.num_addresses])
            if self._addresses.setdefault(address, name) == name:
                return address

    def _free_port(self, protocol: str) -> int:
        for _ in NODE_PORTS:
            # A stride prime to the range spreads the ports as random choice would.
            self._next_port = (self._next_port + 1009) % len(NODE_PORTS)
            number = NODE_PORTS[self._next_port]
            if (number, protocol) not in self._ports:
                return number
        raise invalid(
            "", "Service", "", [invalid_value("spec.ports[0].nodePort", 0, "range is full")]
        )


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


def _full_name(service: Document) -> str:
    metadata = service["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
