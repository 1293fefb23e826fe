"""Operators on defaults and on CEL rules."""

from __future__ import annotations

import copy
from typing import Any

from .changes import Draft, NothingToChange, operator
from .structure import EMBEDDED, INT, LIST_KEYS, LIST_TYPE, PRESERVE, RULES

STRING = {"type": "string"}
VALUES: tuple[Any, ...] = (
    *("", "a", "abc", "2026-01-01", "2026-01-01T00:00:00Z", "1h", "10.0.0.1", "YQ==", "é"),
    *(0, 1, -1, 1.5, 2**31, 2**63, True, False, [], ["a"], ["a", "a"], [1], [None]),
    *({}, {"a": "b"}, {"nothing": 1}, {"a": None}, None),
)


@operator("R41")
def default_in_metadata(draft: Draft) -> None:
    properties = draft.root().setdefault("properties", {})
    name = draft.pick("metadata", "kind", "apiVersion")
    schema = properties.setdefault(name, {"type": "object" if name == "metadata" else "string"})
    if name == "metadata" and draft.pick(True, False):
        schema = schema.setdefault("properties", {}).setdefault("name", {"type": "string"})
    schema["default"] = draft.pick("a", {}, None, {"name": "a"})


@operator("R42")
def default_with_unknown_fields(draft: Draft) -> None:
    schema = draft.schema("object")
    names = list(schema.get("properties") or {})
    known = {draft.pick(*names): draft.pick("a", {})} if names else {}
    schema["default"] = draft.pick({}, {"nothing": 1}, known, {**known, "nothing": {}})


@operator("R43")
def default(draft: Draft) -> None:
    draft.schema()["default"] = copy.deepcopy(draft.pick(*VALUES))


@operator("R43")
def default_of_formats(draft: Draft) -> None:
    schema = draft.schema("string")
    for keyword in ("enum", "pattern", "maxLength", "minLength"):
        schema.pop(keyword, None)
    form = draft.pick(
        *("date", "date-time", "duration", "byte", "ipv4", "ipv6", "cidr", "uuid", "uri", "email"),
        *("hostname", "mac", "hexcolor", "password", "isbn", "creditcard", "ssn", "nothing"),
        *("uuid3", "uuid4", "uuid5", "rgbcolor", "bsonobjectid", "k8s-short-name", "datetime"),
    )
    schema["format"] = form
    good = {
        "email": "a@b.cd",
        "hostname": "a.b",
        "mac": "01:23:45:67:89:ab",
        "cidr": "10.0.0.0/8",
        "ipv6": "::1",
        "uri": "https://a.b",
        "uuid": "123e4567-e89b-12d3-a456-426614174000",
        "uuid4": "123e4567-e89b-42d3-a456-426614174000",
        "hexcolor": "#ffffff",
        "isbn": "978-3-16-148410-0",
        "creditcard": "4111111111111111",
        "ssn": "111-22-3333",
        "rgbcolor": "rgb(1,2,3)",
        "bsonobjectid": "507f1f77bcf86cd799439011",
        "duration": "3 days",
    }
    strange = ("", "a", "1h", "2026-01-01", "2026-01-01T00:00:00Z", "10.0.0.1", "YQ==", "a b")
    schema["default"] = draft.pick(good.get(form, "a"), good.get(form, "a"), *strange)


@operator("R43")
def default_with_bounds(draft: Draft) -> None:
    schema = draft.schema("string", "integer", "array", "object", "number")
    keyword, value = draft.pick(
        ("minLength", 2),
        ("maxLength", 2),
        ("pattern", "^a$"),
        ("pattern", "^[[:alpha:]]+$"),
        ("enum", ["a", 1]),
        ("minimum", 1),
        ("maximum", 1),
        ("multipleOf", 2),
        ("minItems", 1),
        ("maxItems", 1),
        ("minProperties", 1),
        ("maxProperties", 0),
        ("required", ["a"]),
        ("anyOf", [{"enum": ["a"]}, {"minimum": 3}]),
        ("not", {"enum": ["a", 1]}),
        ("oneOf", [{"minLength": 1}, {"minLength": 3}]),
        ("allOf", [{"maxLength": 2}]),
        ("nullable", True),
    )
    schema[keyword] = value
    suitable = {"string": ("a", "abc", ""), "integer": (0, 1, 2, 3), "number": (0.5, 1, 4)}
    lists: tuple[Any, ...] = ([], ["a"], [1, 2]) if schema["type"] == "array" else ({}, {"a": 1})
    schema["default"] = draft.pick(*suitable.get(schema["type"], lists))


