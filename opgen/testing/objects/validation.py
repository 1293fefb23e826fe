"""Checking an object against a structural schema, with the API server's texts.

kube-apiserver leaves this to a fork of go-openapi's validator, whose sentences (`spec.replicas in
body should be greater than or equal to 0`) people know from their terminals.

What preflight knows of formats and multiples serves here as well. `opgen.schema` is imported when a
schema asks for that, because it would make up most of a server's start.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from opgen.testing.errors import (
    FieldError,
    duplicate,
    invalid_value,
    not_supported,
    required,
    too_long,
    too_many,
    type_invalid,
)
from opgen.testing.objects.equality import equal
from opgen.testing.objects.schemas import Schema, field_schema, map_keys, resolve

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def type_name(value: Any) -> str:
    """What JSON calls the type of a value."""
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1 << 63:
        return "integer"
    for name, types in _TYPES.items():
        if isinstance(value, types) and (name in ("boolean",) or not isinstance(value, bool)):
            return name
    return "number"


ABSENT: Any = object()
"""Stands for the old value where there is none."""


def validate(
    value: Any, schema: Schema, path: str = "", *, old: Any = ABSENT
) -> Iterator[FieldError]:
    """What is wrong with a value, in the order of the schema.

    Of an update, `old` is the value before: what did not change is not looked at.
    """
    if old is not ABSENT and equal(old, value):
        return
    node = resolve(schema)
    if value is None and node.get("nullable"):
        return
    problems = _wrong_type(value, node, path)
    if problems:
        yield from problems
        if node.get("enum") and value not in node["enum"]:
            yield not_supported(path, value, node["enum"])
        return
    if isinstance(value, dict):
        yield from _validate_map(value, node, path, old)
    elif isinstance(value, list):
        yield from _validate_list(value, node, path, old)
    elif isinstance(value, str):
        yield from _validate_string(value, node, path)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from _validate_number(value, node, path)
    enum = node.get("enum")
    if enum and value not in enum:
        yield not_supported(path, value, enum)
    yield from _validate_junctors(value, node, path)


def _wrong_type(value: Any, node: Schema, path: str) -> list[FieldError]:
    found = type_name(value)
    if node.get("x-kubernetes-int-or-string"):
        return [] if found in ("integer", "string") else _neither(found, node, path)
    wanted, form = node.get("type"), _format(node)
    if not wanted or found == wanted or (wanted == "number" and found == "integer"):
        return []
    if form and found not in ("string", "array"):
        return _not_in_form(str(wanted), found, form, path)
    if form and wanted == "string":
        return []  # a list has every format of texts
    errors = [_mistyped(path, str(wanted), found)]
    return [*errors, _unranged(path)] if (wanted, found) == ("integer", "number") else errors


def _unranged(path: str) -> FieldError:
    """What the check of a number's range says of a fraction."""
    return _composed(f"Checked value must be of type integer (default format) in {path}")


def _mistyped(path: str, wanted: str, found: str) -> FieldError:
    return type_invalid(path, found, f'{path} in body must be of type {wanted}: "{found}"')


def _composed(text: str) -> FieldError:
    """An error that the validator reports without a field."""
    return invalid_value("<nil>", "", text)


def _neither(found: str, node: Schema, path: str) -> list[FieldError]:
    """What the server says of a value that is neither integer nor string."""
    if "anyOf" not in node:
        return [_mistyped(path, "integer,string", found)]
    errors = [
        _mistyped(path, "integer,string", found),
        _composed(f'"{path}" must validate at least one schema (anyOf)'),
        _mistyped(path, "integer", found),
    ]
    if found == "number":
        errors.append(_unranged(path))
    return errors


_GO_FORMATS = {"integer": "int64", "number": "float64"}


def _not_in_form(wanted: str, found: str, form: str, path: str) -> list[FieldError]:
    """Where there is a format, it is told in the place of the type; of the value, Go's is."""
    errors = [_mistyped(path, form, _GO_FORMATS.get(found, ""))]
    if (wanted, found) == ("integer", "number"):
        errors.append(_out_of_form(form, path))
    return errors


def _out_of_form(form: str, path: str) -> FieldError:
    return _composed(f"Checked value must be of type integer with format {form} in {path}")


def _format(node: Schema) -> str:
    """The format of a schema; empty if there is none, or one that does not go with the type.

    Source: k8s.io/apiextensions-apiserver pkg/apiserver/validation/formats.go.
    """
    form = node.get("format")
    if not form:
        return ""
    from opgen.schema import formats

    return form if formats.goes_with(form, node.get("type") or "string") else ""


def _child(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _validate_map(value: dict[str, Any], node: Schema, path: str, old: Any) -> Iterator[FieldError]:
    before = old if isinstance(old, dict) else {}
    for name in node.get("required") or ():
        if name not in value:
            yield required(_child(path, name))
    declared = node.get("properties") or {}
    for name, item in value.items():
        if name in declared or isinstance(node.get("additionalProperties"), dict):
            below = field_schema(node, name)
            yield from validate(item, below, _child(path, name), old=before.get(name, ABSENT))
    least, most = node.get("minProperties"), node.get("maxProperties")
    if least is not None and len(value) < least:
        text = f"{path} in body should have at least {least} properties"
        yield invalid_value(path, len(value), text)
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)


