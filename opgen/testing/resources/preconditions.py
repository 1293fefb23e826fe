"""What must hold before a write: namespace and kind are there, and the object is the one meant."""

from __future__ import annotations

from opgen.testing.errors import Document, conflict, forbidden, lost, not_found
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Revision, Store

NAMESPACES = ("", "namespaces")
CRDS = ("apiextensions.k8s.io", "customresourcedefinitions")


def check_definition(store: Store, resource_type: ResourceType, document: Document) -> None:
    """Check that the definition of a new custom object's kind stays.

    Raises:
        StatusError: 403.
    """
    if not resource_type.custom:
        return
    crd = store.get(CRDS, "", f"{resource_type.kind.plural}.{resource_type.group}")
    # A search, before the whole definition is decoded.
    if crd is None or b'"deletionTimestamp"' not in crd.body:
        return
    if crd.document()["metadata"].get("deletionTimestamp"):
        text = "create not allowed while custom resource definition is terminating"
        raise forbidden(*resource_type.resource, document["metadata"].get("name", ""), text)


def check_namespace(
    store: Store, resource_type: ResourceType, namespace: str, document: Document
) -> None:
    """Check that a new object's namespace exists and stays.

    Raises:
        StatusError: 404 or 403.
    """
    if not resource_type.kind.namespaced:
        return
    found = store.get(NAMESPACES, "", namespace)
    if found is None:
        raise not_found("", "namespaces", namespace)
    # A search, before the whole namespace is decoded.
    going = b'"deletionTimestamp"' in found.body
    if not going or not found.document()["metadata"].get("deletionTimestamp"):
        return
    name = document["metadata"].get("name", "")
    text = f"unable to create new content in namespace {namespace} because it is being terminated"
    error = forbidden(*resource_type.resource, name, text)
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    error.details = (error.details or {}) | {"causes": [cause]}
    raise error


def check_version(resource_type: ResourceType, document: Document, revision: Revision) -> None:
    """Check the resourceVersion and the uid that a document names, if it does.

    Raises:
        StatusError: 409.
    """
    metadata = document.get("metadata") or {}
    asked = metadata.get("resourceVersion")
    if asked and asked != str(revision.version):
        raise conflict(*resource_type.resource, metadata.get("name", ""))
    check_uid(resource_type, document, revision)


def check_uid(resource_type: ResourceType, document: Document, revision: Revision | None) -> None:
    """Check the uid that a document names, if it does.

    Raises:
        StatusError: 409.
    """
    metadata = document.get("metadata") or {}
    name, uid = metadata.get("name", ""), metadata.get("uid")
    if uid and revision is None:
        text = (
            f"uid mismatch: the provided object specified uid {uid}, "
            "and no existing object was found"
        )
        raise conflict(*resource_type.resource, name, text)
    if uid and revision is not None and uid != revision.uid:
        raise lost(*resource_type.resource, *revision.key, uid, revision.uid)
