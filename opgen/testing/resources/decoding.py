"""Decoding JSON into Go's types, as far as clients notice: what has the wrong type is refused.

Source: encoding/json, whose sentences kube-apiserver passes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from opgen.testing.errors import Document, Undecodable
from opgen.testing.objects.go_time import PROBLEMS, QUANTITY
from opgen.testing.objects.schemas import OBJECT_META_SCHEMA, Schema, field_schema, resolve
from opgen.testing.objects.validation import type_name
from opgen.testing.resources.registry import ResourceType

# What JSON types are called by Go's decoder, and the types it is asked for.
_GO_NAMES = {"object": "object", "array": "array", "string": "string", "boolean": "bool"}


def go_name(value: Any, wanted: str = "") -> str:
    """What Go's decoder calls a value that it did not want."""
    name = type_name(value)
    if name == "number" and wanted == "integer":
        return f"number {value}"
    if name == "integer" or isinstance(value, float):
        return "number"
    return _GO_NAMES.get(name, name)


def check_types(document: Document, resource_type: ResourceType) -> None:
    """Built-in objects are decoded into Go structs, which fails on the first wrong type.

    Of custom objects this holds for metadata only.

    Raises:
        StatusError: 400.
    """
    value, schema, struct = document, resource_type.schema, ""
    if resource_type.custom:
        value, schema, struct = document["metadata"], OBJECT_META_SCHEMA, "ObjectMeta"
    if _fits(value, schema):
        return
    # Types that decode themselves end the decoding, other mistakes do not.
    problem = _wrong(value, schema, struct, "", ends=True) or _wrong(value, schema, struct, "")
    if problem:
        kind = resource_type.kind
        raise Undecodable(kind.kind, kind.version, problem, document)


def wrong_metadata(metadata: Document) -> str:
    """Why metadata cannot be decoded, in Go's words; empty if it can."""
    schema, struct = OBJECT_META_SCHEMA, "ObjectMeta"
    if _fits(metadata, schema):
        return ""
    return _wrong(metadata, schema, struct, "", ends=True) or _wrong(metadata, schema, struct, "")


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a value can be decoded: the quick answer, for the usual case."""
    if value is None:
        return True
    node, found = schema, type(value)
    if "$ref" in schema:
        examine = _decoder(value, schema)
        if examine is not None:
            return not examine(value, schema["$ref"])
        node = resolve(schema)
    elif found is str and len(schema) == 1 and schema.get("type") == "string":
        return True
    if node.get("x-kubernetes-int-or-string"):
        return _is_type(value, node)
    if found is dict:
        return node.get("type", "object") == "object" and _fields_fit(value, node)
    if found is list:
        items = node.get("items")
        if node.get("format") == "byte":
            return not value
        if node.get("type", "array") != "array":
            return False
        return not isinstance(items, dict) or all(_fits(item, items) for item in value)
    return _is_type(value, node) and not (
        node.get("format") == "byte" and _base64_problem(str(value))
    )


def _fields_fit(value: dict[str, Any], node: Schema) -> bool:
    declared, values = node.get("properties") or {}, node.get("additionalProperties")
    for name, item in value.items():
        below = declared.get(name, values)
        if isinstance(below, dict) and not _fits(item, below):
            return False
    return True


def _is_type(value: Any, node: Schema) -> bool:
    found, wanted = type_name(value), node.get("type")
    if node.get("x-kubernetes-int-or-string"):
        return found in ("integer", "string")
    return wanted in (None, found) or (wanted == "number" and found == "integer")


def _wrong(value: Any, schema: Schema, struct: str, path: str, *, ends: bool = False) -> str:
    """The first problem in Go's words, or with `ends` the first that ends the decoding."""
    examine = _decoder(value, schema)
    if examine is not None:
        return examine(value, schema["$ref"])
    node = resolve(schema)
    wanted = node.get("type")
    if value is None or (wanted is None and not node.get("x-kubernetes-int-or-string")):
        return ""
    if node.get("format") == "byte" and isinstance(value, list):
        # Go takes a list for bytes, one by one.
        below = (_wrong(item, _BYTE, struct, path, ends=ends) for item in value)
        return next(filter(None, below), "")
    if not _is_type(value, node):
        if ends and schema.get("$ref") not in _DECODERS:
            return ""
        where = f"{struct}{path}" if struct else path
        wanted = "integer" if wanted is None else wanted
        return (
            f"json: cannot unmarshal {go_name(value, wanted)} into Go struct field {where} "
            f"of type {_go_type(schema)}"
        )
    if node.get("format") == "byte" and isinstance(value, str) and not ends:
        return _base64_problem(value)
    return _wrong_below(value, schema, struct, path, ends=ends)


