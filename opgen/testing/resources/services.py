"""Services: cluster IPs and node ports, each given out once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from opgen.testing.errors import Document, FieldError, invalid, invalid_value, required
from opgen.testing.resources.strategies import NoGeneration

CLUSTER_NETWORK = ipaddress.IPv4Network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)
_TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
_EXPOSED = ("NodePort", "LoadBalancer")


class ServiceStrategy(NoGeneration):
    """Allocates addresses and ports, and keeps them over updates."""

    def __init__(self) -> None:
        self._addresses: dict[str, str] = {}
        self._ports: dict[tuple[int, str], str] = {}
        self._next_address = 10
        self._next_port = 0

    def prepare_create(self, new: Document) -> None:
        """Give the Service a cluster IP and node ports."""
        self._complete(new, {})
        new.setdefault("status", {"loadBalancer": {}})

    def prepare_update(self, new: Document, old: Document) -> None:
        """Keep what the Service has, allocate what it needs now, give back the rest."""
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
        """Ports must be there, be in range and be named when there are several."""
        spec = new.get("spec") or {}
        ports = spec.get("ports") or []
        if not ports and spec.get("clusterIP") != "None" and spec["type"] in _TYPES:
            yield required("spec.ports")
        for index, port in enumerate(ports):
            field = f"spec.ports[{index}]"
            if len(ports) > 1 and not port.get("name"):
                yield required(f"{field}.name")
            yield from _range_problems(f"{field}.port", port["port"])
            target = port.get("targetPort")
            if isinstance(target, int):
                yield from _range_problems(f"{field}.targetPort", target)
        before = ((old or {}).get("spec") or {}).get("clusterIP")
        if before and before != "None" and spec.get("clusterIP") not in (None, before):
            yield invalid_value(
                "spec.clusterIPs[0]", [spec["clusterIP"]], "may not change once set"
            )

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
        if spec.get("type") in _EXPOSED:
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


def _full_name(service: Document) -> str:
    metadata = service["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"


def _range_problems(field: str, value: int) -> Iterator[FieldError]:
    if not 1 <= value <= 65535:
        yield invalid_value(field, value, "must be between 1 and 65535, inclusive")
