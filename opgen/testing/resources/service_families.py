"""The cluster IPs and IP families of Services: what is right, and what follows from the rest.

This cluster has IPv4 alone, as most test clusters do. Source: the service allocator of Kubernetes
and ValidateServiceClusterIPsRelatedFields.
"""

from __future__ import annotations

from collections.abc import Iterator

from opgen.testing.errors import (
    Document,
    FieldError,
    duplicate,
    invalid_value,
    not_supported,
    required,
)
from opgen.testing.resources.addresses import address_problems, family

FAMILIES = ("IPv4", "IPv6")
CONFIGURED = "IPv4"
"""The only family of which the cluster has addresses."""
_RULES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_IPS, _FAMILIES, _POLICY = "spec.clusterIPs", "spec.ipFamilies", "spec.ipFamilyPolicy"


def is_headless(spec: Document) -> bool:
    """Whether a Service has no address and is its pods' names alone."""
    return spec.get("clusterIPs") == ["None"]


def has_address(spec: Document) -> bool:
    """Whether a Service of this type has a cluster IP, be it None."""
    return spec.get("type") != "ExternalName"


def normalize(spec: Document, before: Document) -> None:
    """Make `clusterIP` and `clusterIPs` agree where only one of them was set, in place."""
    one, several = spec.get("clusterIP", ""), spec.get("clusterIPs") or []
    was, were = before.get("clusterIP", ""), before.get("clusterIPs") or []
    if not before:
        if one and not several:
            spec["clusterIPs"] = [one]
        return
    if were and not several and one == was:
        several = spec["clusterIPs"] = list(were)
    if one != was and several == were:
        spec["clusterIPs"] = [one] if one else []
    if not spec.get("clusterIPs"):
        spec.pop("clusterIPs", None)


def complete(spec: Document, before: Document) -> list[FieldError]:
    """Set what follows from the other fields, in place; what is wrong with them, if anything."""
    if not has_address(spec) or _stays_preferred(spec, before):
        return []
    selectorless = spec.get("clusterIP") == "None" and not spec.get("selector")
    if spec.get("ipFamilyPolicy") is None:
        default = "RequireDualStack" if selectorless else "SingleStack"
        spec["ipFamilyPolicy"] = before.get("ipFamilyPolicy") or default
    problems = list(_problems(spec, before))
    if problems:
        return problems
    problems = list(_policy_problems(spec, before))
    addresses, families = spec.get("clusterIPs") or [], spec.setdefault("ipFamilies", [])
    for index, address in enumerate(addresses):
        if address == "None":
            break
        if index < len(families):
            continue
        if family(address) == CONFIGURED:
            families.append(CONFIGURED)
        else:
            detail = f"{family(address)} is not configured on this cluster"
            problems.append(invalid_value(f"{_IPS}[{index}]", addresses, detail))
    if problems:
        return problems
    return _settle(spec, families, selectorless=selectorless)


def _settle(spec: Document, families: list[str], *, selectorless: bool) -> list[FieldError]:
    single = spec["ipFamilyPolicy"] == "SingleStack"
    if selectorless:
        # Whose endpoints are somebody else's may have any family.
        families[:] = families or [CONFIGURED]
        if len(families) == 1 and not single:
            families += [name for name in FAMILIES if name not in families]
        return []
    problems = []
    if spec["ipFamilyPolicy"] == "RequireDualStack":
        detail = "this cluster is not configured for dual-stack services"
        problems.append(invalid_value(_POLICY, spec["ipFamilyPolicy"], detail))
    for index, name in enumerate(families):
        if name != CONFIGURED:
            detail = "not configured on this cluster"
            problems.append(invalid_value(f"{_FAMILIES}[{index}]", name, detail))
    families[:] = families or [CONFIGURED]
    return problems


def _stays_preferred(spec: Document, before: Document) -> bool:
    """Whether a Service that prefers two families keeps the addresses that it has."""
    same = all(
        (spec.get(name) or []) == (before.get(name) or [])
        for name in ("type", "ipFamilyPolicy", "clusterIPs", "ipFamilies")
    )
    return same and spec.get("ipFamilyPolicy") == "PreferDualStack"


