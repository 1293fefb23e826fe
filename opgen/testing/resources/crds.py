"""CustomResourceDefinitions: from a document to resource types.

A CRD that is accepted is served at once: its conditions say so, and its versions are in the
registry before the create is answered. Deleting it deletes its objects first.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator

from opgen import cel
from opgen.api.resources import ResourceKind
from opgen.testing.clock import Clock, timestamp
from opgen.testing.errors import Document, FieldError
from opgen.testing.objects.rules import RULES, Rules
from opgen.testing.objects.schemas import ANYTHING, OBJECT_META_SCHEMA, Schema
from opgen.testing.resources.crd_rules import definition_problems
from opgen.testing.resources.registry import Column, Registry, ResourceType, ScalePaths
from opgen.testing.resources.strategies import Strategy

log = logging.getLogger("opgen.testing")

CRDS = ("apiextensions.k8s.io", "customresourcedefinitions")
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
AGE = Column("Age", ".metadata.creationTimestamp", "date")


class CrdStrategy(Strategy):
    """Completes and accepts CRDs, and keeps the registry in step."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry = registry
        self._clock = clock

    def prepare_create(self, new: Document) -> None:
        """Fill in names and conversion, and accept it."""
        self._complete(new)
        stored = [version["name"] for version in _versions(new) if version.get("storage")]
        new["status"] = {"acceptedNames": {}, "conditions": [], "storedVersions": stored}

    def prepare_update(self, new: Document, old: Document) -> None:
        """Fill in names, and remember every version that ever was stored."""
        self._complete(new)
        stored = (new.get("status") or old.get("status") or {}).get("storedVersions") or []
        for version in _versions(new):
            if version.get("storage") and version["name"] not in stored:
                new.setdefault("status", {})["storedVersions"] = [*stored, version["name"]]

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The rules for CRDs."""
        return definition_problems(new)

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """Rules that are not run here."""
        text = rules_warning(new)
        if text:
            log.warning("%s", text)
            yield text

    def prepare_delete(self, new: Document) -> None:
        """Hold it until its objects are gone."""
        finalizers = new["metadata"].setdefault("finalizers", [])
        if FINALIZER not in finalizers:
            finalizers.append(FINALIZER)

    def deleted(self, old: Document) -> None:
        """Stop serving it."""
        spec = old["spec"]
        self._registry.remove((spec["group"], spec["names"]["plural"]))

    @staticmethod
    def _complete(crd: Document) -> None:
        spec = crd.get("spec") or {}
        names = spec.setdefault("names", {})
        kind = names.get("kind") or ""
        names.setdefault("singular", kind.lower())
        names.setdefault("listKind", f"{kind}List")
        spec.setdefault("conversion", {"strategy": "None"})

    def establish(self, crd: Document) -> Document:
        """The CRD with the conditions of one that is served."""
        crd = copy.deepcopy(crd)
        status = crd.setdefault("status", {})
        names = crd["spec"]["names"]
        holder, free = self._names_in_use(crd)
        now = timestamp(self._clock.now())
        accepted = (
            ("True", "NoConflicts", "no conflicts found") if holder is None else ("False", *holder)
        )
        established = (
            ("True", "InitialNamesAccepted", "the initial names have been accepted")
            if holder is None
            else ("False", "NotAccepted", "not all names are accepted")
        )
        status["acceptedNames"] = names if holder is None else free
        status["conditions"] = [
            _condition("NamesAccepted", accepted, now, status),
            _condition("Established", established, now, status),
        ]
        return crd

    def _names_in_use(self, crd: Document) -> tuple[tuple[str, str] | None, Document]:
        """Why the names are not accepted, as reason and message, and those that are free."""
        group, names = crd["spec"]["group"], crd["spec"]["names"]
        plurals: set[str] = set()
        kinds: set[str] = set()
        for item in self._registry:
            if item.group == group and item.kind.plural != names["plural"]:
                plurals |= {item.kind.plural, item.singular, *item.short_names}
                kinds |= {item.kind.kind, item.list_kind}
        free: Document = {"kind": ""}
        last = None
        for field, used in (
            ("plural", plurals),
            ("singular", plurals),
            ("shortNames", plurals),
            ("kind", kinds),
            ("listKind", kinds),
        ):
            wanted = names.get(field) or ()
            taken = used & ({wanted} if isinstance(wanted, str) else set(wanted))
            for name in sorted(taken):
                last = (f"{field[0].upper()}{field[1:]}Conflict", f'"{name}" is already in use')
            if wanted and not taken:
                free[field] = wanted
        return last, free

    def serve(self, crd: Document) -> None:
        """Offer the CRD's versions."""
        spec = crd["spec"]
        self._registry.remove((spec["group"], spec["names"]["plural"]))
        if any(
            item["type"] == "Established" and item["status"] == "True"
            for item in crd["status"].get("conditions") or ()
        ):
            self._registry.add(resource_types(crd))


