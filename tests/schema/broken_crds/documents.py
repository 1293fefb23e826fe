"""What is wrong with a CRD as a whole: names, versions, columns, conversion."""

from __future__ import annotations

import copy

from broken_crds.good import (
    CLIENT,
    ROOT,
    SERVICE,
    Broken,
    X,
    column,
    conversion,
    names,
    spec,
    version,
    x,
)

BROKEN: Broken = [
    (
        "R1",
        lambda d: d["metadata"].update(name="a.b"),
        "metadata.name",
        'must be spec.names.plural+"."+spec.group',
    ),
    *(
        ("R1", lambda d, m=metadata: d["metadata"].update(m), f"metadata.{field}", message)
        for metadata, field, message in (
            ({"labels": {"a b": "c"}}, "labels", "'a b': name part must consist of"),
            ({"labels": {"a": "b c"}}, "labels", "'b c': a valid label must be an empty string or"),
            ({"labels": {"a": "b" * 64}}, "labels", "must be no more than 63 bytes"),
            ({"labels": {"A.b/c": ""}}, "labels", "the part before / must be a lower case domain"),
            ({"annotations": {"": "c"}}, "annotations", "'': name part must consist of"),
            ({"annotations": {"a": "b" * 2**18}}, "annotations", "more than 262144 bytes"),
            ({"finalizers": ["a b/c"]}, "finalizers", "the part before / must be a lower case"),
            (
                {"ownerReferences": [{"apiVersion": "v1", "kind": "A", "name": "a"}]},
                "ownerReferences.uid",
                "must not be empty",
            ),
            ({"generateName": "a"}, "generateName", "must be spec.names.plural"),
        )
    ),
    *(
        ("R33", change, field, f"{value}: cannot unmarshal into a field of type {kind}")
        for change, field, value, kind in (
            (lambda d: version(d, served="true"), "spec.versions[0].served", "'true'", "boolean"),
            (lambda d: version(d, schema=[]), "spec.versions[0].schema", "[]", "object"),
            (lambda d: names(d, shortNames="a"), "spec.names.shortNames", "'a'", "array"),
            (lambda d: names(d, kind=1), "spec.names.kind", "1", "string"),
            (lambda d: spec(d, versions={}), "spec.versions", "{}", "array"),
            (
                lambda d: column(d, priority=2**31),
                "spec.versions[0].additionalPrinterColumns[0].priority",
                "2147483648",
                "integer of 32 bits",
            ),
            (
                lambda d: conversion(d, {"caBundle": "?"}),
                f"{CLIENT}.caBundle",
                "'?'",
                "string of base64",
            ),
            (
                lambda d: d["metadata"].update(labels={"a": 1}),
                "metadata.labels.a",
                "1",
                "string",
            ),
            (
                lambda d: d["metadata"].update(creationTimestamp="now"),
                "metadata.creationTimestamp",
                "'now'",
                "time",
            ),
        )
    ),
    ("R2", lambda d: spec(d, group="example"), "spec.group", "at least one dot"),
    ("R2", lambda d: spec(d, group=""), "spec.group", "Required value"),
    ("R2", lambda d: spec(d, group="Ex.com"), "spec.group", "no DNS-1123 subdomain"),
    ("R3", lambda d: spec(d, scope="cluster"), "spec.scope", "Unsupported value: 'cluster'"),
    ("R4", lambda d: version(d, name="1"), "spec.versions[0].name", "a DNS-1035 label must"),
    (
        "R4",
        lambda d: version(d, storage=False),
        "spec.versions",
        "must have exactly one version marked as storage version, not none",
    ),
    (
        "R4",
        lambda d: d["spec"]["versions"].append(copy.deepcopy(d["spec"]["versions"][0])),
        "spec.versions",
        "must contain unique version names, but v1 is there 2 times",
    ),
    ("R4", lambda d: version(d, served=False), "spec.versions", "no version is served"),
    ("R5", lambda d: version(d, schema={}), ROOT, "schemas are required"),
    ("R6", lambda d: names(d, plural="Things"), "spec.names.plural", "a DNS-1035 label must"),
    ("R6", lambda d: names(d, shortNames=["T"]), "spec.names.shortNames[0]", "a DNS-1035 label"),
    ("R6", lambda d: names(d, kind=""), "spec.names.kind", "Required value"),
    (
        "R7",
        lambda d: names(d, listKind="Thing"),
        "spec.names.listKind",
        "kind and listKind may not be the same",
    ),
    (
        "R8",
        lambda d: spec(d, group="x.k8s.io"),
        "metadata.annotations",
        "protected groups must have approval annotation",
    ),
    (
        "R9",
        lambda d: spec(d, preserveUnknownFields=True),
        "spec.preserveUnknownFields",
        "cannot set to true",
    ),
    (
        "R10",
        lambda d: version(d, deprecationWarning="Old."),
        "spec.versions[0].deprecationWarning",
        "can only be set for deprecated versions",
    ),
    (
        "R10",
        lambda d: version(d, deprecated=True, deprecationWarning="x" * 257),
        "spec.versions[0].deprecationWarning",
        "must be <= 256 characters long",
    ),
    (
        "R11",
        lambda d: column(d, type="text"),
        "spec.versions[0].additionalPrinterColumns[0]",
        "type: 'text' must be one of boolean,date,integer,number,string",
    ),
    (
        "R11",
        lambda d: column(d, jsonPath="{.spec.x}"),
        "spec.versions[0].additionalPrinterColumns[0]",
        "must be a simple json path starting with .",
    ),
    (
        "R11",
        lambda d: column(d, jsonPath='.spec.x[?(@.a=="b")'),
        "spec.versions[0].additionalPrinterColumns[0]",
        "brackets or quotes that are not closed",
    ),
    (
        "R12",
        lambda d: version(
            d, subresources={"scale": {"specReplicasPath": ".x", "statusReplicasPath": ".status.x"}}
        ),
        "spec.versions[0].subresources.scale.specReplicasPath",
        "'.x' should be a json path under .spec",
    ),
    (
        "R13",
        lambda d: version(d, selectableFields=[{"jsonPath": ".spec.y"}]),
        "spec.versions[0].selectableFields[0]",
        "does not refer to a valid field",
    ),
    (
        "R17",
        lambda d: x(d, {"type": "string", "format": "e-mail"}),
        X,
        'unrecognized format "e-mail"',
    ),
    (
        "R14",
        lambda d: conversion(d, {"service": {"name": "a"}}),
        f"{SERVICE}.namespace",
        "service namespace is required",
    ),
    (
        "R14",
        lambda d: conversion(d, {"service": {"name": "a", "namespace": "b", "port": 0}}),
        f"{SERVICE}.port",
        "must be 1-65535",
    ),
    (
        "R14",
        lambda d: conversion(d, {"service": {"name": "a", "namespace": "b", "path": "/A"}}),
        f"{SERVICE}.path",
        "segment 'A' is no DNS-1123 subdomain",
    ),
    (
        "R14",
        lambda d: conversion(d, {"url": "http://a"}),
        f"{CLIENT}.url",
        "'https' is the only allowed URL scheme",
    ),
    (
        "R14",
        lambda d: conversion(d, {"url": "https://a?b=c"}),
        f"{CLIENT}.url",
        "query parameters are not permitted in the URL",
    ),
    ("R14", lambda d: conversion(d, {"x": 1}), CLIENT, "exactly one of url or service"),
    (
        "R14",
        lambda d: conversion(d, {"url": "https://a"}, ["v2"]),
        "spec.conversion.webhook.conversionReviewVersions",
        "must include at least one of v1, v1beta1",
    ),
    (
        "R14",
        lambda d: spec(d, conversion={"strategy": "Always"}),
        "spec.conversion.strategy",
        "Unsupported value: 'Always'",
    ),
    (
        "R18",
        lambda d: x(d, {"type": "string", "description": "x" * 300_000}),
        "spec.versions",
        "more than the 262144 that fit into the annotation",
    ),
]
