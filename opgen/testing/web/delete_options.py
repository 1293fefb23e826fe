"""The options of deletions, from a body or else a query. Source: ValidateDeleteOptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opgen.testing.errors import (
    Document,
    FieldError,
    bad_request,
    invalid,
    invalid_value,
    not_supported,
)
from opgen.testing.resources.deletion import DeleteOptions
from opgen.testing.resources.rbac import User
from opgen.testing.web.bodies import go_name
from opgen.testing.web.list_query import whole_number

_POLICIES = ("Foreground", "Background", "Orphan")
_VERSION = "meta.k8s.io/v1"
_FIELDS: Mapping[str, tuple[type, str]] = {
    "apiVersion": (str, "string"),
    "kind": (str, "string"),
    "gracePeriodSeconds": (int, "int64"),
    "orphanDependents": (bool, "bool"),
    "propagationPolicy": (str, "v1.DeletionPropagation"),
    "preconditions": (dict, "v1.Preconditions"),
    "preconditions.uid": (str, "types.UID"),
    "preconditions.resourceVersion": (str, "string"),
    "dryRun": (list, "[]string"),
}
"""What each field must be, and what Go calls that."""


def read_options(query: Mapping[str, str], body: Document | None, user: User) -> DeleteOptions:
    """The options of a request, from its body or else its query.

    Raises:
        StatusError: they contradict each other, or are unknown.
    """
    options = _checked(body) if body else _of_query(query)
    policy, orphan = options.get("propagationPolicy"), options.get("orphanDependents")
    dry_run = options.get("dryRun") or []
    errors: list[FieldError] = []
    if policy is not None and orphan is not None:
        text = "orphanDependents and deletionPropagation cannot be both set"
        errors.append(invalid_value("propagationPolicy", policy, text))
    if policy is not None and policy not in _POLICIES:
        errors.append(not_supported("propagationPolicy", policy, [*_POLICIES, "nil"]))
    if any(item != "All" for item in dry_run):
        errors.append(not_supported("dryRun", dry_run, ["All"]))
    if errors:
        raise invalid("meta.k8s.io", "DeleteOptions", "", errors)
    if orphan is not None:
        policy = "Orphan" if orphan else "Background"
    preconditions = options.get("preconditions") or {}
    return DeleteOptions(
        propagation=policy or "",
        uid=preconditions.get("uid") or "",
        resource_version=preconditions.get("resourceVersion") or "",
        grace_period=options.get("gracePeriodSeconds"),
        dry_run=bool(dry_run),
        user=user,
    )


def _of_query(query: Mapping[str, str]) -> Document:
    options: Document = {}
    if "propagationPolicy" in query:
        options["propagationPolicy"] = query["propagationPolicy"]
    if "orphanDependents" in query:
        options["orphanDependents"] = query["orphanDependents"].lower() not in ("false", "0")
    if "gracePeriodSeconds" in query:
        options["gracePeriodSeconds"] = whole_number(query["gracePeriodSeconds"])
    if "dryRun" in query:
        options["dryRun"] = [query["dryRun"]]
    return options


def _checked(body: Document) -> Document:
    """The body, whose fields have their types.

    Raises:
        StatusError: 400.
    """
    kind, version = body.get("kind") or "DeleteOptions", body.get("apiVersion") or _VERSION
    if kind != "DeleteOptions":
        where = f'for version "{version}" in scheme "pkg/runtime/scheme.go:111"'
        raise bad_request(f'no kind "{kind}" is registered {where}')
    for path, (wanted, name) in _FIELDS.items():
        head, _, tail = path.partition(".")
        value = body.get(head) if not tail else (body.get(head) or {}).get(tail)
        if value is None or (
            isinstance(value, wanted) and isinstance(value, bool) <= (wanted is bool)
        ):
            continue
        raise bad_request(
            f"json: cannot unmarshal {_shown(value, wanted)} into Go struct field "
            f"DeleteOptions.{path} of type {name}"
        )
    return body


def _shown(value: Any, wanted: type) -> str:
    return f"number {value}" if wanted is int and isinstance(value, float) else go_name(value)
