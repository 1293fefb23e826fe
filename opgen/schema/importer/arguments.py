"""What `@resource` is told: everything a CRD says of a version beyond its schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.descriptions import API_VERSION, KIND
from opgen.schema.importer.layout import Code, Group, call
from opgen.schema.importer.literals import text, value

Document = Mapping[str, Any]
_COLUMN = ("path", "type", "description", "format", "priority")
_USUAL: Mapping[str, Mapping[str, Any]] = {
    "apiVersion": {"type": "string", "description": API_VERSION},
    "kind": {"type": "string", "description": KIND},
    "metadata": {"type": "object"},
}
# Annotations that say who wrote the manifest, not what the CRD is.
_PASSING = frozenset(
    {"controller-gen.kubebuilder.io/version", "kubectl.kubernetes.io/last-applied-configuration"}
)
_HELM = (
    "helm.sh/",
    "meta.helm.sh/",
    "chart",
    "heritage",
    "release",
    "app.kubernetes.io/managed-by",
)


def arguments(document: Document, version: Document) -> dict[str, Code]:
    """The keyword arguments of `@resource` for a version."""
    return dict(_arguments(document, version))


def _arguments(document: Document, version: Document) -> Iterator[tuple[str, Code]]:
    spec = document["spec"]
    names = spec["names"]
    yield "group", text(spec["group"])
    yield "version", text(version["name"])
    yield "plural", text(names["plural"])
    if names.get("singular") not in (None, names["kind"].lower()):
        yield "singular", text(names["singular"])
    if names.get("listKind") not in (None, f"{names['kind']}List"):
        yield "list_kind", text(names["listKind"])
    if spec["scope"] != "Namespaced":
        yield "scope", text(spec["scope"])
    for field, argument in (("shortNames", "short_names"), ("categories", "categories")):
        if names.get(field):
            yield argument, value(names[field])
    yield from _version(spec, version)
    yield from _metadata(document)
    if conversion := _conversion(spec.get("conversion") or {}):
        yield "conversion", conversion


def _version(spec: Document, version: Document) -> Iterator[tuple[str, Code]]:
    if version.get("storage") and len(spec["versions"]) > 1:
        yield "storage", "True"
    if not version.get("served"):
        yield "served", "False"
    if version.get("deprecated"):
        warning = version.get("deprecationWarning")
        yield "deprecated", text(warning) if warning else "True"
    if columns := version.get("additionalPrinterColumns"):
        yield "columns", Group("[", tuple(map(_column, columns)), "]", literal=True)
    schema = version["schema"]["openAPIV3Schema"]
    has_field = "status" in schema.get("properties", {})
    subresources = version.get("subresources") or {}
    if ("status" in subresources) != has_field:
        yield "status", str("status" in subresources)
    if scale := subresources.get("scale"):
        yield "scale", _scale(scale)
    if fields := version.get("selectableFields"):
        yield "selectable", value([field["jsonPath"] for field in fields])
    if root := _root(schema.get("properties", {})):
        yield "root", value(root)


def _column(column: Document) -> Code:
    said = {"path": column["jsonPath"], **column}
    keywords = {word: value(said[word]) for word in _COLUMN if said.get(word)}
    return call("PrintColumn", text(column["name"]), **keywords)


def _scale(scale: Document) -> Code:
    words = {
        "spec": "specReplicasPath",
        "status": "statusReplicasPath",
        "selector": "labelSelectorPath",
    }
    said = {word: text(scale[key]) for word, key in words.items() if scale.get(key)}
    return call("Scale", **said)


def _root(properties: Document) -> dict[str, Any]:
    """What the schema says of the fields of every object, where it is not the usual."""
    found = {name: properties.get(name) for name in _USUAL}
    return {name: part for name, part in found.items() if part != _USUAL[name]}


def _metadata(document: Document) -> Iterator[tuple[str, Code]]:
    """Annotations and labels, without those that a tool has left behind."""
    for field in ("annotations", "labels"):
        said = document.get("metadata", {}).get(field) or {}
        kept = {
            key: item
            for key, item in said.items()
            if isinstance(item, str) and key not in _PASSING and not key.startswith(_HELM)
        }
        if kept:
            yield field, value(kept)


def _conversion(conversion: Document) -> Code | None:
    """The webhook that converts; None if no webhook does."""
    if conversion.get("strategy", "None") == "None":
        return None
    webhook = conversion.get("webhook") or {}
    client = webhook.get("clientConfig") or {}
    service = client.get("service") or {}
    said: dict[str, Any] = {
        "service": service.get("name"),
        "namespace": service.get("namespace"),
        "path": service.get("path", "") if service else None,
        "port": service.get("port"),
        "url": client.get("url"),
        "ca_bundle": client.get("caBundle"),
    }
    keywords = {word: value(given) for word, given in said.items() if given is not None}
    versions = webhook.get("conversionReviewVersions") or ["v1"]
    if versions != ["v1"]:
        keywords["review_versions"] = value(versions)
    return call("ConversionWebhook", **keywords)
