"""The JSON patch that makes one object of another. Source: RFC 6902."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Operation = dict[str, Any]


def patch(raw: Any, before: Any, after: Any) -> list[Operation]:
    """The operations that do to `raw` what was done to `before` when it became `after`.

    `before` may lack fields of `raw` that were not understood, and have defaults that `raw` lacks;
    neither is touched.
    """
    return list(_operations(raw, before, after, ""))


def _operations(raw: Any, before: Any, after: Any, path: str) -> Iterator[Operation]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        here = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key in before and key in after and old == new:
            continue
        if key not in after:
            if key in raw:
                yield {"op": "remove", "path": here}
        elif key not in raw:
            yield {"op": "add", "path": here, "value": new}
        elif all(isinstance(value, dict) for value in (raw[key], old, new)):
            yield from _operations(raw[key], old, new, here)
        else:
            yield {"op": "replace", "path": here, "value": new}