def _validate_list(value: list[Any], node: Schema, path: str, old: Any) -> Iterator[FieldError]:
    items = node.get("items")
    if isinstance(items, dict):
        for index, item in enumerate(value):
            before = _old_item(item, old, node)
            yield from validate(item, items, f"{path}[{index}]", old=before)
    least, most = node.get("minItems"), node.get("maxItems")
    if least is not None and len(value) < least:
        text = f"{path} in body should have at least {least} items"
        yield invalid_value(path, len(value), text)
    if most is not None and len(value) > most:
        yield too_many(path, len(value), most)
    yield from _duplicates(value, node, path)


def _old_item(item: Any, old: Any, node: Schema) -> Any:
    """What an item of a list map was before; items of other lists cannot be told apart."""
    keys = map_keys(node)
    if not keys or not isinstance(old, list) or not isinstance(item, dict):
        return ABSENT
    identity = [item.get(key) for key in keys]
    for candidate in old:
        if isinstance(candidate, dict) and [candidate.get(key) for key in keys] == identity:
            return candidate
    return ABSENT


def _duplicates(value: list[Any], node: Schema, path: str) -> Iterator[FieldError]:
    kind = node.get("x-kubernetes-list-type")
    if kind not in ("set", "map"):
        return
    keys = map_keys(node)
    if kind == "map":
        value = [{} if item is None else item for item in value]  # As Go has it.
        odd = next((at for at, item in enumerate(value) if not isinstance(item, dict)), None)
        if odd is not None:
            # Nothing more is looked for.
            text = "must be an object for an array of list-type map"
            yield invalid_value(f"{path}[{odd}]", value[odd], text)
            return
    seen: list[Any] = []
    for index, item in enumerate(value):
        identity = item
        if kind == "map":
            identity = {key: item[key] for key in keys if key in item}
        if seen.count(identity) == 1:
            yield duplicate(f"{path}[{index}]", identity)
        seen.append(identity)


def _validate_string(value: str, node: Schema, path: str) -> Iterator[FieldError]:
    least, most = node.get("minLength"), node.get("maxLength")
    if least is not None and len(value) < least:
        yield invalid_value(path, value, f"{path} in body should be at least {least} chars long")
    if most is not None and len(value) > most:
        yield too_long(path, most)
    pattern = node.get("pattern")
    if pattern and not compile_pattern(pattern).search(value):
        yield invalid_value(path, value, f"{path} in body should match '{pattern}'")
    form = _format(node)
    if form and not _has_format(value, form):
        text = f"{path} in body must be of type {form}: {_quoted(value)}"
        yield type_invalid(path, value, text)


def _is_multiple(value: float, step: float, node: Schema) -> bool:
    from opgen.schema.values import is_multiple

    return is_multiple(value, step, node)


def _has_format(value: str, form: str) -> bool:
    from opgen.schema import formats

    return formats.has(form, value)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


_RANGES = {"int32": 31, "int64": 63}


def _validate_number(value: float, node: Schema, path: str) -> Iterator[FieldError]:
    least, most = node.get("minimum"), node.get("maximum")
    if least is not None:
        if node.get("exclusiveMinimum") and value <= least:
            yield invalid_value(path, value, f"{path} in body should be greater than {least}")
        elif value < least:
            text = f"{path} in body should be greater than or equal to {least}"
            yield invalid_value(path, value, text)
    if most is not None:
        if node.get("exclusiveMaximum") and value >= most:
            yield invalid_value(path, value, f"{path} in body should be less than {most}")
        elif value > most:
            text = f"{path} in body should be less than or equal to {most}"
            yield invalid_value(path, value, text)
    step = node.get("multipleOf")
    if step and not _is_multiple(value, step, node):
        yield invalid_value(path, value, f"{path} in body should be a multiple of {step}")
    form = _format(node)
    bits = _RANGES.get(form)
    if bits is not None and not -(1 << bits) <= value < 1 << bits:
        yield _out_of_form(form, path)


def _fits(value: Any, schema: Schema, path: str) -> bool:
    return next(validate(value, schema, path), None) is None


def _validate_junctors(value: Any, node: Schema, path: str) -> Iterator[FieldError]:
    for choice in node.get("allOf") or ():
        yield from validate(value, choice, path)
    if node.get("x-kubernetes-int-or-string"):
        return
    name = f'"{path}"'
    any_of = node.get("anyOf")
    if any_of and not any(_fits(value, choice, path) for choice in any_of):
        yield _composed(f"{name} must validate at least one schema (anyOf)")
        for choice in any_of[:1]:
            yield from validate(value, choice, path)
    one_of = node.get("oneOf")
    if one_of:
        count = sum(_fits(value, choice, path) for choice in one_of)
        if count != 1:
            found = "none valid" if count == 0 else f"{count} valid alternatives"
            text = f"{name} must validate one and only one schema (oneOf). Found {found}"
            yield _composed(text)
    if node.get("not") is not None and _fits(value, node["not"], path):
        yield _composed(f"{name} must not validate the schema (not)")


@cache
def compile_pattern(pattern: str) -> re.Pattern[str]:
    r"""Compile a Go pattern for Python: `$` and `\z` mean the very end, classes are ASCII."""
    out: list[str] = []
    in_class = escaped = False
    for sign in pattern:
        if escaped:
            out.append("\\Z" if sign == "z" and not in_class else "\\" + sign)
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == "$" and not in_class:
            out.append("\\Z")
        else:
            in_class = (in_class or sign == "[") and sign != "]"
            out.append(sign)
    return re.compile("".join(out), re.ASCII)
