"""What is wrong with schemas: structure, lists, values, defaults."""

from __future__ import annotations

from broken_crds.good import (
    EMBEDDED,
    ENTRY,
    KEYS,
    KIND,
    LISTED,
    ROOT,
    STRINGS,
    UNEVEN,
    Broken,
    X,
    root,
    version,
    x,
)

BROKEN: Broken = [
    ("R19", lambda d: root(d, type="string"), ROOT, "must be object at the root"),
    ("R19", lambda d: root(d, nullable=True), ROOT, "nullable cannot be true at the root"),
    ("R20", lambda d: root(d, minProperties=1), ROOT, "minProperties is not allowed at the root"),
    ("R21", lambda d: x(d, {}), X, "must not be empty for specified object fields"),
    (
        "R21",
        lambda d: x(d, {"type": "array", "items": {"title": "x"}}),
        f"{X}.items",
        "must not be empty for specified array items",
    ),
    ("R22", lambda d: x(d, {"type": "array"}), X, "must be specified"),
    ("R23", lambda d: x(d, {"type": "text"}), X, "Unsupported value: 'text'"),
    ("R23", lambda d: x(d, {"type": "null"}), X, "use nullable as an alternative"),
    ("R24", lambda d: x(d, {"type": "string", "$ref": "#/a"}), X, "$ref is not supported"),
    ("R24", lambda d: x(d, {"type": "string", "$ref": ""}), X, "$ref is not supported"),
    (
        "R25",
        lambda d: x(d, {**ENTRY, "additionalProperties": {"type": "string"}}),
        X,
        "additionalProperties and properties are mutual exclusive",
    ),
    (
        "R26",
        lambda d: x(d, {"type": "string", "allOf": [{"default": "x"}]}),
        f"{X}.allOf[0]",
        "default must be undefined to be structural",
    ),
    (
        "R33",
        lambda d: x(d, {"type": "string", "pattern": True}),
        X,
        "pattern: True: cannot unmarshal into a field of type string",
    ),
    *(
        ("R33", lambda d, s=schema: x(d, s), X, f"{message}: cannot unmarshal into a field of type")
        for schema, message in (
            ({"type": "string", "maxLength": 2**63}, "maxLength: 9223372036854775808"),
            ({"type": "object", "properties": {"a": "b"}}, "properties.a: 'b'"),
            ({"type": "object", "required": [1]}, "required[0]: 1"),
            ({"type": "string", "allOf": ["x"]}, "allOf[0]: 'x'"),
            ({"type": "string", "externalDocs": {"url": 1}}, "externalDocs.url: 1"),
            (
                {"type": "string", "x-kubernetes-validations": [{"rule": "true", "message": []}]},
                "x-kubernetes-validations[0].message: []",
            ),
        )
    ),
    *(
        (
            "R43",
            lambda d, k=kind: x(
                d, {"type": "object", "properties": {"a": {"type": k}}, "default": {"a": 1}}
            ),
            f"{X}.default",
            f"a must be of type {kind}",
        )
        for kind in ("null", "text")
    ),
    ("R24", lambda d: x(d, {"type": "string", "dependencies": {}}), X, "dependencies is not"),
    (
        "opgen",
        lambda d: x(d, {"type": "string", "enum": ["a"], "nullable": True}),
        X,
        "the API server takes no null where there is an enum",
    ),
    (
        "R21",
        lambda d: x(d, {"type": None, "minLength": 1}),
        X,
        "must not be empty for specified object fields",
    ),
    (
        "R21",
        lambda d: x(d, {"type": "object", "properties": {"a": None}}),
        f"{X}.properties[a]",
        "must not be empty for specified object fields",
    ),
    *(
        ("R43", lambda d, s=schema: x(d, s), f"{X}.default", "must be a multiple of")
        for schema in (
            {"type": "integer", "multipleOf": 2, "default": 3},
            {"type": "integer", "multipleOf": 1.5, "default": 3},
            {"type": "number", "multipleOf": 0.5, "default": 1},
            {"type": "number", "multipleOf": 2.5, "default": 5},
            {"type": "number", "multipleOf": 0.01, "default": 1.13},
            {"type": "number", "multipleOf": 0.01, "default": -1.12},
        )
    ),
    (
        "opgen",
        lambda d: x(d, {**STRINGS, "x-kubernetes-list-type": "set", "default": ["a", "b", "a"]}),
        f"{X}.default",
        "'a' is there twice",
    ),
    (
        "opgen",
        lambda d: x(
            d,
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"k": {"type": "string", "default": "a"}},
                },
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["k"],
                "default": [{"k": "a"}, {}],
            },
        ),
        f"{X}.default",
        "{'k': 'a'} is there twice",
    ),
    (
        "R27",
        lambda d: (
            root(d, oneOf=[{"properties": {"b": {"minLength": 1}}}]) or version(d, subresources={})
        ),
        f"{ROOT}.properties[b]",
        "because it is defined in oneOf[0].properties[b]",
    ),
    (
        "R28",
        lambda d: x(
            d,
            {
                "x-kubernetes-int-or-string": True,
                "x-kubernetes-preserve-unknown-fields": True,
            },
        ),
        X,
        "must be false if x-kubernetes-int-or-string is true",
    ),
    (
        "R29",
        lambda d: x(d, {"type": "object", "x-kubernetes-embedded-resource": True}),
        X,
        "properties must not be empty if x-kubernetes-embedded-resource is true",
    ),
    (
        "R31",
        lambda d: x(d, {"type": "object", "x-kubernetes-preserve-unknown-fields": False}),
        X,
        "must be true or undefined",
    ),
    ("R34", lambda d: x(d, {**STRINGS, "uniqueItems": True}), X, "uniqueItems cannot be set to"),
    (
        "R35",
        lambda d: x(d, {**ENTRY, "x-kubernetes-map-type": "map"}),
        X,
        "Unsupported value: 'map'",
    ),
    (
        "R36",
        lambda d: x(d, {"type": "string", "x-kubernetes-list-type": "set"}),
        X,
        "type must be array if x-kubernetes-list-type is specified",
    ),
    ("R37", lambda d: x(d, LISTED), X, "must not be empty if x-kubernetes-list-type is map"),
    (
        "R37",
        lambda d: x(d, {**STRINGS, KEYS: ["a"]}),
        X,
        "x-kubernetes-list-type must be map",
    ),
    (
        "R38",
        lambda d: x(d, {**LISTED, KEYS: ["b"]}),
        X,
        "entries must all be names of item properties",
    ),
    (
        "R38",
        lambda d: x(d, {**LISTED, "items": {**ENTRY, "required": []}, KEYS: ["a"]}),
        X,
        "so it must have a default or be a required property",
    ),
    (
        "R40",
        lambda d: x(d, {"type": "array", "items": ENTRY, "x-kubernetes-list-type": "set"}),
        X,
        "must be atomic as item of a list with x-kubernetes-list-type=set",
    ),
    (
        "R41",
        lambda d: root(d, properties={"metadata": {"type": "object", "default": {}}}),
        f"{ROOT}.properties[metadata].default",
        "must not be set in top-level metadata",
    ),
    (
        "R43",
        lambda d: x(d, {"type": "string", "maxLength": 1, "default": "xx"}),
        f"{X}.default",
        "default: 'xx': is too long: the greatest length is 1",
    ),
    (
        "R43",
        lambda d: x(d, {"type": "string", "pattern": "^a", "default": "b"}),
        f"{X}.default",
        "match ^a",
    ),
    (
        "R43",
        lambda d: x(d, {"type": "string", "format": "date-time", "default": "yesterday"}),
        f"{X}.default",
        "does not fit into date-time",
    ),
    (
        "R42",
        lambda d: x(d, {**ENTRY, "default": {"a": "", "b": ""}}),
        f"{X}.default",
        "b is unknown to",
    ),
    ("R43", lambda d: x(d, {**ENTRY, "default": {}}), f"{X}.default", "a is required"),
    (
        "R43",
        lambda d: x(d, {**UNEVEN, "default": "aa"}),
        f"{X}.default",
        "failed rule: self.size() % 2 == 1",
    ),
    (
        "opgen",
        lambda d: x(d, {**ENTRY, "oneOf": [{"properties": {"b": {"minLength": 1}}}]}),
        f"{X}.properties[b]",
        "because it is defined in oneOf[0].properties[b]",
    ),
    (
        "R44",
        lambda d: root(d, default={}),
        "spec.versions[0].schema.openAPIV3Schema.default.apiVersion",
        "default: must result in valid metadata: apiVersion: Required value",
    ),
    (
        "R44",
        lambda d: x(d, {**EMBEDDED, "default": {"kind": "Pod"}}),
        f"{X}.default.apiVersion",
        "default: must result in valid metadata: apiVersion: Required value",
    ),
    (
        "R30",
        lambda d: root(d, properties={"metadata": {**ENTRY}}),
        f"{ROOT}.properties[metadata]",
        "must not specify anything other than name and generateName",
    ),
    ("R30", lambda d: root(d, properties={"kind": {"type": "integer"}}), KIND, "must be string"),
    (
        "R32",
        lambda d: x(d, {"type": "string", "pattern": "^(?!a)"}),
        X,
        "must be a valid regular expression, but isn't: error parsing regexp: invalid or "
        "unsupported Perl syntax: `(?!`",
    ),
    (
        "opgen",
        lambda d: x(d, {"type": "integer", "minimum": 2, "maximum": 1}),
        X,
        "minimum is 2 and maximum is 1, so that no value fits",
    ),
    (
        "opgen",
        lambda d: x(d, {**ENTRY, "required": ["b"]}),
        X,
        "b is required but no property",
    ),
]
