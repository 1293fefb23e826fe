"""What must hold for a custom object: its schema, its scale, and its CEL rules.

An update need not mend what was wrong before: errors of a part that did not change do not count
(KEP-4008). Source: apiextensions-apiserver's customresource strategy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from opgen.testing.errors import Document, FieldError, invalid_value
from opgen.testing.objects.paths import find
from opgen.testing.objects.schemas import field_schema
from opgen.testing.objects.typed import go_print
from opgen.testing.objects.validation import ABSENT, type_name, validate
from opgen.testing.resources.embedded import embedded_problems
from opgen.testing.resources.registry import ResourceType

_BLOCKING = {
    "FieldValueNotSupported",
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
}
_STANDARD = ("orphan", "foregroundDeletion")
_UNCHECKED = FieldError(
    "FieldValueInvalid",
    "<nil>",
    "Invalid value: null: some validation rules were not checked because the object was invalid; "
    "correct the existing errors to complete validation",
)


def custom_problems(
    resource_type: ResourceType,
    new: Document,
    old: Document | None,
    subresource: str,
    warnings: list[str],
) -> Iterator[FieldError]:
    """What is wrong with a custom object; `warnings` takes what is only told."""
    errors = list(_schema_problems(resource_type, new, old, subresource))
    yield from errors
    if resource_type.rules is None:
        return
    if any(error.reason in _BLOCKING for error in errors):
        yield _UNCHECKED
        return
    found = (
        resource_type.rules.findings(new) if old is None else resource_type.rules.findings(new, old)
    )
    for finding in found:
        if finding.unchanged:
            warnings.append(str(finding.error))
        else:
            yield finding.error


def finalizer_warnings(new: Document, old: Document | None) -> Iterator[str]:
    """New finalizers of which anybody might have thought."""
    before = ((old or {}).get("metadata") or {}).get("finalizers") or ()
    for finalizer in new["metadata"].get("finalizers") or ():
        if "/" not in finalizer and finalizer not in before and finalizer not in _STANDARD:
            yield (
                f'metadata.finalizers: "{finalizer}": prefer a domain-qualified finalizer name to '
                "avoid accidental conflicts with other finalizer writers"
            )


def _schema_problems(
    resource_type: ResourceType, new: Document, old: Document | None, subresource: str
) -> Iterator[FieldError]:
    schema = resource_type.schema
    if subresource == "status":
        before = ABSENT if old is None else old.get("status", ABSENT)
        # Its sentences name fields as if the status were an object of its own.
        for error in validate(new.get("status", {}), field_schema(schema, "status"), old=before):
            yield dataclasses.replace(error, field=f"status.{error.field}".rstrip("."))
        return
    yield from embedded_problems(new, resource_type)
    yield from validate(new, schema, old=ABSENT if old is None else old)
    yield from _scale_problems(new, resource_type)


_GO_KINDS = {
    "string": "string",
    "boolean": "bool",
    "number": "float64",
    "array": "[]interface {}",
    "object": "map[string]interface {}",
}


def _scale_problems(document: Document, resource_type: ResourceType) -> Iterator[FieldError]:
    """The replicas of a kind with a scale subresource must be a number that makes sense."""
    if resource_type.scale is None:
        return
    for path in (resource_type.scale.spec, resource_type.scale.status):
        holder = document.get(path.split(".")[1])
        if holder is not None and not isinstance(holder, dict):
            text = (
                f"{path} accessor error: {go_print(holder)} is of the type "
                f"{_GO_KINDS.get(type_name(holder), 'int64')}, expected map[string]interface{{}}"
            )
            yield invalid_value(path, 0, text)
            continue
        value = find(document, path)
        kind = type_name(value)
        if value is None:
            continue
        if kind != "integer":
            shown = go_print(value)
            text = (
                f"{path} accessor error: {shown} is of the type {_GO_KINDS[kind]}, expected int64"
            )
            yield invalid_value(path, 0, text)
        elif value < 0:
            yield invalid_value(path, value, "should be a non-negative integer")
