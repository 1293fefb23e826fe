"""The JSON paths of printer columns, scale subresources and selectable fields.

Only what CRDs use: fields, `['quoted fields']`, list indexes, `[*]` and `[?(@.type=="Ready")]`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_STEP = re.compile(
    r"""\.(?P<field>(?:\\.|[^.\[\]])+)"""
    r"""|\[['"](?P<quoted>[^'"]+)['"]\]"""
    r"""|\[(?P<index>-?\d+)\]"""
    r"""|\[(?P<all>\*)\]"""
    r"""|\[\?\(@\.(?P<key>[\w.]+)\s*==\s*(?P<value>'[^']*'|"[^"]*"|[^)]+)\)\]"""
)


@cache
def _steps(path: str) -> tuple[dict[str, str], ...]:
    text = path.strip().removeprefix("{").removesuffix("}")
    text = text if text.startswith((".", "[")) else f".{text}"
    return tuple(
        {name: value for name, value in match.groupdict().items() if value is not None}
        for match in _STEP.finditer(text)
    )


def find_all(document: Any, path: str) -> list[Any]:
    """All values at a path."""
    found = [document]
    for step in _steps(path):
        found = [value for node in found for value in _follow(node, step)]
    return found


def find(document: Any, path: str) -> Any:
    """The first value at a path, or None."""
    found = find_all(document, path)
    return found[0] if found else None


def _follow(node: Any, step: dict[str, str]) -> list[Any]:
    name = step.get("quoted") or re.sub(r"\\(.)", r"\1", step.get("field", ""))
    if name:
        return [node[name]] if isinstance(node, dict) and name in node else []
    if not isinstance(node, list):
        return list(node.values()) if "all" in step and isinstance(node, dict) else []
    if "index" in step:
        index = int(step["index"])
        return [node[index]] if -len(node) <= index < len(node) else []
    if "key" in step:
        wanted = step["value"].strip("'\"")
        return [
            item
            for item in node
            if isinstance(item, dict) and _text(find(item, f".{step['key']}")) == wanted
        ]
    return node


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set the field at a simple path, making the objects on the way."""
    *parents, last = [step["field"] for step in _steps(path)]
    node = document
    for name in parents:
        node = node.setdefault(name, {})
    node[last] = value
