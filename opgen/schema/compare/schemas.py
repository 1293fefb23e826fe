"""Two schemas of one version, compared field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.compare.changes import Change, Verdict, breaking, compatible
from opgen.schema.compare.keywords import RULES

Schema = Mapping[str, Any]
_PARTS = frozenset({"properties", "items", "additionalProperties", "required"})
_WIDENED = frozenset({"type", "format", "anyOf", "x-kubernetes-int-or-string"})
_INT_OR_STRING = "x-kubernetes-int-or-string"
_PRESERVE = "x-kubernetes-preserve-unknown-fields"


def changes(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    """What has changed in a schema and in all below it."""
    skipped = _PARTS
    if _is_widened(old, new):
        yield _change(compatible(f"{old['type']} became int-or-string"), path)
        skipped = _PARTS | _WIDENED
    for keyword in sorted((old.keys() | new.keys()) - skipped):
        before, after = old.get(keyword), new.get(keyword)
        rule = RULES.get(keyword)
        if before == after or rule is None:
            continue
        for verdict in rule(keyword, before, after):
            yield _change(verdict, path)
    yield from _required(old, new, path)
    yield from _properties(old, new, path)
    yield from _part("items", "[]", old, new, path)
    yield from _part("additionalProperties", "[]", old, new, path)


def _change(verdict: Verdict, path: str) -> Change:
    severity, message = verdict
    return Change(severity, path, message)


def _is_widened(old: Schema, new: Schema) -> bool:
    """Whether a number or text may be either now."""
    was_one = old.get("type") in ("integer", "string") and not old.get(_INT_OR_STRING)
    return was_one and bool(new.get(_INT_OR_STRING))


def _required(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(after - before):
        has_default = "default" in new.get("properties", {}).get(name, {})
        words = f"{name} is required now"
        verdict = compatible(f"{words} and has a default") if has_default else breaking(words)
        yield _change(verdict, path)
    for name in sorted(before - after):
        yield _change(compatible(f"{name} is not required any more"), path)


def _properties(old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in sorted(before.keys() | after.keys()):
        below = f"{path}.{name}"
        if name not in after:
            kept = bool(new.get(_PRESERVE))
            words = "the field is gone"
            verdict = (
                compatible(f"{words}, but unknown fields are kept") if kept else breaking(words)
            )
            yield _change(verdict, below)
        elif name not in before:
            yield _change(compatible("the field is new"), below)
        else:
            yield from changes(before[name], after[name], below)


def _part(keyword: str, step: str, old: Schema, new: Schema, path: str) -> Iterator[Change]:
    before, after = old.get(keyword), new.get(keyword)
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from changes(before, after, path + step)
        return
    gone = after is None or after is False
    verdict = breaking(f"{keyword} is gone") if gone else _opened(keyword, before)
    yield _change(verdict, path)


def _opened(keyword: str, before: Any) -> Verdict:
    words = f"{keyword} is new" if before is None else f"{keyword} says something else"
    return compatible(words) if not isinstance(before, bool) or not before else breaking(words)
