"""Operators on the CRD itself: names, versions, columns, subresources, conversion."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from .changes import Draft, NothingToChange, operator

LABELS = ("abc", "Abc", "a_b", "1a", "", "a" * 64, "a" * 63, "a.b", "a-b", "-a", "a-", "ä")
PATHS = (
    ".spec.replicas",
    "spec.replicas",
    ".status.replicas",
    ".spec",
    ".spec.",
    ".metadata.name",
    "",
    ".spec.a[0]",
    ".spec['a']",
    ".spec..a",
    "$.spec.a",
    ".status.a.b-c",
    ".spec.replicas.",
    "..spec",
)
COLUMN_PATHS = (
    *PATHS,
    ".spec.a[",
    ".spec.a]",
    ".spec.a[*].b",
    ".metadata.labels['a.b']",
    ".metadata.labels['a",
    '.status.conditions[?(@.type=="Ready")].status',
    ".status.conditions[?(@.type==Ready)].status",
    ".status.conditions[?(@.type",
    "{.spec.a}",
    ".spec.a b",
    ".a[0:2]",
    ".a[x]",
    ".a\\.b",
    ".",
)


@operator("R1")
def document_name(draft: Draft) -> None:
    name = draft.document["metadata"]["name"]
    draft.document["metadata"]["name"] = draft.pick("a.b.c", name.upper(), f"{name}.", "x", name)


@operator("R1")
def labels(draft: Draft) -> None:
    keys = ("a", "A.b/c", "a.b/C", "a b", "", "a/", "/a", "a/b/c", "a" * 64, "a" * 250 + ".bcd/e")
    values = ("", "x", "a b", "a" * 63, "a" * 64, "é" * 32, "-a", "A.b_c", None)
    field = draft.pick("labels", "annotations")
    draft.document["metadata"][field] = {draft.pick(*keys): draft.pick(*values), "other": "x"}


@operator("R1")
def long_annotations(draft: Draft) -> None:
    size = 256 * 1024 - draft.pick(-1, 0, 1, 2)
    annotations = {"a": "x" * (size - 3), "b": draft.pick("x", "xx", "é")}
    draft.document["metadata"]["annotations"] = annotations


@operator("R1")
def other_metadata(draft: Draft) -> None:
    reference = {"apiVersion": "v1", "kind": "A", "name": "a", "uid": "u"}
    reference[draft.pick("kind", "name", "uid", "apiVersion")] = draft.pick("x", "")
    more = (
        {"finalizers": [draft.pick("a.b/c", "a.b/C", "A.b/c", "a b", "plain", "")]},
        {"ownerReferences": [reference]},
        {"generateName": draft.pick("a", "")},
    )
    draft.document["metadata"].update(draft.pick(*more))


@operator("R2")
def group(draft: Draft) -> None:
    groups = ("example", "Ex.com", "a..com", "a_b.com", "example.com", "a" * 64 + ".com", "com.")
    new = draft.pick("", *groups, ".".join(["a" * 60] * 5), "1.2")
    draft.spec["group"] = new
    draft.document["metadata"]["name"] = f"{draft.spec['names']['plural']}.{new}"


@operator("R3")
def scope(draft: Draft) -> None:
    draft.put(draft.spec, "scope", draft.pick("Cluster", "Namespaced", "cluster", "", None, "*"))


@operator("R4")
def version_name(draft: Draft) -> None:
    draft.version()["name"] = draft.pick("v1", "V1", "1", "v1.0", "", "v-1", "x" * 64, "foo")


@operator("R4")
def version_twice(draft: Draft) -> None:
    version = copy.deepcopy(draft.version())
    version["storage"] = draft.pick(True, False)
    version["name"] = draft.pick(version["name"], "v9zz")
    draft.spec["versions"].append(version)


@operator("R4")
def storage(draft: Draft) -> None:
    draft.version()["storage"] = draft.pick(True, False)


@operator("R4")
def served(draft: Draft) -> None:
    draft.version()["served"] = draft.pick(True, False)


@operator("R4")
def no_versions(draft: Draft) -> None:
    draft.spec["versions"] = draft.pick([], draft.spec["versions"][:1])


@operator("R5")
def no_schema(draft: Draft) -> None:
    version = draft.version()
    draft.put(version, "schema", draft.pick(None, {}, {"openAPIV3Schema": {}}))


@operator("R6")
def names(draft: Draft) -> None:
    field = draft.pick("plural", "singular", "kind", "listKind")
    draft.put(draft.spec["names"], field, draft.pick(None, *LABELS))
    plural = draft.spec["names"].get("plural", "")
    draft.document["metadata"]["name"] = f"{plural}.{draft.spec['group']}"


@operator("R6")
def lists_of_names(draft: Draft) -> None:
    field = draft.pick("shortNames", "categories")
    draft.spec["names"][field] = [draft.pick(*LABELS), draft.pick("ab", *LABELS)]


@operator("R7")
def list_kind(draft: Draft) -> None:
    draft.spec["names"]["listKind"] = draft.pick(draft.spec["names"]["kind"], "Listed", "thinglist")


@operator("R8")
def protected_group(draft: Draft) -> None:
    new = draft.pick("k8s.io", "x.k8s.io", "x.kubernetes.io", "xk8s.io", "x.k8s.io.com")
    draft.spec["group"] = new
    draft.document["metadata"]["name"] = f"{draft.spec['names']['plural']}.{new}"
    metadata = draft.document["metadata"]
    annotations = metadata["annotations"] = metadata.get("annotations") or {}
    approvals = ("https://a.b/c", "http://a", "unapproved, testing", "unapproved", "yes", "", None)
    draft.put(annotations, "api-approved.kubernetes.io", draft.pick(*approvals, "ftp://a"))


@operator("R9")
def preserve_everywhere(draft: Draft) -> None:
    draft.spec["preserveUnknownFields"] = draft.pick(True, False)


@operator("R10")
def deprecation(draft: Draft) -> None:
    version = draft.version()
    draft.put(version, "deprecated", draft.pick(True, True, False, None))
    warnings = ("", "a" * 256, "a" * 257, "a\nb", "é", "use v2", "a\tb", "é" * 200, "\u200b", " ")
    version["deprecationWarning"] = draft.pick(*warnings)


@operator("R11")
def column(draft: Draft) -> None:
    new = {"name": "A", "type": "string", "jsonPath": ".spec.a"}
    what = draft.pick("name", "type", "format", "jsonPath", "jsonPath", "priority")
    values = {
        "name": ("", "A B", None),
        "type": ("integer", "number", "date", "bool", "", "object", None, "String"),
        "format": ("int32", "byte", "date-time", "password", "ipv4", "", "float"),
        "jsonPath": (None, *COLUMN_PATHS),
        "priority": (-1, 0, 1000),
    }
    draft.put(new, what, draft.pick(*values[what]))
    draft.version().setdefault("additionalPrinterColumns", []).append(new)


@operator("R11")
def column_twice(draft: Draft) -> None:
    columns = draft.version().setdefault("additionalPrinterColumns", [])
    columns.append({"name": "A", "type": "string", "jsonPath": ".spec.a"})
    columns.append({"name": draft.pick("A", "B"), "type": "string", "jsonPath": ".spec.b"})


@operator("R12")
def scale(draft: Draft) -> None:
    new = {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"}
    field = draft.pick("specReplicasPath", "statusReplicasPath", "labelSelectorPath")
    draft.put(new, field, draft.pick(None, *PATHS))
    draft.version().setdefault("subresources", {})["scale"] = new


@operator("R13")
def selectable(draft: Draft) -> None:
    properties = draft.root().get("properties") or {}
    spec = properties.get("spec", {}).get("properties") or {}
    if not spec:
        raise NothingToChange
    known = [f".spec.{name}" for name in spec]
    paths = (*known, *known, *PATHS, ".spec.nothing", ".kind", ".apiVersion", ".spec.x y")
    chosen = [draft.pick(*paths) for _ in range(draft.pick(1, 1, 2, 9))]
    draft.version()["selectableFields"] = [{"jsonPath": path} for path in chosen]


CLIENTS = (
    {"url": "https://a.b/c"},
    {"url": "http://a.b"},
    {"url": "https://u@a.b"},
    {"url": "https://a.b?q=1"},
    {"url": "https://a.b#f"},
    {"url": "https://"},
    {"url": "a b"},
    {"url": ""},
    {"url": "https://a.b:99999/"},
    {"service": {"name": "a", "namespace": "b"}},
    {"service": {"name": "a", "namespace": "b", "port": 0}},
    {"service": {"name": "a", "namespace": "b", "port": 70000}},
    {"service": {"name": "a", "namespace": "b", "path": "/a/b"}},
    {"service": {"name": "a", "namespace": "b", "path": "a"}},
    {"service": {"name": "a", "namespace": "b", "path": "/"}},
    {"service": {"name": "a", "namespace": "b", "path": "/a/"}},
    {"service": {"name": "a", "namespace": "b", "path": "/a//b"}},
    {"service": {"name": "a", "namespace": "b", "path": "/A_"}},
    {"service": {"name": "", "namespace": "b"}},
    {"service": {"name": "a"}},
    {"service": {"name": "a", "namespace": "b"}, "url": "https://a"},
    {"service": {"name": "a", "namespace": "b"}, "caBundle": "bm90IGEgY2VydA=="},
    {},
    None,
)
REVIEWS = (["v1"], ["v1beta1"], ["v1", "v1"], [], ["v2"], ["v1", "V2"], ["v2", "v1"], None)


@operator("R14")
def conversion(draft: Draft) -> None:
    strategy = draft.pick("Webhook", "Webhook", "Webhook", "None", "none", "", None)
    stanza: dict[str, object] = {}
    draft.put(stanza, "strategy", strategy)
    webhook: dict[str, object] = {}
    draft.put(webhook, "clientConfig", copy.deepcopy(draft.pick(*CLIENTS)))
    draft.put(webhook, "conversionReviewVersions", draft.pick(["v1"], *REVIEWS))
    draft.put(stanza, "webhook", draft.pick(webhook, webhook, webhook, {}, None))
    draft.spec["conversion"] = stanza


@operator("R33")
def kind_of_value(draft: Draft) -> None:
    """Put something of another kind in the place of a value that is not in a schema."""
    top = [draft.document, *([draft.document[key] for key in ("metadata", "spec")])]
    places = [(top[0], "metadata"), (top[0], "spec")]
    places += [place for part in top[1:] for place in _values(part)]
    holder, key = draft.pick(*places)
    others = ("x", "true", 1, 1.5, -1, 2**40, True, [], {}, None, ["x"], [None], [1], {"a": "b"})
    holder[key] = copy.deepcopy(draft.pick(*others))


def _values(part: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(part) if isinstance(part, dict) else range(len(part)):
        yield part, key
        if isinstance(part[key], (dict, list)) and key != "openAPIV3Schema":
            yield from _values(part[key])