@operator("R43")
def default_by_steps(draft: Draft) -> None:
    schema = draft.schema("integer", "number")
    for keyword in ("minimum", "maximum", "enum"):
        schema.pop(keyword, None)
    schema["multipleOf"] = draft.pick(2, 3, 0.5, 0.1, 0.01, 1.5, 2.5, 1e20, 1e-10)
    whole = (0, 1, 3, 5, -4, 2**53 + 1, 10**18)
    parts = (0.3, 1.13, 1.12, -1.12, 4.5, -0.5, 0.7)
    schema["default"] = draft.pick(*whole, *(parts if schema["type"] == "number" else ()))


@operator("R43")
def default_twice(draft: Draft) -> None:
    schema = draft.schema("array")
    schema.clear()
    schema.update({"type": "array", "items": {"type": "string"}, "default": ["a", "b", "a"]})
    draft.put(schema, "x-kubernetes-list-type", draft.pick("set", "atomic", None))


@operator("R43")
def default_by_rule(draft: Draft) -> None:
    schema = draft.schema("string", "integer")
    schema.pop("enum", None)
    schema.pop("pattern", None)
    is_text = schema["type"] == "string"
    schema.setdefault("maxLength", 20) if is_text else None
    if schema.get("format"):
        raise NothingToChange
    rules = ("self != 'a'", "self.size() < 3", "self == oldSelf") if is_text else ("self > 1",)
    schema[RULES] = [{"rule": draft.pick(*rules)}]
    schema["default"] = draft.pick("a", "abc", "") if is_text else draft.pick(1, 2)


@operator("R44")
def default_of_embedded(draft: Draft) -> None:
    schema = draft.schema("object")
    schema.clear()
    schema.update({"type": "object", EMBEDDED: True, PRESERVE: True})
    schema["default"] = draft.pick(
        {},
        {"kind": "A"},
        {"kind": "A", "apiVersion": "v1"},
        {"kind": "A", "apiVersion": "v1", "metadata": {}},
        {"kind": "A", "apiVersion": "v1", "metadata": {"name": "a"}},
        {"kind": "A", "apiVersion": "v1", "metadata": {"name": "A_"}},
        {"kind": "A", "apiVersion": "v1", "metadata": {"labels": {"a": "b"}}},
        {"kind": "A", "apiVersion": "v1", "metadata": {"labels": {"a b": "c"}}},
        {"kind": "A", "apiVersion": "v1", "metadata": "a"},
        {"kind": "", "apiVersion": "v1"},
        {"kind": "A", "apiVersion": "a/b/c"},
        {"kind": 1, "apiVersion": "v1"},
        {"kind": "A", "apiVersion": "v1", "spec": {"a": 1}},
    )


GENERAL = (
    *("true", "self == oldSelf", "self == self", "self", "nothing == 1", "self.", "1 + 1"),
    *("self.nothing == 1", "has(self.nothing)", "oldSelf != null", "type(self) == int", ""),
    *("self ==\nself", " ", "quantity('1') == quantity('2')", "isURL('a')", "cel.bind(a, 1, true)"),
    *("[1, 2].sum() == 3", "timestamp('x') == timestamp('y')", "'a'.matches('(')", "1 == 1.0"),
    *("1 < 1.5", "self.size() > 1", "[1, 'a'].size() == 2", "self in [self]", "dyn(self) == 1"),
)
BY_TYPE = {
    "string": (
        *("self != ''", "self.matches('^a+$')", "self.contains(self)", "self > 1"),
        *("self.size() < 10 && self.startsWith('a')", "ip(self).family() == 4", "self.a == 1"),
        *("self.split(',').all(x, x.contains('a'))", "self + 1 == 'a'", "self in ['a', 'b']"),
        "format.dns1123Label().validate(self).hasValue()",
    ),
    "integer": ("self > 0", "self > 1.5", "self == 1.5", "self == 'a'", "self % 2 == 0"),
    "boolean": ("self", "!self", "self == true", "self > 1"),
    "array": (
        *("self.all(x, true)", "self.all(x, self.all(y, x == y))", "self.size() > 1"),
        *("self.exists_one(x, x == x)", "self[0] == self[1]", "self.all(i, v, i > 0)"),
        *("self.map(x, x).size() == 1", "self.all(x, self.all(y, self.all(z, x == z)))"),
        *("self.filter(x, true).size() > 1", "self.isSorted()", "self.sum() > 1"),
    ),
    "object": (
        *("self.all(k, true)", "self.size() > 1", "self['a'] == 'b'", "has(self.a)"),
        *("self == oldSelf || self.all(k, k != '')", "self.metadata.name == 'a'"),
    ),
}


@operator("R47")
def rule(draft: Draft) -> None:
    schema = draft.schema()
    own = BY_TYPE.get(schema.get("type", ""), ())
    schema[RULES] = [{"rule": draft.pick(*own, *own, *GENERAL)}]
    if draft.pick(True, False):
        for keyword in ("maxLength", "maxItems", "maxProperties"):
            schema.pop(keyword, None)


