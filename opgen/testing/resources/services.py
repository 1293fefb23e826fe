"""Services: cluster IPs and node ports, each given out once. Source: Kubernetes' allocators."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from opgen.testing.errors import (
    Document,
    FieldError,
    StatusError,
    forbidden_field,
    internal_error,
    invalid,
    invalid_value,
)
from opgen.testing.resources.addresses import Address, parse
from opgen.testing.resources.service_families import (
    change_problems,
    complete,
    has_address,
    is_headless,
    normalize,
)
from opgen.testing.resources.service_rules import (
    EXPOSED,
    class_problems,
    is_reachable,
    needs_health_check,
    service_problems,
    service_warnings,
)
from opgen.testing.resources.strategies import NoGeneration

CLUSTER_NETWORK = ipaddress.IPv4Network("10.96.0.0/16")
NODE_PORTS = range(30000, 32768)
_CHOSEN_ADDRESSES, _CHOSEN_PORTS = 256, 86
"""How many of the first are given only to who asks for them, as long as there are others."""
Held = str | int
"""What a Service alone has: an address, or the number of a port of the nodes."""


class ServiceStrategy(NoGeneration):
    """Allocates addresses and ports, and keeps them over updates."""

    create_on_update = True
    returns_deleted = True

    def __init__(self) -> None:
        self._owners: dict[Held, str] = {}
        """The uid of the Service that has an address or a port."""
        self._addresses = _Turn(_CHOSEN_ADDRESSES, CLUSTER_NETWORK.num_addresses - 1, 1)
        self._ports = _Turn(_CHOSEN_PORTS, len(NODE_PORTS), 1009)

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
        self._allocate(new, {})
        new.setdefault("status", {"loadBalancer": {}})

    def prepare_update(self, new: Document, old: Document) -> None:
        """Keep what the Service has and allocate what it needs now."""
        spec, before = new.setdefault("spec", {}), old.get("spec") or {}
        _keep_allocated(spec, before)
        self._allocate(new, before)
        _drop_dependent(spec, before)
        if before.get("type") == "LoadBalancer" != spec.get("type") and "status" in new:
            new["status"] = new["status"] | {"loadBalancer": {}}

    def prepare_store(self, new: Document) -> None:
        """Tell `clusterIPs` where only `clusterIP` is there, as the real server does to readers."""
        normalize(new.get("spec") or {}, {})

    def finished(self, new: Document, old: Document | None, *, stored: bool) -> None:
        """Give back what the Service has no longer, or was not stored with."""
        kept, gone = (new, old or {}) if stored else (old or {}, new)
        self._release(new, _held(gone) - _held(kept))

    def deleted(self, old: Document) -> None:
        """Give everything back."""
        self._release(old, _held(old))

    def restored(self, new: Document) -> None:
        """Take everything again."""
        for held in _held(new):
            self._owners[held] = new["metadata"]["uid"]

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The rules for Services, and that the cluster IP stays."""
        spec, before = new.get("spec") or {}, (old or {}).get("spec") or {}
        if old is not None:
            yield from change_problems(spec, before)
        yield from service_problems(spec, before)
        changed = old is not None and _ingress(new) not in ([], _ingress(old))
        if changed and spec.get("type") != "LoadBalancer":
            text = "may only be used when `spec.type` is 'LoadBalancer'"
            yield forbidden_field("status.loadBalancer.ingress", text)

    def repeated(self, new: Document) -> Iterator[FieldError]:
        """The class of its load balancer is looked at twice."""
        return class_problems(new.get("spec") or {})

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What is deprecated, or ignored."""
        return service_warnings(new.get("spec") or {})

    def _release(self, service: Document, held: set[Held]) -> None:
        for item in held:
            if self._owners.get(item) == service["metadata"]["uid"]:
                del self._owners[item]

    def _allocate(self, new: Document, before: Document) -> None:
        spec = new.setdefault("spec", {})
        normalize(spec, before)
        problems = complete(spec, before)
        if problems:
            raise _invalid(new, problems)
        taken = set(_held({"spec": before}))
        if has_address(spec) and not (before and has_address(before)) and not is_headless(spec):
            self._allocate_address(new)
        if spec.get("type") in EXPOSED:
            self._allocate_ports(new, taken, is_new=not before)
        if needs_health_check(spec) and not needs_health_check(before):
            number = spec.get("healthCheckNodePort") or self._free_port()
            self._take_port(new, number, "spec.healthCheckNodePort")
            spec["healthCheckNodePort"] = number

    def _allocate_address(self, new: Document) -> None:
        spec = new["spec"]
        address = spec.get("clusterIP") or self._free_address()
        if _parsed(address) not in CLUSTER_NETWORK:
            detail = "the provided network does not match the current range"
            raise _unallocated(new, spec["clusterIPs"], address, detail)
        if address in self._owners:
            detail = "provided IP is already allocated"
            raise _unallocated(new, spec["clusterIPs"], address, detail)
        self._owners[address] = new["metadata"]["uid"]
        spec["clusterIP"], spec["clusterIPs"] = address, [address]

    def _allocate_ports(self, new: Document, taken: set[Held], *, is_new: bool) -> None:
        spec = new["spec"]
        ports: list[Document] = spec.get("ports") or []
        wanted = {port.get("port", 0): port["nodePort"] for port in ports[::-1] if _number(port)}
        allocates = _needs_ports(spec)
        seen: set[tuple[str, int]] = set()
        allocated: dict[int, int] = {}
        for index, port in enumerate(ports):
            number = _number(port)
            if not number and not allocates:
                continue
            if is_new:
                # Ports that differ in their protocol alone share a port of the nodes.
                number = number or wanted.get(port.get("port", 0), 0)
            # Of a new Service, ports with different numbers cannot share one of the nodes.
            is_free = is_new and allocated.get(port.get("port", 0)) != number
            if number and (number not in taken or is_free):
                self._take_port(new, number, f"spec.ports[{index}].nodePort")
            port["nodePort"] = number = number or self._free_port()
            self._owners[number] = new["metadata"]["uid"]
            taken.add(number)
            allocated[port.get("port", 0)] = number
            if is_new:
                wanted.setdefault(port.get("port", 0), number)
            elif (port.get("protocol", ""), number) in seen:
                text = f"duplicate nodePort: {{{port.get('protocol', '')} {number}}}"
                raise StatusError(500, "", text)
            seen.add((port.get("protocol", ""), number))

    def _take_port(self, new: Document, number: int, field: str) -> None:
        if number not in NODE_PORTS:
            first, last = NODE_PORTS.start, NODE_PORTS.stop - 1
            detail = (
                "provided port is not in the valid range. "
                f"The range of valid ports is {first}-{last}"
            )
        elif number in self._owners:
            detail = "provided port is already allocated"
        else:
            self._owners[number] = new["metadata"]["uid"]
            return
        if field == "spec.healthCheckNodePort":
            why = f"failed to allocate requested HealthCheck NodePort {number}: {detail}"
            raise StatusError(500, "InternalError", f"Internal error occurred: {why}")
        raise _invalid(new, [invalid_value(field, number, detail)])

    def _free_address(self) -> str:
        for index in self._addresses.order():
            address = str(CLUSTER_NETWORK[index])
            if address not in self._owners:
                return address
        raise _full("serviceIP")

    def _free_port(self) -> int:
        for index in self._ports.order():
            if NODE_PORTS[index] not in self._owners:
                return NODE_PORTS[index]
        raise _full("nodePort")


class _Turn:
    """Whose turn it is of many numbers, of which the first come last."""

    def __init__(self, first: int, size: int, stride: int) -> None:
        self._first, self._size = first, size
        self._stride = stride
        self._next = 0

    def order(self) -> Iterator[int]:
        """All numbers below the size, beginning after the one that was taken last."""
        others = self._size - self._first
        for _ in range(others):
            # A stride prime to their number spreads them as random choice would.
            self._next = (self._next + self._stride) % others
            yield self._first + self._next
        yield from range(1, self._first)


def _number(port: Document) -> int:
    number: int = port.get("nodePort") or 0
    return number


def _ingress(service: Document) -> list[Document]:
    """Where a load balancer is reached."""
    balancer = (service.get("status") or {}).get("loadBalancer") or {}
    found: list[Document] = balancer.get("ingress") or []
    return found


def _invalid(service: Document, problems: list[FieldError]) -> StatusError:
    return invalid("", "Service", service["metadata"].get("name", ""), problems)


def _unallocated(service: Document, addresses: list[str], address: str, detail: str) -> StatusError:
    text = f"failed to allocate IP {address}: {detail}"
    return _invalid(service, [invalid_value("spec.clusterIPs", addresses, text)])


def _full(what: str) -> StatusError:
    return internal_error(f"failed to allocate a {what}: range is full")


def _parsed(address: str) -> Address:
    found = parse(address)
    if found is None:
        raise internal_error(f'failed to parse service IP "{address}"')
    return found


def _held(service: Document) -> set[Held]:
    """The cluster IP and the node ports of a Service."""
    spec = service.get("spec") or {}
    held: set[Held] = {port["nodePort"] for port in spec.get("ports") or () if _number(port)}
    if needs_health_check(spec) and spec.get("healthCheckNodePort"):
        held.add(spec["healthCheckNodePort"])
    if has_address(spec) and spec.get("clusterIP") not in (None, "", "None"):
        held.add(spec["clusterIP"])
    return held


def _keep_allocated(spec: Document, before: Document) -> None:
    """Fill in what was allocated and the client left out, in place."""
    if has_address(spec) and has_address(before):
        for name in ("clusterIP", "clusterIPs"):
            if not spec.get(name) and before.get(name):
                spec[name] = before[name]
    if _needs_ports(spec) and _needs_ports(before):
        numbers = [{_number(port) for port in item.get("ports") or ()} for item in (spec, before)]
        used = (numbers[0] & numbers[1]) - {0}
        known = {port.get("name", ""): _number(port) for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            number = known.get(port.get("name", ""), 0)
            if not _number(port) and number and number not in used:
                port["nodePort"] = number
    if needs_health_check(spec) and needs_health_check(before):
        known_one = before.get("healthCheckNodePort")
        if not spec.get("healthCheckNodePort") and known_one:
            spec["healthCheckNodePort"] = known_one


def _drop_dependent(new: Document, old: Document) -> None:
    """Take away what the type no longer has and the client did not change, in place."""
    kept = {
        "clusterIPs": has_address,
        "ipFamilies": has_address,
        "ipFamilyPolicy": has_address,
        "healthCheckNodePort": needs_health_check,
        "allocateLoadBalancerNodePorts": _is_balanced,
        "loadBalancerClass": _is_balanced,
        "externalTrafficPolicy": is_reachable,
    }
    lost = [name for name, holds in kept.items() if holds(old) and not holds(new)]
    same = [name for name in lost if new.get(name) == old.get(name)]
    if "clusterIPs" in same and new.get("clusterIP") == old.get("clusterIP"):
        new.pop("clusterIP", None)
    elif "clusterIPs" in same:
        same.remove("clusterIPs")
    numbers = [{_number(port) for port in item.get("ports") or ()} - {0} for item in (new, old)]
    if old.get("type") in EXPOSED and new.get("type") not in EXPOSED and numbers[0] <= numbers[1]:
        for port in new.get("ports") or ():
            port.pop("nodePort", None)
    for name in same:
        new.pop(name, None)


def _needs_ports(spec: Document) -> bool:
    """Whether a Service gets ports of the nodes, also those that nobody asked for."""
    allocates = spec.get("allocateLoadBalancerNodePorts") is not False
    return spec.get("type") == "NodePort" or (spec.get("type") == "LoadBalancer" and allocates)


def _is_balanced(spec: Document) -> bool:
    return spec.get("type") == "LoadBalancer"
