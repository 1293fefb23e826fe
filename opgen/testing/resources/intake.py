"""Taking in a document: does it belong to the endpoint, and does it fit the schema?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from opgen.testing.errors import (
    Document,
    FieldError,
    Undecodable,
    bad_request,
    required,
)
from opgen.testing.objects.defaulting import fill_in
from opgen.testing.objects.go_form import go_form, metadata_form
from opgen.testing.objects.go_time import PROBLEMS, QUANTITY
from opgen.testing.objects.pruning import drop_nulls, prune
from opgen.testing.objects.schemas import (
    OBJECT_META_SCHEMA,
    Schema,
    field_schema,
    item_schema,
    resolve,
)
from opgen.testing.objects.validation import type_name
from opgen.testing.resources.registry import ResourceType

if TYPE_CHECKING:
    from opgen.testing.resources.options import WriteOptions


def admit(
    document: Document,
    resource_type: ResourceType,
    namespace: str,
    name: str,
    options: WriteOptions,
    *,
    nulls: bool = False,
) -> Document:
    """Check, prune and default a document that a client sent; changed in place.

    `name` is that of the URL, empty for create. With `nulls`, a custom object keeps them.

    Raises:
        StatusError: 400 if it does not belong here, 422 if it breaks the schema.
    """
    check_type(document, resource_type)
    _check_metadata(document, resource_type)
    _check_types(document, resource_type)
    _prune(document, resource_type, options)
    check_place(document, resource_type, namespace, name)
    options.emptied = frozenset(name for name, value in document.items() if value == {})
    if resource_type.custom:
        metadata_form(document)
        if not nulls:
            drop_nulls(document, resource_type.schema)
    else:
        go_form(document, resource_type.schema)
    fill_in(document, resource_type.schema)
    return document


def decode_config(config: Document, resource_type: ResourceType, name: str) -> None:
    """Check the configuration of a server-side apply.

    Raises:
        StatusError: it does not belong here.
    """
    for key in ("kind", "apiVersion"):
        if not config.get(key):
            raise bad_request(f"unable to decode: Object '{key.capitalize()}' is missing")
    check_type(config, resource_type)
    _check_metadata(config, resource_type)
    if config["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    config["metadata"].setdefault("name", name)


def in_order(document: Document) -> Document:
    """A patched document with its fields in the order in which Go writes and reads maps."""
    return {
        name: dict(sorted(value.items())) if isinstance(value, dict) else value
        for name, value in sorted(document.items())
    }


def check_type(document: Document, resource_type: ResourceType) -> None:
    """Check apiVersion and kind; what is missing is filled in, as the real server does.

    Raises:
        StatusError: 400.
    """
    kind = resource_type.kind
    api_version = document.setdefault("apiVersion", kind.api_version)
    if document.setdefault("kind", kind.kind) != kind.kind or api_version != kind.api_version:
        if api_version == kind.api_version:
            group, _, version = api_version.rpartition("/")
            raise bad_request(
                f'{document["kind"]} in version "{version}" cannot be handled as a {kind.kind}: '
                f"converting ({group}/{version}).{document['kind']} to unknown version"
                if not resource_type.custom
                else f'no kind "{document["kind"]}" is registered for version "{api_version}"'
            )
        raise bad_request(
            f"the API version in the data ({api_version}) does not match the expected "
            f"API version ({kind.api_version})"
        )


def _check_metadata(document: Document, resource_type: ResourceType) -> None:
    metadata = document.setdefault("metadata", {})
    if metadata is None:
        metadata = document["metadata"] = {}
    if not isinstance(metadata, dict):
        kind = resource_type.kind
        detail = (
            f"json: cannot unmarshal {_go_name(metadata)} into Go struct field "
            f"{'' if resource_type.custom else kind.kind}.metadata of type v1.ObjectMeta"
        )
        raise Undecodable(kind.kind, kind.version, detail, document)


def check_place(document: Document, resource_type: ResourceType, namespace: str, name: str) -> None:
    """Check namespace and name against those of the URL; fills in the namespace.

    Raises:
        StatusError: 400.
    """
    metadata = document["metadata"]
    if name:
        found = metadata.get("name")
        if not found:
            raise bad_request(
                f"the name of the object ({name} based on URL) was undeterminable: "
                "name must be provided"
            )
        if found != name:
            raise bad_request(
                f"the name of the object ({found}) does not match the name on the URL ({name})"
            )
    if not resource_type.kind.namespaced:
        metadata.pop("namespace", None)
        return
    if (metadata.get("namespace") or namespace) != namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    metadata["namespace"] = namespace


def _prune(document: Document, resource_type: ResourceType, options: WriteOptions) -> None:
    dropped = prune(document, resource_type.schema)
    if not dropped:
        return
    # Those of built-in kinds are found in the order of the document.
    paths = sorted(dropped) if resource_type.custom else dropped
    unknown = [f'unknown field "{path}"' for path in paths]
    if options.field_validation == "Strict":
        kind = resource_type.kind
        detail = f"strict decoding error: {', '.join(unknown)}"
        raise Undecodable(kind.kind, kind.version, detail, document)
    if options.field_validation == "Warn":
        options.warnings += unknown


_OWN_RULES = {"Service", "Role", "ClusterRole"}
"""Kinds whose rules say what is required."""


def missing_fields(document: Document, resource_type: ResourceType) -> Iterator[FieldError]:
    """The required fields that a built-in object lacks."""
    if resource_type.kind.kind in _OWN_RULES:
        return
    for name, value in document.items():
        if name not in ("metadata", "status"):
            yield from _required_problems(value, field_schema(resource_type.schema, name), name)


def _required_problems(value: Any, schema: Schema, path: str) -> Iterator[FieldError]:
    if isinstance(value, dict):
        node = resolve(schema)
        for name in node.get("required") or ():
            if name not in value:
                yield required(f"{path}.{name}")
        for name, item in value.items():
            if isinstance(item, (dict, list)):
                yield from _required_problems(item, field_schema(node, name), f"{path}.{name}")
    elif isinstance(value, list):
        items = item_schema(schema)
        for index, item in enumerate(value):
            yield from _required_problems(item, items, f"{path}[{index}]")


# What JSON types are called by Go's decoder, and the types it is asked for.
_GO_NAMES = {"object": "object", "array": "array", "string": "string", "boolean": "bool"}


def _go_name(value: Any, wanted: str = "") -> str:
    name = type_name(value)
    if name == "number" and wanted == "integer":
        return f"number {value}"
    if name == "integer" or isinstance(value, float):
        return "number"
    return _GO_NAMES.get(name, name)


def _check_types(document: Document, resource_type: ResourceType) -> None:
    """Built-in objects are decoded into Go structs, which fails on the first wrong type.

    Of custom objects this holds for metadata only.

    Raises:
        StatusError: 400.
    """
    if resource_type.custom:
        problem = _wrong(document["metadata"], OBJECT_META_SCHEMA, "ObjectMeta", "")
    else:
        problem = _wrong(document, resource_type.schema, "", "")
        if problem:
            # Types that decode themselves end the decoding, other mistakes do not.
            problem = _undecodable(document, resource_type.schema) or problem
    if problem:
        kind = resource_type.kind
        raise Undecodable(kind.kind, kind.version, problem, document)


def _wrong(value: Any, schema: Schema, struct: str, path: str) -> str:
    examine = _decoder(value, schema)
    if examine is not None:
        return examine(value, schema["$ref"])
    node = resolve(schema)
    wanted = node.get("type")
    if value is None or (wanted is None and not node.get("x-kubernetes-int-or-string")):
        return ""
    found = type_name(value)
    if node.get("x-kubernetes-int-or-string"):
        wanted = "integer"
        fits = found in ("integer", "string")
    else:
        fits = found == wanted or (wanted == "number" and found == "integer")
    if not fits:
        where = f"{struct}{path}" if struct else path
        return (
            f"json: cannot unmarshal {_go_name(value, wanted or '')} into Go struct field {where} "
            f"of type {_go_type(schema)}"
        )
    if node.get("format") == "byte" and isinstance(value, str):
        return _base64_problem(value)
    if isinstance(value, dict):
        inner = re.sub(r"^.*\.", "", schema.get("$ref", "")) or struct
        declared = node.get("properties") or {}
        for name, item in value.items():
            # Go does not name the keys of maps.
            embedded = _EMBEDDED.get(inner, {}).get(name)
            prefix = f"{path}.{embedded}" if embedded else path
            where = f"{prefix}.{name}" if name in declared else path
            problem = _wrong(item, field_schema(schema, name), inner, where)
            if problem:
                return problem
    elif isinstance(value, list):
        for item in value:
            problem = _wrong(item, node.get("items") or {}, struct, path)
            if problem:
                return problem
    return ""


def _undecodable(value: Any, schema: Schema) -> str:
    """What is wrong with the first value that its type's own decoder refuses."""
    examine = _decoder(value, schema)
    if examine is not None:
        return examine(value, schema["$ref"])
    found: Iterable[tuple[Any, Schema]] = ()
    if isinstance(value, dict):
        found = [(item, field_schema(schema, name)) for name, item in value.items()]
    elif isinstance(value, list):
        found = [(item, item_schema(schema)) for item in value]
    return next(filter(None, (_undecodable(item, below) for item, below in found)), "")


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
