"""JSON patch, JSON merge patch and strategic merge patch."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from opgen.testing.errors import StatusError, bad_request
from opgen.testing.objects.schemas import Schema, field_schema, item_schema, resolve
from opgen.testing.objects.typed import go_print

Document = dict[str, Any]


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7386: null removes, objects are merged, everything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def json_patch(target: Document, operations: list[Document]) -> Document:
    """RFC 6902: add, remove, replace, move, copy and test.

    Raises:
        StatusError: 422, it cannot be applied.
    """
    document: Any = deepcopy(target)
    for operation in operations:
        document = _operate(document, operation)
    if not isinstance(document, dict):
        raise bad_request("the patch leaves no object")
    return document


def _unprocessable(why: str) -> StatusError:
    """The server does not say why; `why` is for those who read a traceback."""
    error = StatusError(
        422, "Invalid", "the server rejected our request due to an error in our request", {}
    )
    error.add_note(why)
    return error


def _operate(document: Any, operation: Document) -> Any:
    name, path = operation.get("op"), _tokens(operation.get("path"))
    if name == "remove":
        return _remove(document, path)
    if name in ("add", "replace", "test"):
        if "value" not in operation:
            raise _unprocessable(f"{name} operation must have a value")
        value = deepcopy(operation["value"])
    elif name in ("move", "copy"):
        source = _tokens(operation.get("from"))
        value = deepcopy(_copied(document, source, name))
        if name == "move":
            document = _remove(document, source)
    else:
        raise _unprocessable(f"Unexpected kind: {name}")
    if name == "test":
        if _find(document, path, name) != value:
            raise _unprocessable(f"testing value {operation['path']} failed: test failed")
        return document
    return _set(document, path, value, insert=name != "replace")


def _tokens(pointer: Any) -> list[str]:
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise _unprocessable(f"the pointer {pointer} is not valid")
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def _copied(document: Any, source: list[str], operation: str) -> Any:
    """What is copied or moved; to copy a field that an object lacks is to copy null."""
    parent = _find(document, source[:-1], operation)
    if operation == "copy" and source and isinstance(parent, dict):
        return parent.get(source[-1])
    return _find(document, source, operation)


def _find(document: Any, path: list[str], operation: str) -> Any:
    for token in path:
        try:
            document = document[int(token)] if isinstance(document, list) else document[token]
        except (KeyError, IndexError, ValueError, TypeError):
            raise _missing(operation, path) from None
    return document


def _missing(operation: str, path: list[str]) -> StatusError:
    pointer = "/" + "/".join(path)
    return _unprocessable(
        f"{operation} operation does not apply: doc is missing path: {pointer}: missing value"
    )


def _remove(document: Any, path: list[str]) -> Any:
    parent = _find(document, path[:-1], "remove")
    _find(document, path, "remove")
    del parent[int(path[-1]) if isinstance(parent, list) else path[-1]]
    return document


def _set(document: Any, path: list[str], value: Any, *, insert: bool) -> Any:
    if not path:
        return value
    parent = _find(document, path[:-1], "add")
    if isinstance(parent, list):
        end = len(parent) if insert else len(parent) - 1
        index = end if path[-1] == "-" and insert else _index(path, end)
        if insert:
            parent.insert(index, value)
        else:
            parent[index] = value
    elif isinstance(parent, dict):
        parent[path[-1]] = value
    else:
        raise _missing("add", path)
    return document


def _index(path: list[str], length: int) -> int:
    if not path[-1].isdecimal() or int(path[-1]) > length:
        raise _missing("add", path)
    return int(path[-1])


def strategic_merge(target: Any, patch: Any, schema: Schema) -> Any:
    """Kubernetes' strategic merge: lists with a merge key are merged item by item.

    Raises:
        StatusError: a directive is unknown, or an item lacks the merge key.
    """
    if not isinstance(patch, dict):
        return deepcopy(patch)
    directive = patch.get("$patch")
    if directive == "replace":
        if target is None:
            # As on the real server, which replaces only what is there.
            return {}
        return {key: deepcopy(value) for key, value in patch.items() if key != "$patch"}
    if directive == "delete":
        return {}
    if directive not in (None, "merge"):
        text = f"unknown patch type: {go_print(directive)} in map: {go_print(patch)}"
        raise StatusError(500, "", text)
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if key in ("$patch", "$retainKeys") or key.startswith("$setElementOrder/"):
            continue
        if key.startswith("$deleteFromPrimitiveList/"):
            name = key.partition("/")[2]
            merged[name] = [item for item in merged.get(name) or [] if item not in value]
        elif value is None:
            merged.pop(key, None)
        else:
            if key not in merged and isinstance(value, dict) and value.get("$patch") == "replace":
                # There is nothing to replace.
                continue
            child = field_schema(schema, key)
            order = patch.get(f"$setElementOrder/{key}")
            merged[key] = _strategic_field(merged.get(key), value, child, order)
    if "$retainKeys" in patch:
        merged = {key: value for key, value in merged.items() if key in patch["$retainKeys"]}
    return merged


def _strategic_field(target: Any, patch: Any, schema: Schema, order: list[Any] | None) -> Any:
    if not isinstance(patch, list):
        return strategic_merge(target, patch, schema)
    strategy = _patch_fact(schema, "x-kubernetes-patch-strategy")
    if "merge" not in strategy.split(","):
        return deepcopy(patch)
    if not isinstance(target, list):
        # Directives in a list that was not there are taken for fields.
        return deepcopy(patch)
    current = list(target)
    key = _patch_fact(schema, "x-kubernetes-patch-merge-key")
    if not key:
        merged = current + [item for item in patch if item not in current]
        return _ordered(merged, current, patch if order is None else order, lambda item: item)
    merged = _merge_items(current, patch, key, item_schema(schema))
    keys = [item.get(key) for item in (patch if order is None else order)]
    return _ordered(merged, current, keys, lambda item: item.get(key))


def _patch_fact(schema: Schema, name: str) -> str:
    fact: str = schema.get(name) or resolve(schema).get(name) or ""
    return fact


def _merge_items(current: list[Any], patch: list[Any], key: str, schema: Schema) -> list[Any]:
    if any(isinstance(item, dict) and item.get("$patch") == "replace" for item in patch):
        return [deepcopy(item) for item in patch if "$patch" not in item]
    merged = list(current)
    for item in patch:
        if not isinstance(item, dict) or key not in item:
            raise bad_request(f"map: {item} does not contain declared merge key: {key}")
        if item.get("$patch") == "merge":
            raise StatusError(500, "", "merging lists cannot yet be specified in the patch")
        at = next((i for i, old in enumerate(merged) if old.get(key) == item[key]), None)
        if item.get("$patch") == "delete":
            merged = [old for old in merged if old.get(key) != item[key]]
        elif at is None:
            merged.append(deepcopy(item))
        else:
            merged[at] = strategic_merge(merged[at], item, schema)
    return merged


def _ordered(
    items: list[Any], live: list[Any], order: list[Any], identity: Callable[[Any], Any]
) -> list[Any]:
    """Items in the order of the patch, those that only the live list has in between.

    Such an item comes before the first item of the patch that the live list has behind it.
    """
    was = [identity(item) for item in live]
    named = sorted(
        (item for item in items if identity(item) in order),
        key=lambda item: order.index(identity(item)),
    )
    others = [item for item in items if identity(item) not in order]
    merged: list[Any] = []
    while named and others:
        ours, theirs = identity(others[0]), identity(named[0])
        before = ours in was and theirs in was and was.index(ours) < was.index(theirs)
        merged.append((others if before else named).pop(0))
    return merged + named + others