def _wrong_below(value: Any, schema: Schema, struct: str, path: str, *, ends: bool) -> str:
    node = resolve(schema)
    if isinstance(value, dict):
        inner = re.sub(r"^.*\.", "", schema.get("$ref", "")) or struct
        declared = node.get("properties") or {}
        for name, item in value.items():
            # Go does not name the keys of maps.
            embedded = _EMBEDDED.get(inner, {}).get(name)
            prefix = f"{path}.{embedded}" if embedded else path
            where = f"{prefix}.{name}" if name in declared else path
            problem = _wrong(item, field_schema(schema, name), inner, where, ends=ends)
            if problem:
                return problem
    elif isinstance(value, list):
        for item in value:
            problem = _wrong(item, node.get("items") or {}, struct, path, ends=ends)
            if problem:
                return problem
    return ""


def _decoder(value: Any, schema: Schema) -> Callable[[Any, str], str] | None:
    """What decodes a value itself: times are strings first, quantities any JSON."""
    name = schema.get("$ref", "")
    if value is None or not (name == QUANTITY or isinstance(value, str)):
        return None
    return PROBLEMS.get(name)


# Structs that are part of others without a name in JSON, and what is theirs there: Go's decoder
# names them.
_EMBEDDED: Mapping[str, Mapping[str, str]] = {
    "Volume": dict.fromkeys(
        (
            *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "hostPath", "image"),
            *("nfs", "persistentVolumeClaim", "projected", "secret"),
        ),
        "VolumeSource",
    ),
    "Probe": dict.fromkeys(("exec", "grpc", "httpGet", "tcpSocket"), "ProbeHandler"),
    "ConfigMapVolumeSource": {"name": "LocalObjectReference"},
    "ConfigMapKeySelector": {"name": "LocalObjectReference"},
    "SecretKeySelector": {"name": "LocalObjectReference"},
}


def _base64_problem(value: str) -> str:
    """What Go says of a string that is no base64."""
    text = value.replace("\n", "").replace("\r", "")
    found = re.match(r"[A-Za-z0-9+/]*={0,2}", text)
    good = found.end() if found else 0
    if good == len(text) and len(text) % 4 == 0:
        return ""
    return f"illegal base64 data at input byte {good if good < len(text) else good - good % 4}"


_DECODERS = {*PROBLEMS, "io.k8s.apimachinery.pkg.util.intstr.IntOrString"}
"""Types that decode themselves."""
_BYTE: Schema = {"type": "integer", "format": "uint8"}
_GO_TYPES = {"boolean": "bool", "number": "float64", "object": "map[string]interface {}"}


def _go_type(schema: Schema) -> str:
    name: str = schema.get("$ref", "")
    if name.endswith(".IntOrString"):
        return "int32"
    if name:
        *_, version, kind = name.split(".")
        return f"{version}.{kind}"
    node = resolve(schema)
    kind = node.get("type", "")
    if kind == "integer":
        return str(node.get("format", "int64"))
    if kind == "string" and node.get("format") == "byte":
        return "[]uint8"
    if kind == "array":
        return f"[]{_go_type(node.get('items') or {})}"
    if kind == "object" and isinstance(node.get("additionalProperties"), dict):
        return f"map[string]{_go_type(node['additionalProperties'])}"
    return _GO_TYPES.get(str(kind), str(kind))
