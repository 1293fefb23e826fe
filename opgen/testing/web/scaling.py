"""The scale subresource: an autoscaling/v1 Scale as a view of an object."""

from __future__ import annotations

import re

from opgen.api.resources import ResourceKind
from opgen.testing.errors import (
    Document,
    StatusError,
    Undecodable,
    apply_conflict,
    bad_request,
    internal_error,
    invalid,
    invalid_value,
)
from opgen.testing.objects.paths import find, put
from opgen.testing.objects.selectors import format_label_selector
from opgen.testing.objects.typed import check_typed
from opgen.testing.resources.intake import admit
from opgen.testing.resources.options import WriteOptions
from opgen.testing.resources.registry import ResourceType, ScalePaths

SCALE = ResourceType(
    kind=ResourceKind("autoscaling", "v1", "Scale", "scales"),
    singular="scale",
    schema={"$ref": "io.k8s.api.autoscaling.v1.Scale"},
)
_KIND = "autoscaling/v1, Kind=Scale"


def _paths(resource_type: ResourceType) -> ScalePaths:
    assert resource_type.scale is not None
    return resource_type.scale


def scale_of(resource_type: ResourceType, document: Document) -> Document:
    """The Scale of an object."""
    paths = _paths(resource_type)
    names = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    metadata = document["metadata"]
    replicas = find(document, paths.spec)
    status: Document = {"replicas": find(document, paths.status) or 0}
    if resource_type.custom:
        selector = find(document, paths.selector) if paths.selector else ""
    else:
        selector = format_label_selector((document.get("spec") or {}).get("selector"))
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {name: metadata[name] for name in names if name in metadata},
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def check_replicas(resource_type: ResourceType, document: Document) -> None:
    """Check that there is something to show.

    Raises:
        StatusError: 500, a custom object has no replicas.
    """
    path = _paths(resource_type).spec
    if find(document, path) is None and resource_type.custom:
        text = f'the spec replicas field "{path}" does not exist'
        raise internal_error(text)


def check_scale(
    scale: Document, namespace: str, name: str, options: WriteOptions, *, patched: bool
) -> Document:
    """Check a Scale that a client sent, or that its patch made.

    Raises:
        StatusError: 400, or 422 for a patch.
    """
    try:
        return admit(scale, SCALE, namespace, name, options)
    except Undecodable as error:
        if patched:
            raise error.of_patch() from None
        raise


def apply_scale(resource_type: ResourceType, document: Document, scale: Document) -> Document:
    """The object with the replicas of a Scale.

    Raises:
        StatusError: the replicas are negative.
    """
    replicas = (scale.get("spec") or {}).get("replicas") or 0
    if replicas < 0 and not resource_type.custom:
        error = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid("autoscaling", "Scale", document["metadata"]["name"], [error])
    version = (scale.get("metadata") or {}).get("resourceVersion")
    if version:
        document["metadata"]["resourceVersion"] = version
    put(document, _paths(resource_type).spec, replicas)
    return document


def applied_config(resource_type: ResourceType, name: str, scale: Document) -> Document:
    """What an applied Scale is of the object itself.

    Raises:
        StatusError: 400, it is no Scale; 500, it does not fit.
    """
    for key in ("kind", "apiVersion"):
        if not scale.get(key):
            raise bad_request(f"unable to decode: Object '{key.capitalize()}' is missing")
    kind = f"{scale['apiVersion']}, Kind={scale['kind']}"
    if kind != _KIND:
        raise bad_request(f"invalid object type: {kind}")
    try:
        check_typed(scale, SCALE.schema)
    except ValueError as error:
        text = f"failed to create typed patch object ({_place(scale)}; {_KIND}): {error}"
        raise StatusError(500, "", text) from None
    own = resource_type.kind
    config: Document = {"apiVersion": own.api_version, "kind": own.kind, "metadata": {"name": name}}
    replicas = (scale.get("spec") or {}).get("replicas")
    if replicas is not None:
        put(config, _paths(resource_type).spec, replicas)
    return config


def changes_replicas(resource_type: ResourceType, document: Document, config: Document) -> bool:
    """Whether an applied configuration changes the replicas."""
    path = _paths(resource_type).spec
    return bool(find(document, path) != find(config, path))


def unowned_conflict() -> StatusError:
    """An apply changes replicas that nobody owns yet."""
    manager = '"before-first-apply" with subresource "scale" using autoscaling/v1'
    cause = {
        "reason": "FieldManagerConflict",
        "message": f"conflict with {manager}",
        "field": ".spec.replicas",
    }
    text = f"Apply failed with 1 conflict: conflict with {manager}: .spec.replicas"
    return apply_conflict(text, [cause])


def of_scale(error: StatusError) -> StatusError:
    """An error of the object as one of its Scale, which it then names."""
    if error.code == 422:
        negative = (error.details or {}) | {"group": "autoscaling", "kind": "Scale"}
        own = error.message.partition(" ")[0]
        return StatusError(
            error.code, error.reason, error.message.replace(own, "Scale.autoscaling", 1), negative
        )
    for cause in (error.details or {}).get("causes") or ():
        cause["message"] = _USING.sub("using autoscaling/v1", cause["message"])
    message = _USING.sub("using autoscaling/v1", error.message)
    return StatusError(error.code, error.reason, message, error.details)


_USING = re.compile(r"using [\w./-]+")


def unconvertible(scale: Document | None) -> StatusError:
    """What the real server says of every applied Scale of a custom object.

    Without `scale`, nobody owned the replicas before.
    """
    what = f"new object ({_place(scale)}" if scale is not None else "live object (/"
    text = (
        f"failed to convert {what}; {_KIND}) to proper version: request to convert CR to an "
        "invalid group/version: autoscaling/v1"
    )
    if scale is None:
        text = f"failed to create manager for existing fields: {text}"
    return StatusError(500, "", text)


def _place(scale: Document) -> str:
    metadata = scale.get("metadata") or {}
    return f"{metadata.get('namespace', '')}/{metadata.get('name', '')}"
