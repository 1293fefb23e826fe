"""Operators on schemas: structure, lists, maps, patterns."""

from __future__ import annotations

import copy
from typing import Any

from .changes import Draft, NothingToChange, operator

INT, PRESERVE = "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields"
EMBEDDED = "x-kubernetes-embedded-resource"
LIST_TYPE, LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"
MAP_TYPE = "x-kubernetes-map-type"
RULES = "x-kubernetes-validations"
TYPES = ("string", "integer", "number", "boolean", "object", "array", "null", "int", "", None)
STRING = {"type": "string"}
PATTERNS = (
    "^a+$",
    "(",
    "a)",
    "[",
    "[a",
    "*a",
    "a**",
    "a{2,1}",
    "a{1001}",
    "a{1000}",
    "(?=a)",
    "(?<!a)b",
    "(?P<n>a)",
    "(?<n>a)",
    "(?P<n>a)(?P<n>b)",
    "\\1",
    "\\pL",
    "\\p{Greek}",
    "\\p{Nothing}",
    "\\d+",
    "\\y",
    "[[:alpha:]]",
    "[[:nothing:]]",
    "[z-a]",
    "a|b||",
    "(?i)a",
    "(?x)a",
    "\\",
    "x*+",
    "\\Qa.b\\E",
    "",
    "((a{100}){100}){100}",
    "(a{30}){40}",
    "\\z",
    "\\Z",
    "\\u0041",
    "\\x41",
    "\\x{10FFFF}",
    "[^\\d\\s]",
    "a{,3}",
    "a{",
    "^*",
    "(?:a",
    "[a-\\d]",
)


@operator("R19")
def root(draft: Draft) -> None:
    changes: tuple[tuple[str, Any], ...] = (
        ("nullable", True),
        ("nullable", False),
        ("type", None),
        ("type", "array"),
        ("type", "string"),
        ("additionalProperties", STRING),
        ("additionalProperties", True),
        (PRESERVE, True),
        (EMBEDDED, True),
        (INT, True),
    )
    draft.put(draft.root(), *draft.pick(*changes))


@operator("R19")
def typeless_root(draft: Draft) -> None:
    schema = draft.root()
    schema.pop("type", None)
    draft.put(schema, PRESERVE, draft.pick(True, None))
    draft.put(draft.version(), "subresources", draft.pick(None, {"status": {}}))


ROOT_KEYWORDS: dict[str, Any] = {
    "title": "T",
    "default": {},
    "example": {},
    "externalDocs": {"url": "https://a.b"},
    "minProperties": 1,
    "maxProperties": 9,
    "enum": [{}],
    "oneOf": [{"required": ["spec"]}],
    "anyOf": [{"required": ["spec"]}],
    "allOf": [{"required": ["spec"]}],
    "not": {"required": ["nothing"]},
    "pattern": "a",
    "format": "x",
    "minimum": 1,
    "maxLength": 3,
    "required": ["spec"],
    "uniqueItems": False,
    MAP_TYPE: "atomic",
    LIST_TYPE: "atomic",
    PRESERVE: True,
    EMBEDDED: True,
    RULES: [{"rule": "true"}],
    "multipleOf": 2.0,
}


@operator("R20")
def root_keyword(draft: Draft) -> None:
    version = draft.version()
    draft.put(version, "subresources", draft.pick(None, {"status": {}}, {"status": {}}))
    keyword = draft.pick(*ROOT_KEYWORDS)
    version["schema"]["openAPIV3Schema"][keyword] = ROOT_KEYWORDS[keyword]


@operator("R21")
def no_type(draft: Draft) -> None:
    draft.schema().pop("type", None)


@operator("R22")
def items(draft: Draft) -> None:
    draft.put(draft.schema("array"), "items", draft.pick(None, {}, [STRING], [], STRING))


@operator("R22")
def items_elsewhere(draft: Draft) -> None:
    draft.schema("string", "object", "integer")["items"] = STRING


@operator("R23")
def change_type(draft: Draft) -> None:
    draft.put(draft.schema(), "type", draft.pick(*TYPES))


@operator("R24")
def unsupported_keyword(draft: Draft) -> None:
    keywords = {
        "id": "x",
        "$ref": "#/definitions/A",
        "additionalItems": draft.pick(True, STRING),
        "patternProperties": {"a": STRING},
        "definitions": {"A": STRING},
        "dependencies": {"a": ["b"]},
        "$schema": "http://json-schema.org/schema#",
        "uniqueItems": draft.pick(True, False),
    }
    keyword = draft.pick(*keywords)
    draft.schema()[keyword] = keywords[keyword]


@operator("R25")
def both_kinds_of_properties(draft: Draft) -> None:
    schema = draft.schema("object")
    schema["additionalProperties"] = draft.pick(True, False, STRING, {})
    if draft.pick(True, False):
        schema.setdefault("properties", draft.pick({}, {"a": STRING}))


