"""Rules about defaults: where they may stand, and that a server could apply them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.preflight.base import Finding, Path, Schema, SchemaRule, Spot, about, mapping
from opgen.schema.preflight.crd import is_label
from opgen.schema.preflight.metadata import wrong_annotations, wrong_labels
from opgen.schema.preflight.values import metadata_above
from opgen.schema.values import invalid, repeated, unknown_fields

_EMBEDDED = "x-kubernetes-embedded-resource"
_RULES = "x-kubernetes-validations"


def _place(spot: Spot) -> Iterator[Finding]:
    if spot.schema.get("default") is None:
        return
    within = metadata_above(spot)
    if within is None:
        return
    if within.parent and within.parent.is_root:
        message = f"must not be set in top-level metadata ({within.path[-1]})"
        yield Finding((*spot.path, "default"), message, "remove the default")
    elif _below_map(spot, within):
        yield Finding(
            (*spot.path, "default"),
            "must not be set inside additionalProperties applying to object metadata",
            "remove the default",
        )


def _below_map(spot: Spot, within: Spot) -> bool:
    return "additionalProperties" in spot.path[len(within.path) :]


def _default(spot: Spot) -> Any:
    """The default, unless it is that of values of a map, which nobody looks at."""
    return None if "additionalProperties" in spot.path[5:] else spot.schema.get("default")


def _pruned(spot: Spot) -> Iterator[Finding]:
    default = _default(spot)
    if default is None or metadata_above(spot):
        return
    for field in unknown_fields(default, spot.schema):
        yield Finding(
            (*spot.path, "default"),
            f"default: {default!r}: must not have unknown fields: {field}",
            "remove the field, or declare it",
        )


def _valid(spot: Spot) -> Iterator[Finding]:
    default = _default(spot)
    if default is None or any(_without_kind(spot)):
        return
    found = False
    for violation in invalid(default, spot.schema):
        found = True
        message = f"default: {default!r}: {violation}"
        yield Finding((*spot.path, "default"), message, "change the default or the rule")
    if not found:
        yield from _broken_rules(default, spot.schema, (*spot.path, "default"))


def _broken_rules(value: Any, schema: Schema, path: Path) -> Iterator[Finding]:
    """The CEL rules that a default does not satisfy, as far as the checker is installed."""
    rules = schema.get(_RULES)
    if rules and isinstance(rules, list) and value is not None:
        from opgen.cel import installed

        for rule in rules if installed() else ():
            message = _failure(mapping(rule), value, schema)
            if message:
                yield Finding(path, message, "change the default or the rule")
    properties = mapping(schema.get("properties"))
    others = schema.get("additionalProperties")
    if isinstance(value, dict):
        for name, item in value.items():
            inner = properties.get(name, others)
            if isinstance(inner, Mapping):
                yield from _broken_rules(item, inner, (*path, name))
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for index, item in enumerate(value):
            yield from _broken_rules(item, schema["items"], (*path, index))


def _failure(rule: Schema, value: Any, schema: Schema) -> str:
    """Why a rule refuses a value, which is also the old value; nothing if it does not."""
    from opgen.cel import EvaluationError, Program, Scope

    text = str(rule.get("rule") or "")
    is_optional = bool(rule.get("optionalOldSelf"))
    is_resource = bool(schema.get(_EMBEDDED))
    if not text.strip():
        return ""
    try:
        program = Program(text, schema, is_resource=is_resource, optional_old_self=is_optional)
        olds = [value, None] if is_optional or not program.uses_old_self else [value]
        if all(program.is_true(value, old) for old in olds):
            return ""
        failure = str(rule.get("message") or "").strip() or f"failed rule: {text.strip()}"
    except EvaluationError as error:
        failure = error.detail(rule)
    scope = Scope.of(schema, is_resource)
    is_wrong = scope is None or scope.check(text, optional_old_self=is_optional).mistake
    return "" if is_wrong else failure  # what is wrong is told of the rule itself


def _resources(spot: Spot) -> Iterator[Finding]:
    for path, message in _without_kind(spot):
        yield Finding(
            (*spot.path, "default", *path),
            f"default: must result in valid metadata: {message}",
            "give the whole object, with apiVersion and kind",
        )


def _without_kind(spot: Spot) -> Iterator[tuple[Path, str]]:
    """Whole objects in a default, or that are one, that do not say what they are."""
    schema = {**spot.schema, _EMBEDDED: True} if spot.is_root else spot.schema
    yield from _bad_resources(_default(spot), schema, ())


def _bad_resources(value: Any, schema: Schema, path: Path) -> Iterator[tuple[Path, str]]:
    """Whole objects inside of a default that do not say what they are."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _bad_resources(item, mapping(schema.get("items")), (*path, index))
    if not isinstance(value, dict):
        return
    if schema.get(_EMBEDDED):
        yield from _bad_resource(value, path)
    properties = mapping(schema.get("properties"))
    others = mapping(schema.get("additionalProperties"))
    for name, item in value.items():
        yield from _bad_resources(item, mapping(properties.get(name, others)), (*path, name))


def _bad_resource(value: dict[str, Any], path: Path) -> Iterator[tuple[Path, str]]:
    for field in ("apiVersion", "kind"):
        own = value.get(field)
        where = (*path, field)
        if field not in value:
            yield where, f"{field}: Required value"
        elif not isinstance(own, str):
            yield where, f"{field}: must be a string"
        elif not own:
            yield where, f"{field}: must not be empty"
        elif field == "kind" and not is_label(own.lower()):
            yield where, "kind: may have mixed case, but should otherwise match a DNS-1035 label"
        elif field == "apiVersion" and own.count("/") > 1:
            yield where, f"apiVersion: unexpected GroupVersion string: {own}"
    if "metadata" in value:
        for where, message in _bad_metadata(value["metadata"]):
            yield (*path, "metadata", *where), f"metadata: {message}"


def _bad_metadata(value: Any) -> Iterator[tuple[Path, str]]:
    if not isinstance(value, dict):
        yield (), "must be an object"
        return
    for message in wrong_labels(mapping(value.get("labels"))):
        yield ("labels",), message
    for message in wrong_annotations(mapping(value.get("annotations"))):
        yield ("annotations",), message


def _distinct(spot: Spot) -> Iterator[Finding]:
    """Not a rule of the server, which then refuses every object that gets the default."""
    default = _default(spot)
    for field, item in () if default is None else repeated(default, spot.schema):
        yield Finding(
            (*spot.path, "default"),
            f"default: {default!r}: {field}{item!r} is there twice, so that no object is valid",
            "remove one of the two",
        )


RULES = (
    SchemaRule("R42", "Defaults have no unknown fields", _pruned),
    SchemaRule("R43", "Defaults satisfy their schema and its CEL rules", _valid),
    SchemaRule("opgen", "Defaults hold nothing twice in sets and maps", _distinct),
    SchemaRule("R44", "Whole objects in defaults say what they are", _resources),
)
PLACES = (SchemaRule("R41", "Metadata has no defaults", _place, keywords=about("default")),)
"""Where defaults may stand can be told of any schema."""
