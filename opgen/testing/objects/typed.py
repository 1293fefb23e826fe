"""Checking an applied configuration against the types of a schema.

Unlike other writes, which drop what they do not know, server-side apply refuses it, because nobody
could own an undeclared field. Source: structured-merge-diff's validating walker.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from opgen.testing.objects.field_sets import element_of, show_path
from opgen.testing.objects.go_time import MICRO_TIME, QUANTITY, TIME
from opgen.testing.objects.schemas import (
    Schema,
    definition_name,
    field_schema,
    item_schema,
    list_type,
    preserves_unknown,
    resolve,
)


def check_typed(value: Any, schema: Schema) -> None:
    """Check that all fields are declared and have values of their types.

    Raises:
        ValueError: something does not fit; says what and where.
    """
    problems = list(_problems(value, schema, ""))
    if problems:
        raise ValueError(problems[0] if len(problems) == 1 else "\n  ".join(["errors:", *problems]))


def _problems(value: Any, schema: Schema, path: str) -> Iterator[str]:
    node = resolve(schema)
    wanted = node.get("type", "")
    if value is None:
        return
    if schema.get("$ref") in _UNTYPED:
        if isinstance(value, (dict, list)):
            yield f"{path}: expected any scalar, got {_go_plain(value)}"
    elif node.get("x-kubernetes-int-or-string"):
        return
    elif wanted in _SCALARS:
        accepts, text = _SCALARS[wanted]
        if not isinstance(value, accepts) or (isinstance(value, bool) and wanted != "boolean"):
            show = {"string": _go_value, "boolean": _go_plain}.get(wanted, _go_type)
            shown = show(value)
            yield f"{path}: expected {text}, got {shown}"
    elif wanted == "object" and not isinstance(value, dict):
        yield f"{path}: expected map, got {_go_plain(value)}"
    elif wanted == "array" and not isinstance(value, list):
        yield f"{path}: expected list, got {_go_plain(value)}"
    elif isinstance(value, dict):
        yield from _map_problems(value, schema, path)
    elif isinstance(value, list):
        yield from _list_problems(value, schema, path)


def _map_problems(value: dict[str, Any], schema: Schema, path: str) -> Iterator[str]:
    node = resolve(schema)
    declared = node.get("properties") or {}
    free_form = definition_name(schema) and "properties" not in node
    is_open = (
        free_form
        or not declared
        or preserves_unknown(schema)
        or node.get("additionalProperties")
        or node.get("x-kubernetes-embedded-resource")
    )
    for name in sorted(value):
        if name not in declared and not is_open:
            yield f"{path}.{name}: field not declared in schema"
        else:
            yield from _problems(value[name], field_schema(schema, name), f"{path}.{name}")


def _list_problems(value: list[Any], schema: Schema, path: str) -> Iterator[str]:
    items = item_schema(schema)
    seen: set[str] = set()
    for index, item in enumerate(value):
        where = f"[{index}]"
        if list_type(schema) != "atomic":
            try:
                element = element_of(item, schema)
            except ValueError as error:
                yield f"{path}: element {index}: {error}"
                return
            where = show_path((element,))
            if element in seen:
                yield f"{path}: duplicate entries for key {where}"
            seen.add(element)
        yield from _problems(item, items, f"{path}{where}")


_UNTYPED = (TIME, MICRO_TIME, QUANTITY)
"""Definitions that may be any scalar."""
_SCALARS: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), "string"),
    "boolean": ((bool,), "boolean"),
    "integer": ((int, float), "numeric (int or float)"),
    "number": ((int, float), "numeric (int or float)"),
}


def _go_type(value: Any) -> str:
    """The Go type that a JSON value is decoded into."""
    for kind, name in (
        (bool, "bool"),
        (int, "int64"),
        (float, "float64"),
        (str, "string"),
        (list, "[]interface {}"),
        (dict, "map[string]interface {}"),
    ):
        if isinstance(value, kind):
            return name
    return "<nil>"


def _go_value(value: Any) -> str:
    return f"&value.valueUnstructured{{Value:{go_syntax(value)}}}"


def _go_plain(value: Any) -> str:
    return f"&{{{go_print(value)}}}"


def go_print(value: Any) -> str:
    """A value as Go prints it."""
    if isinstance(value, dict):
        return f"map[{' '.join(f'{key}:{go_print(value[key])}' for key in sorted(value))}]"
    if isinstance(value, list):
        return f"[{' '.join(map(go_print, value))}]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)


def go_syntax(value: Any) -> str:
    """A value as Go source."""
    if isinstance(value, dict):
        items = (f"{json.dumps(key)}:{go_syntax(value[key])}" for key in sorted(value))
        return f"map[string]interface {{}}{{{', '.join(items)}}}"
    if isinstance(value, list):
        return f"[]interface {{}}{{{', '.join(map(go_syntax, value))}}}"
    if value is None:
        return "interface {}(nil)"
    return json.dumps(value, ensure_ascii=False)
