"""What is wrong with CEL rules."""

from __future__ import annotations

from broken_crds.good import (
    CHANGING,
    LINEAR,
    NESTED,
    ROOT,
    RULE,
    STRINGS,
    UNTYPED,
    Broken,
    X,
    cel,
    x,
)

BROKEN: Broken = [
    ("R46", lambda d: cel(d, rule=" "), RULE, "rule is not specified"),
    ("R46", lambda d: cel(d, message=" "), RULE, "message must be non-empty if specified"),
    ("R46", lambda d: cel(d, message="a\nb"), RULE, "message must not contain line breaks"),
    (
        "R46",
        lambda d: cel(d, rule="true &&\ntrue"),
        RULE,
        "message must be specified if rule contains line breaks",
    ),
    ("R46", lambda d: cel(d, reason="Bad"), RULE, "reason: Unsupported value: 'Bad'"),
    ("R46", lambda d: cel(d, fieldPath=".b"), RULE, "fieldPath: '.b' must be a valid path"),
    ("R46", lambda d: cel(d, fieldPath=" "), RULE, "fieldPath must be non-empty"),
    (
        "R48",
        lambda d: x(d, {"type": "array", "items": {"type": "string", **CHANGING}}),
        f"{X}.items.x-kubernetes-validations[0].rule",
        "uncorrelatable portion of the schema within spec.x",
    ),
    (
        "R49",
        lambda d: cel(d, rule="self.a != 'oldSelf'", optionalOldSelf=False),
        f"{RULE}.optionalOldSelf",
        "optionalOldSelf may not be set if oldSelf is not used in rule",
    ),
    (
        "R47",
        lambda d: cel(d, rule="self.b != ''"),
        f"{RULE}.rule",
        "compilation failed: ERROR: <input>:1:5: undefined field 'b'",
    ),
    ("R47", lambda d: cel(d, rule="self.a"), f"{RULE}.rule", "must evaluate to a bool"),
    (
        "R47",
        lambda d: cel(d, messageExpression="1"),
        f"{RULE}.messageExpression",
        "messageExpression must evaluate to a string",
    ),
    (
        "R47",
        lambda d: cel(d, messageExpression="'a' +"),
        f"{RULE}.messageExpression",
        "messageExpression compilation failed: ERROR: <input>:1:6: Syntax error",
    ),
    (
        "R47",
        lambda d: x(d, {**UNTYPED, "x-kubernetes-validations": [{"rule": "self == 1"}]}),
        f"{X}.x-kubernetes-validations",
        "unable to convert structural schema to CEL declarations",
    ),
    (
        "R50",
        lambda d: x(d, {**STRINGS, "x-kubernetes-validations": [{"rule": NESTED}]}),
        f"{X}.x-kubernetes-validations[0].rule",
        "estimated rule cost exceeds budget by factor of more than 100x",
    ),
    (
        "R50",
        lambda d: x(d, {**STRINGS, "x-kubernetes-validations": [{"rule": LINEAR}] * 20}),
        ROOT,
        "estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of 1.258",
    ),
]