@operator("R47")
def rule_about_fields(draft: Draft) -> None:
    schema = draft.place(lambda place: bool(place.schema.get("properties"))).schema
    name = draft.pick(*schema["properties"])
    rules = (
        f"has(self.{name})",
        f"self.{name} == oldSelf.{name}",
        f"!has(self.{name}) || self.{name} != ''",
        f"self.{name}.all(x, true)",
        f"self.{name} > 1",
        f"size(self.{name}) > 1",
        f"self.{name}.matches('a')",
        f"self.{name}.a == 1",
        f"type(self.{name}) == string",
        f"self.?{name}.hasValue()",
    )
    schema[RULES] = [{"rule": draft.pick(*rules)}]


@operator("R46")
def rule_keywords(draft: Draft) -> None:
    schema = draft.place(lambda place: bool(place.schema.get("properties"))).schema
    name = draft.pick(*schema["properties"])
    new: dict[str, Any] = {"rule": "true"}
    keyword = draft.pick("message", "messageExpression", "reason", "fieldPath", "fieldPath", "rule")
    values = {
        "message": ("", " ", "a", "a\nb", " a ", "\n"),
        "messageExpression": ("", " ", "'a'", "1", "self", "'a' +", "'a'\n", "nothing"),
        "reason": ("FieldValueInvalid", "FieldValueForbidden", "Bad", "", "FieldValueRequired"),
        "fieldPath": (
            *(f".{name}", f"['{name}']", name, "", " ", ".nothing", f".{name}\n", f".{name}[0]"),
            *(f".{name}.a", "['a", "[a]", ".", f".{name}.", f".{name}['a']", f"$.{name}"),
        ),
        "rule": ("", " ", "true\n", "true &&\ntrue", "\ntrue", "tru"),
    }
    new[keyword] = draft.pick(*values[keyword])
    if draft.pick(True, False, False):
        new["message"] = "m"
    schema[RULES] = [new]


@operator("R48")
def old_self(draft: Draft) -> None:
    place = draft.place(lambda place: place.depth > 1 and not place.in_metadata)
    place.schema[RULES] = [{"rule": "self == oldSelf"}]


@operator("R48")
def old_self_of_items(draft: Draft) -> None:
    schema = draft.schema("array")
    schema.clear()
    thing = {"type": "object", "properties": {"a": STRING}, "required": ["a"]}
    inner = draft.pick({**STRING, "maxLength": 5}, thing)
    schema.update({"type": "array", "maxItems": 5, "items": {**inner, RULES: [CHANGING]}})
    draft.put(schema, LIST_TYPE, draft.pick("map", "set", "atomic", None))
    if schema.get(LIST_TYPE) == "map":
        schema[LIST_KEYS] = ["a"]


CHANGING = {"rule": "self == oldSelf"}


@operator("R49")
def optional_old_self(draft: Draft) -> None:
    new: dict[str, Any] = {"optionalOldSelf": draft.pick(True, True, False)}
    new["rule"] = draft.pick(
        *("self == oldSelf", "oldSelf.hasValue()", "oldSelf.orValue(self) == self", "true"),
        "!oldSelf.hasValue() || oldSelf.value() == self",
    )
    draft.schema()[RULES] = [new]


@operator("R50")
def unbounded(draft: Draft) -> None:
    keywords = ("maxLength", "maxItems", "maxProperties")
    schema = draft.place(lambda place: any(keyword in place.schema for keyword in keywords)).schema
    for keyword in keywords:
        schema.pop(keyword, None)


@operator("R50")
def many_rules(draft: Draft) -> None:
    schema = draft.schema("array", "string")
    text = "self.matches('^a+$')" if schema["type"] == "string" else "self.all(x, x == x)"
    schema[RULES] = [{"rule": text}] * draft.pick(1, 10, 30, 100)


@operator("R50")
def bounds_of_boundaries(draft: Draft) -> None:
    schema = draft.schema("array")
    count = draft.pick(10, 1000, 1450, 1600, 5000)
    schema.clear()
    schema.update({"type": "array", "maxItems": count, "items": {"type": "integer"}})
    schema[RULES] = [{"rule": draft.pick("self.all(x, self.all(y, x == y))", "self.all(x, x > 1)")}]


@operator("R47")
def hidden_values(draft: Draft) -> None:
    schema = draft.schema()
    schema.clear()
    schema.update(
        draft.pick(
            {PRESERVE: True},
            {"type": "object", PRESERVE: True},
            {INT: True},
            {"type": "array", "items": {PRESERVE: True}},
            {"type": "object", "additionalProperties": {}},
            {"type": "object", "additionalProperties": True},
            {"type": "object"},
        )
    )
    rules = ("true", "self == oldSelf", "self.a == 1", "self == 1", "self.size() > 1")
    schema[RULES] = [{"rule": draft.pick(*rules)}]