def _condition(kind: str, what: tuple[str, str, str], now: str, status: Document) -> Document:
    for old in status.get("conditions") or ():
        if old["type"] == kind and old["status"] == what[0]:
            return dict(old)
    value, reason, message = what
    return {
        "type": kind,
        "status": value,
        "lastTransitionTime": now,
        "reason": reason,
        "message": message,
    }


def _versions(crd: Document) -> list[Document]:
    versions: list[Document] = (crd.get("spec") or {}).get("versions") or []
    return versions


def resource_types(crd: Document) -> list[ResourceType]:
    """The resource types that a CRD declares, one for each served version."""
    storage = next(version["name"] for version in _versions(crd) if version.get("storage"))
    served = [version for version in _versions(crd) if version.get("served")]
    return [_resource_type(crd["spec"], version, storage) for version in served]


def _resource_type(spec: Document, version: Document, storage: str) -> ResourceType:
    names = spec["names"]
    kind = ResourceKind(
        spec["group"],
        version["name"],
        names["kind"],
        names["plural"],
        spec["scope"] == "Namespaced",
    )
    subresources = version.get("subresources") or {}
    return ResourceType(
        kind=kind,
        conversion=_conversion(spec),
        singular=names["singular"],
        list_kind=names["listKind"],
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        schema=complete_schema((version.get("schema") or {}).get("openAPIV3Schema") or ANYTHING),
        has_status="status" in subresources,
        scale=_scale(subresources.get("scale")),
        columns=tuple(_column(item) for item in version.get("additionalPrinterColumns") or ())
        or (AGE,),
        custom=True,
        storage_version=storage,
        rules=_rules(version),
        selectable=tuple(item["jsonPath"] for item in version.get("selectableFields") or ()),
        warning=_warning(kind, version),
    )


def _rules(version: Document) -> Rules | None:
    """The CEL rules of a version; none where they cannot be run, as `rules_warning` tells."""
    if not cel.installed():
        return None
    return Rules.of((version.get("schema") or {}).get("openAPIV3Schema") or {})


def rules_warning(crd: Document) -> str:
    """What the author of a CRD must know if its rules are not run here."""
    if cel.installed() or not any(RULES in repr(version) for version in _versions(crd)):
        return ""
    return (
        f"the CEL rules of {crd['metadata'].get('name')} are not evaluated, because "
        f"cel-expr-python is not installed: {cel.INSTALL}"
    )


def _conversion(spec: Document) -> Document | None:
    conversion = spec.get("conversion") or {}
    if conversion.get("strategy") != "Webhook":
        return None
    config: Document = (conversion.get("webhook") or {}).get("clientConfig") or {}
    return config


def _scale(scale: Document | None) -> ScalePaths | None:
    if scale is None:
        return None
    return ScalePaths(
        scale["specReplicasPath"], scale["statusReplicasPath"], scale.get("labelSelectorPath") or ""
    )


def _column(column: Document) -> Column:
    return Column(
        column["name"],
        column["jsonPath"],
        column["type"],
        column.get("format", ""),
        column.get("description")
        or f"Custom resource definition column (in JSONPath format): {column['jsonPath']}",
        column.get("priority", 0),
    )


def _warning(kind: ResourceKind, version: Document) -> str:
    if not version.get("deprecated"):
        return ""
    text: str = version.get("deprecationWarning") or f"{kind.api_version} {kind.kind} is deprecated"
    return text


def complete_schema(schema: Schema) -> Schema:
    """The schema with what every object has: apiVersion, kind and full metadata."""
    fields = dict(schema.get("properties") or {})
    fields["apiVersion"] = {"type": "string", **(fields.get("apiVersion") or {})}
    fields["kind"] = {"type": "string", **(fields.get("kind") or {})}
    fields["metadata"] = OBJECT_META_SCHEMA
    return {**schema, "properties": fields}
