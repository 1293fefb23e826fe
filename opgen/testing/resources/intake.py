"""Taking in a document: does it belong to the endpoint, and does it fit the schema?"""

from __future__ import annotations

import copy
from functools import cache
from typing import TYPE_CHECKING, Any

from opgen.k8s.kinds import BUILT_IN
from opgen.testing.errors import (
    Document,
    Undecodable,
    bad_request,
)
from opgen.testing.objects.defaulting import fill_in
from opgen.testing.objects.go_form import go_form, metadata_form, whole_numbers
from opgen.testing.objects.pruning import drop_nulls, prune
from opgen.testing.resources.decoding import check_types, go_name
from opgen.testing.resources.embedded import decode_embedded
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
    check_types(document, resource_type)
    _prune(document, resource_type, options)
    check_place(document, resource_type, namespace, name)
    forgets = not resource_type.custom and document["metadata"].get("managedFields") == []
    options.emptied = frozenset(name for name, value in document.items() if value == {})
    if resource_type.custom:
        whole_numbers(document)
        metadata_form(document)
        if not nulls:
            drop_nulls(document, resource_type.schema)
    else:
        go_form(document, resource_type.schema)
    if forgets:
        # Unlike no list at all, an empty one says that nobody owns anything.
        document["metadata"]["managedFields"] = []
    fill_in(document, resource_type.schema)
    return document


def decode_config(config: Document, resource_type: ResourceType) -> None:
    """Check the configuration of a server-side apply.

    Raises:
        StatusError: it does not belong here.
    """
    kind, api_version = config.get("kind") or "", config.get("apiVersion") or ""
    if not kind or not api_version:
        where = api_version if "/" in api_version else f"/{api_version}"
        raise bad_request(f"invalid object type: {where}, Kind={kind}")
    wanted = resource_type.kind
    if not resource_type.custom and (kind, api_version) != (wanted.kind, wanted.api_version):
        where = api_version if "/" in api_version else f"/{api_version}"
        raise bad_request(f"invalid object type: {where}, Kind={kind}")
    check_type(config, resource_type)
    _check_metadata(config, resource_type)
    if config["metadata"].get("managedFields") is not None:
        raise bad_request("metadata.managedFields must be nil")


def in_order(value: Any) -> Any:
    """A patched document with its fields in the order in which Go writes and reads maps."""
    if isinstance(value, dict):
        return {name: in_order(item) for name, item in sorted(value.items())}
    return [in_order(item) for item in value] if isinstance(value, list) else value


def check_type(document: Document, resource_type: ResourceType) -> None:
    """Check apiVersion and kind; what is missing is filled in, as the real server does.

    Raises:
        StatusError: 400.
    """
    kind = resource_type.kind
    api_version = document.setdefault("apiVersion", kind.api_version)
    name = document.setdefault("kind", kind.kind)
    if (name, api_version) == (kind.kind, kind.api_version):
        return
    if resource_type.custom:
        if api_version == kind.api_version:
            raise bad_request(f'no kind "{name}" is registered for version "{api_version}"')
        raise bad_request(
            f"the API version in the data ({api_version}) does not match the expected "
            f"API version ({kind.api_version})"
        )
    group, _, version = api_version.rpartition("/")
    detail = f'no kind "{name}" is registered for version "{api_version}" in scheme "{_SCHEME}"'
    if (group, version, name) in _built_in_kinds():
        ours = f"{kind.group.partition('.')[0] or 'core'}.{kind.kind}"
        detail = f"converting ({version}.{name}) to ({ours}): unknown conversion"
    raise bad_request(f'{name} in version "{version}" cannot be handled as a {kind.kind}: {detail}')


_SCHEME = "pkg/runtime/scheme.go:111"


@cache
def _built_in_kinds() -> frozenset[tuple[str, str, str]]:
    return frozenset((item.kind.group, item.kind.version, item.kind.kind) for item in BUILT_IN)


def _check_metadata(document: Document, resource_type: ResourceType) -> None:
    metadata = document.setdefault("metadata", {})
    if metadata is None:
        metadata = document["metadata"] = {}
    if not isinstance(metadata, dict):
        kind = resource_type.kind
        detail = (
            f"json: cannot unmarshal {go_name(metadata)} into Go struct field "
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
    strict = options.field_validation == "Strict"
    # An error shows what was sent.
    whole = copy.deepcopy(document) if strict else document
    within = decode_embedded(document, resource_type) if resource_type.custom else []
    dropped = prune(document, resource_type.schema)
    if not dropped and not within and not options.duplicates:
        return
    # Those of built-in kinds are found in the order of the document.
    paths = sorted(dropped) if resource_type.custom else dropped
    unknown = [f'duplicate field "{path}"' for path in options.duplicates]
    unknown += [f'unknown field "{path}"' for path in (*paths, *within)]
    options.duplicates = ()
    if strict:
        kind = resource_type.kind
        detail = f"strict decoding error: {', '.join(unknown)}"
        raise Undecodable(kind.kind, kind.version, detail, whole)
    if options.field_validation == "Warn":
        options.warnings += unknown