@operator("R25")
def properties_of_others(draft: Draft) -> None:
    schema = draft.schema("string", "array", "integer", "boolean")
    draft.put(schema, draft.pick("properties", "additionalProperties"), {"a": STRING})


@operator("R26")
def junctor(draft: Draft) -> None:
    schema = draft.schema()
    names = list(schema.get("properties") or {})
    name = draft.pick(*names) if names else "a"
    parts: tuple[dict[str, Any], ...] = (
        {"type": schema.get("type", "string")},
        {"default": "a"},
        {"nullable": True},
        {"title": "T"},
        {"description": "D"},
        {"required": [name]},
        {"required": ["nothing"]},
        {"properties": {name: {}}},
        {"properties": {name: {"enum": ["a"]}}},
        {"properties": {name: {"type": "string"}}},
        {"properties": {name: {"minLength": 1, "nullable": False}}},
        {"properties": {"nothing": {}}},
        {"properties": {"metadata": {}}},
        {"additionalProperties": STRING},
        {"additionalProperties": {"minLength": 1}},
        {"items": {"pattern": "a"}},
        {"items": {"type": "string"}},
        {"pattern": "a"},
        {"minLength": 1},
        {"maximum": 3},
        {"not": {"required": [name]}},
        {"not": {"type": "string"}},
        {"allOf": [{"required": [name]}]},
        {"anyOf": [{"properties": {name: {"default": 1}}}]},
        {"enum": ["a"]},
        {RULES: [{"rule": "true"}]},
        {RULES: [{"rule": "nothing"}]},
        {PRESERVE: True},
        {INT: True},
        {LIST_TYPE: "atomic"},
        {"format": "date"},
        {"uniqueItems": True},
        {"externalDocs": {"url": "a"}},
        {"example": "a"},
        {},
    )
    keyword = draft.pick("allOf", "anyOf", "oneOf", "not")
    part = draft.pick(*parts)
    schema[keyword] = part if keyword == "not" else [part]


@operator("R28")
def int_or_string(draft: Draft) -> None:
    schema = draft.schema("string", "integer", "object")
    schema[INT] = draft.pick(True, True, False)
    any_of = [{"type": "integer"}, {"type": "string"}]
    draft.put(schema, "type", draft.pick(None, None, "string"))
    draft.put(schema, "anyOf", draft.pick(any_of, any_of[::-1], [*any_of, {}], None))
    draft.put(schema, draft.pick(PRESERVE, EMBEDDED, "pattern", "nullable"), draft.pick(True, None))


@operator("R28")
def int_or_string_within_all_of(draft: Draft) -> None:
    schema = draft.schema("string")
    any_of = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    schema.clear()
    schema[INT] = True
    schema["allOf"] = draft.pick([any_of], [any_of, {"pattern": "a"}], [{"pattern": "a"}, any_of])


@operator("R29")
def embedded(draft: Draft) -> None:
    schema = draft.schema("object", "string")
    schema[EMBEDDED] = draft.pick(True, True, False)
    draft.put(schema, PRESERVE, draft.pick(True, None))
    if draft.pick(True, False):
        schema.pop("properties", None)
    if draft.pick(True, False, False):
        schema["properties"] = {"metadata": draft.pick({"type": "object"}, STRING)}


@operator("R30")
def root_fields(draft: Draft) -> None:
    properties = draft.root().setdefault("properties", {})
    changes: tuple[tuple[str, Any], ...] = (
        ("kind", {"type": "integer"}),
        ("kind", {"type": "string", "enum": ["A"]}),
        ("kind", {"type": "string", "nullable": True}),
        ("apiVersion", {"type": "object"}),
        ("apiVersion", {"type": "string", "pattern": "a"}),
        ("metadata", STRING),
        ("metadata", {"type": "object", "nullable": True}),
        ("metadata", {"type": "object", "minProperties": 1}),
        ("metadata", {"type": "object", "required": ["name"]}),
        ("metadata", {"type": "object", PRESERVE: True}),
        ("metadata", {"type": "object", EMBEDDED: True}),
        ("metadata", {"type": "object", "additionalProperties": STRING}),
        ("metadata", {"type": "object", "properties": {"name": {**STRING, "maxLength": 9}}}),
        ("metadata", {"type": "object", "properties": {"name": {"type": "integer"}}}),
        ("metadata", {"type": "object", "properties": {"generateName": STRING}}),
        ("metadata", {"type": "object", "properties": {"labels": {"type": "object"}}}),
        ("metadata", {"type": "object", "title": "T"}),
        ("metadata", {"type": "object", RULES: [{"rule": "self.name != ''"}]}),
    )
    draft.put(properties, *draft.pick(*changes))


@operator("R31")
def preserving(draft: Draft) -> None:
    draft.schema()[PRESERVE] = draft.pick(True, False)


@operator("R32")
def pattern(draft: Draft) -> None:
    schema = draft.schema("string", "integer")
    chosen = draft.pick(*PATTERNS)
    if draft.pick(True, True, False):
        schema["pattern"] = chosen
    else:
        schema["allOf"] = [{"pattern": chosen}]