def _policy_problems(spec: Document, before: Document) -> Iterator[FieldError]:
    policy = spec["ipFamilyPolicy"]
    names = (("clusterIPs", "cluster IP"), ("ipFamilies", "IP family"))
    for name, text in names:
        now, was = spec.get(name) or [], before.get(name) or []
        if policy == "SingleStack" and now == was:
            spec[name] = now[:1]
        elif policy != "SingleStack" and now and len(now) < len(was):
            detail = f"must be 'SingleStack' to release the secondary {text}"
            yield invalid_value(_POLICY, policy, detail)
    if policy != "SingleStack":
        return
    for name, text in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")):
        if len(spec.get(name) or []) == 2:
            detail = (
                f"must be 'RequireDualStack' or 'PreferDualStack' when multiple {text} are "
                "specified"
            )
            yield invalid_value(_POLICY, policy, detail)


def _problems(spec: Document, before: Document) -> Iterator[FieldError]:
    one, several = spec.get("clusterIP", ""), spec.get("clusterIPs") or []
    if one and not several:
        yield required(_IPS)
    elif one and several[0] != one:
        yield invalid_value(_IPS, several, "first value must match `clusterIP`")
    elif several and not one:
        yield invalid_value(_IPS, several, "must be empty when `clusterIP` is not specified")
    yield from _family_problems(spec)
    yield from _address_problems(spec, before.get("clusterIPs") or [])


def _family_problems(spec: Document) -> Iterator[FieldError]:
    families = spec.get("ipFamilies") or []
    for index, name in enumerate(families):
        if name not in FAMILIES:
            yield not_supported(f"{_FAMILIES}[{index}]", name, FAMILIES)
        if name in families[:index]:
            yield duplicate(f"{_FAMILIES}[{index}]", name)
    if spec["ipFamilyPolicy"] not in _RULES:
        yield not_supported(_POLICY, spec["ipFamilyPolicy"], _RULES)


def _address_problems(spec: Document, before: list[str]) -> Iterator[FieldError]:
    addresses, families = spec.get("clusterIPs") or [], spec.get("ipFamilies") or []
    wrong = list(_form_problems(addresses, before))
    yield from wrong
    if len(addresses) > 2:
        yield invalid_value(_IPS, addresses, "may only hold up to 2 values")
    if wrong:
        return
    found = [family(address) for address in addresses]
    if len(addresses) > 1 and set(found) != set(FAMILIES):
        detail = "may specify no more than one IP for each IP family"
        yield invalid_value(_IPS, addresses, detail)
    for index, (name, expected) in enumerate(zip(found, families, strict=False)):
        if name != expected and expected in FAMILIES and not is_headless(spec):
            detail = f"expected an {expected} value as indicated by `ipFamilies[{index}]`"
            yield invalid_value(f"{_IPS}[{index}]", addresses[index], detail)


def _form_problems(addresses: list[str], before: list[str]) -> Iterator[FieldError]:
    for index, address in enumerate(addresses):
        if index or address != "None":
            yield from address_problems(f"{_IPS}[{index}]", address, before)
        elif len(addresses) > 1:
            yield invalid_value(_IPS, addresses, "'None' must be the first and only value")


def change_problems(spec: Document, before: Document) -> Iterator[FieldError]:
    """Why the addresses of a Service cannot change like this."""
    if not has_address(spec) or not has_address(before):
        return
    headless = (is_headless(spec), is_headless(before))
    if headless != (True, True):
        yield from _kept(spec, before, "clusterIPs", "clusterIP")
    if headless == (False, False):
        yield from _kept(spec, before, "ipFamilies", "ipFamily")


def _kept(spec: Document, before: Document, name: str, one: str) -> Iterator[FieldError]:
    now, was, field = spec.get(name) or [], before.get(name) or [], f"spec.{name}"
    if was and not now:
        yield invalid_value(f"{field}[0]", now, f"primary {one} can not be unset")
    for index, (new, old) in enumerate(zip(now, was, strict=False)):
        if new != old and (index == 0 or len(now) == len(was)):
            at = index if name == "clusterIPs" else 0
            yield invalid_value(f"{field}[{at}]", now, "may not change once set")
    if len(now) == 1 < len(was) and spec.get("ipFamilyPolicy") != "SingleStack":
        detail = f"must be set to 'SingleStack' when releasing the secondary {one}"
        yield invalid_value("spec.ipFamilyPolicy", spec.get("ipFamilyPolicy"), detail)
