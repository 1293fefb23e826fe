"""Sample objects: what a schema demands, and no more.

A sample has the required fields, with the example or default that the schema gives, or else with
values that keep its bounds. For the rules in CEL, `sample_rules` changes it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.pattern_samples import matching
from opgen.schema.sample_rules import obeying
from opgen.schema.values import violations

Schema = Mapping[str, Any]
_TEXTS = (
    "example",
    "Example",
    "a",
    "1",
    "v1",
    "10s",
    "1h",
    "1Gi",
    "example.com",
    "example.com/name",
    "https://example.com",
    "10.0.0.1",
    "10.0.0.0/24",
    "1.0.0",
    "v1.0.0",
    "25%",
    "/path",
    "arn:aws:iam::123456789012:role/example",
    "00000000-0000-4000-8000-000000000000",
)
_FORMATS: Mapping[str, str] = {
    "date-time": "2026-01-31T12:00:00Z",
    "datetime": "2026-01-31T12:00:00Z",
    "date": "2026-01-31",
    "duration": "1h30m",
    "byte": "ZXhhbXBsZQ==",
    "ipv4": "10.0.0.1",
    "ip": "10.0.0.1",
    "ipv6": "fd00::1",
    "cidr": "10.0.0.0/24",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "email": "name@example.com",
    "hostname": "example.com",
    "mac": "02:00:00:00:00:01",
}


def sample(document: Mapping[str, Any], version: str, name: str = "sample") -> dict[str, Any]:
    """A minimal object of a CRD.

    Args:
        document: The CRD.
        version: One of its versions.
        name: What `metadata.name` shall be.

    Raises:
        KeyError: the CRD has no such version.
    """
    spec = document["spec"]
    schema = {one["name"]: one["schema"]["openAPIV3Schema"] for one in spec["versions"]}[version]
    properties = schema.get("properties", {})
    known = {"apiVersion", "kind", "metadata", "status"}
    fields = {field: part for field, part in properties.items() if field not in known}
    required = [field for field in schema.get("required", ()) if field in fields]
    wanted = {"spec", *required} & fields.keys()
    body = value_of({**schema, "properties": fields, "required": sorted(wanted)})
    made = {
        "apiVersion": f"{spec['group']}/{version}",
        "kind": spec["names"]["kind"],
        "metadata": {"name": name},
        **body,
    }
    return dict(obeying(made, schema, value_of))


def value_of(schema: Schema) -> Any:
    """A value that a schema takes; the nearest there is, if none can be found."""
    for told in ("example", "default"):
        if told in schema and not any(violations(schema[told], schema)):
            return schema[told]
    if schema.get("enum"):
        return next((one for one in schema["enum"] if one != ""), schema["enum"][0])
    if schema.get("x-kubernetes-int-or-string"):
        return _either(schema)
    return _MAKERS.get(str(schema.get("type")), _anything)(_narrowed(schema))


def _narrowed(schema: Schema) -> Schema:
    """The schema with the bounds that allOf adds to its own."""
    narrowed = dict(schema)
    for part in map(_narrowed, schema.get("allOf") or ()):
        for keyword, narrow in _NARROWING.items():
            if keyword in part:
                own = narrowed.get(keyword, part[keyword])
                narrowed[keyword] = narrow(own, part[keyword])
        if "pattern" in part:
            narrowed["pattern"] = part["pattern"]
    return narrowed


def _anything(schema: Schema) -> Any:
    return {}


def _either(schema: Schema) -> Any:
    pattern = schema.get("pattern")
    return _text({**schema, "type": "string"}) if pattern else 1


def _text(schema: Schema) -> str:
    """The first text that fits, of those that people write."""
    shortest = int(schema.get("minLength", 0))
    longest = int(schema.get("maxLength", max(shortest, 64)))
    for candidate in _candidates(schema, shortest, longest):
        if not any(violations(candidate, schema)):
            return candidate
    return _TEXTS[0]


def _candidates(schema: Schema, shortest: int, longest: int) -> Iterator[str]:
    if form := _FORMATS.get(schema.get("format", "")):
        yield form
    yield from _TEXTS
    if pattern := schema.get("pattern"):
        yield from matching(pattern)
    for text in _TEXTS:
        yield text[:longest]
        yield (text * (shortest // len(text) + 1))[: max(shortest, 1)]


def _number(schema: Schema) -> int | float:
    low, high = schema.get("minimum"), schema.get("maximum")
    step = schema.get("multipleOf", 1)
    start = low if low is not None else min(1, high) if high is not None else 1
    start = max(start, 1) if high is None or high >= 1 else start
    multiples = [-(-bound // step) * step for bound in (start, low) if bound is not None]
    for tried in (start, start + step, *multiples, high, low):
        if tried is not None and not any(violations(tried, schema)):
            return _whole(tried, schema)
    return _whole(start, schema)


def _whole(number: float, schema: Schema) -> int | float:
    return int(number) if schema["type"] == "integer" else number


def _list(schema: Schema) -> list[Any]:
    count = int(schema.get("minItems", 0))
    items = schema.get("items") or {}
    found = [value_of(items) for _ in range(count)]
    keyed = schema.get("x-kubernetes-list-type") in ("set", "map")
    return [_distinct(one, index) for index, one in enumerate(found)] if keyed else found


def _distinct(value: Any, index: int) -> Any:
    """An item of a set or map that is unlike those before."""
    if not index:
        return value
    if isinstance(value, str):
        return f"{value}-{index + 1}"
    if isinstance(value, dict):
        texts = {name: _distinct(part, index) for name, part in value.items() if _is_text(part)}
        return value | texts
    return value + index if isinstance(value, int) else value


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _object(schema: Schema) -> dict[str, Any]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    required = dict.fromkeys(name for name in schema.get("required", ()) if name in properties)
    required |= dict.fromkeys(_chosen(schema, properties))
    found = {
        name: value_of(properties[name])
        for name in properties
        if name in required and ("default" not in properties[name] or name in required)
    }
    least = int(schema.get("minProperties", 0))
    for name in properties:
        if len(found) < least and name not in found:
            found[name] = value_of(properties[name])
    if schema.get("x-kubernetes-embedded-resource"):
        found = {"apiVersion": "v1", "kind": "ConfigMap"} | found
    others = schema.get("additionalProperties")
    if not properties and schema.get("x-kubernetes-preserve-unknown-fields"):
        others = {"type": "string"}
    if isinstance(others, Mapping):
        for index in range(least - len(found)):
            found[f"key{index + 1 if index else ''}"] = value_of(others)
    return found


def _chosen(schema: Schema, properties: Mapping[str, Schema]) -> Iterator[str]:
    """The fields that the first of some alternatives requires."""
    for keyword in ("oneOf", "anyOf"):
        for choice in (schema.get(keyword) or ())[:1]:
            yield from (name for name in choice.get("required", ()) if name in properties)
    for part in schema.get("allOf") or ():
        yield from (name for name in part.get("required", ()) if name in properties)
        yield from _chosen(part, properties)


_NARROWING: Mapping[str, Any] = {
    "minimum": max,
    "maximum": min,
    "minLength": max,
    "maxLength": min,
    "minItems": max,
    "maxItems": min,
    "minProperties": max,
    "maxProperties": min,
    "multipleOf": lambda own, other: math.lcm(int(own), int(other)),
}
_MAKERS: Mapping[str, Any] = {
    "string": _text,
    "integer": _number,
    "number": _number,
    "boolean": lambda schema: True,
    "array": _list,
    "object": _object,
}