@operator("R33")
def bounds(draft: Draft) -> None:
    keyword = draft.pick(
        *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
        *("minimum", "maximum", "multipleOf", "exclusiveMinimum", "required", "enum", "format"),
    )
    values: dict[str, tuple[Any, ...]] = {
        "multipleOf": (0, 2, -1, 0.5),
        "exclusiveMinimum": (True, False),
        "required": ([], ["nothing"], ["a", "a"]),
        "enum": ([], ["a", "a"], [None], ["a", 1], [{}]),
        "format": ("", "nothing", "int32", "int64", "date", "byte", "double", "uuid"),
    }
    draft.schema()[keyword] = draft.pick(*values.get(keyword, (-1, 0, 1, 2**31)))


KEYWORDS = (
    *("type", "format", "pattern", "title", "description", "enum", "required", "properties"),
    *("items", "additionalProperties", "maxLength", "minItems", "minimum", "multipleOf"),
    *("nullable", "uniqueItems", "allOf", "not", "externalDocs", "example", RULES),
    *(LIST_TYPE, LIST_KEYS, MAP_TYPE, "dependencies", "additionalItems", "$ref", "id"),
)


@operator("R33")
def kind_of_keyword(draft: Draft) -> None:
    """Give a keyword a value of any kind."""
    others = ("", 0, 1, 1.5, 2**63, True, False, [], {}, [1], [None], {"a": 1}, {"a": None}, ["a"])
    draft.schema()[draft.pick(*KEYWORDS)] = copy.deepcopy(draft.pick(None, *others))


@operator("R35")
def map_type(draft: Draft) -> None:
    draft.schema()[MAP_TYPE] = draft.pick("atomic", "granular", "set", "")


@operator("R36")
def list_type(draft: Draft) -> None:
    draft.schema()[LIST_TYPE] = draft.pick("atomic", "set", "map", "list", "")


@operator("R36")
def list_type_of_arrays(draft: Draft) -> None:
    schema = draft.schema("array")
    draft.put(schema, LIST_TYPE, draft.pick("atomic", "set", "map", None))
    draft.put(schema, LIST_KEYS, draft.pick(None, ["name"], []))


def _list_map(draft: Draft) -> tuple[dict[str, Any], dict[str, Any]]:
    schema = draft.place(
        lambda place: (
            place.schema.get("type") == "array"
            and bool((place.schema.get("items") or {}).get("properties"))
        )
    ).schema
    return schema, schema["items"]


@operator("R37")
def list_keys(draft: Draft) -> None:
    schema, inner = _list_map(draft)
    names = list(inner["properties"])
    schema[LIST_TYPE] = draft.pick("map", "map", "map", "set", "atomic")
    key = draft.pick(*names)
    schema[LIST_KEYS] = draft.pick([key], [key], [key, key], ["nothing"], [], names[:2])
    if draft.pick(True, False):
        inner["required"] = schema[LIST_KEYS] or names[:1]


@operator("R38")
def list_map_items(draft: Draft) -> None:
    schema, inner = _list_map(draft)
    key = draft.pick(*inner["properties"])
    schema[LIST_TYPE], schema[LIST_KEYS] = "map", [key]
    inner["required"] = [key]
    inner["properties"][key] = draft.pick(
        STRING, {"type": "integer"}, {"type": "array", "items": STRING}, {"type": "object"}
    )
    draft.put(inner, "type", draft.pick("object", "object", "string", None))


@operator("R39")
def list_map_key(draft: Draft) -> None:
    schema, inner = _list_map(draft)
    key = draft.pick(*inner["properties"])
    schema[LIST_TYPE], schema[LIST_KEYS] = "map", [key]
    new: dict[str, Any] = {"type": "string"}
    draft.put(new, "default", draft.pick(None, "a"))
    draft.put(new, "nullable", draft.pick(None, True, False))
    inner["properties"][key] = new
    inner["required"] = draft.pick([], [key])
    draft.put(inner, "nullable", draft.pick(None, None, True))


@operator("R40")
def set_items(draft: Draft) -> None:
    schema = draft.schema("array")
    schema[LIST_TYPE] = "set"
    schema.pop(LIST_KEYS, None)
    array: dict[str, Any] = {"type": "array", "items": STRING}
    thing: dict[str, Any] = {"type": "object", "properties": {"a": STRING}}
    schema["items"] = draft.pick(
        STRING,
        {**STRING, "nullable": True},
        {"type": "number"},
        array,
        {**array, LIST_TYPE: "atomic"},
        {**array, LIST_TYPE: "set"},
        thing,
        {**thing, MAP_TYPE: "atomic"},
        {**thing, MAP_TYPE: "granular"},
        {INT: True},
    )
    if schema.get("default") is not None:
        raise NothingToChange


@operator("R17")
def formats(draft: Draft) -> None:
    schema = draft.schema("string", "integer", "number")
    schema["format"] = draft.pick("int32", "int64", "float", "date", "nothing", "uuid", "ipv4", "")
