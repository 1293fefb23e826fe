"""A sequence: what one seed asks of a server, step by step.

A step does not name resource versions or uids, which differ between servers: it says whose to use,
and `play` fills them in from what the server answered before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fuzzing import content

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
KINDS = ("configmaps", "services", "deployments", "namespaces", "widgets", "widgets", "widgets")
NAMES = ("one", "two")
MANAGERS = ("red", "green", "blue")
LONGEST = 10


@dataclass
class Step:
    """One request."""

    method: str
    kind: str
    name: str = ""
    subresource: str = ""
    body: Any = None
    content_type: str = "application/json"
    query: dict[str, str] = field(default_factory=dict)
    base: str = ""
    """For PUT: `last` sends the last seen object with the body's fields laid over it."""
    version: str = ""
    """Which resource version to send: `last`, `first`, or none."""
    precondition: str = ""
    """Of a deletion: `uid`, `wrong uid`, `version`, `old version`."""


def sequence(seed: int) -> list[Step]:
    """The steps of a seed."""
    random = Random(seed)
    kind = random.choice(KINDS)
    steps = [_create(random, kind, NAMES[0])]
    for _ in range(random.randint(2, LONGEST)):
        name = random.choice((NAMES[0], NAMES[0], NAMES[0], NAMES[1]))
        make = random.choices(list(_STEPS), list(_STEPS.values()))[0]
        steps.append(make(random, kind, name))
    return steps


def _query(random: Random) -> dict[str, str]:
    query: dict[str, str] = {}
    if random.random() < 0.5:
        query["fieldManager"] = random.choice(MANAGERS)
    if random.random() < 0.05:
        query["dryRun"] = "All"
    if random.random() < 0.15:
        query["fieldValidation"] = random.choice(("Strict", "Ignore", "Warn"))
    return query


def _document(random: Random, kind: str) -> Any:
    document = content.document(random, kind)
    if random.random() < 0.07:
        content.spoil(random, document)
    return document


def _create(random: Random, kind: str, name: str) -> Step:
    return Step("POST", kind, name, body=_document(random, kind), query=_query(random))


def _update(random: Random, kind: str, name: str) -> Step:
    base = random.choice(("last", "last", ""))
    return Step(
        "PUT",
        kind,
        name,
        body=_document(random, kind),
        query=_query(random),
        base=base,
        version=random.choice(("last", "last", "last", "first", "")),
    )


def _apply(random: Random, kind: str, name: str) -> Step:
    query = _query(random)
    query["fieldManager"] = random.choice(MANAGERS)
    if random.random() < 0.4:
        query["force"] = "true"
    return Step("PATCH", kind, name, body=_document(random, kind), content_type=APPLY, query=query)


def _merge(random: Random, kind: str, name: str) -> Step:
    patch = content.merge_patch(random, kind)
    return Step("PATCH", kind, name, body=patch, content_type=MERGE, query=_query(random))


def _json_patch(random: Random, kind: str, name: str) -> Step:
    patch = content.json_patch(random, kind)
    return Step("PATCH", kind, name, body=patch, content_type=JSON_PATCH, query=_query(random))


def _strategic(random: Random, kind: str, name: str) -> Step:
    patch = content.strategic_patch(random, kind)
    return Step("PATCH", kind, name, body=patch, content_type=STRATEGIC, query=_query(random))


def _status(random: Random, kind: str, name: str) -> Step:
    if kind != "widgets":
        return _apply(random, kind, name)
    status: dict[str, Any] = {"status": content.status(random)}
    query = _query(random)
    content_type = random.choice((MERGE, APPLY))
    if content_type == APPLY:
        query["fieldManager"] = random.choice(MANAGERS)
        status |= {"apiVersion": f"{content.GROUP}/v1", "kind": "Widget"}
    if random.random() < 0.2:
        status["spec"] = content.widget(random).get("spec", {})
    return Step("PATCH", kind, name, "status", status, content_type, query)


def _delete(random: Random, kind: str, name: str) -> Step:
    body: dict[str, Any] = {}
    if random.random() < 0.5:
        body["propagationPolicy"] = random.choice(("Foreground", "Background", "Orphan", "Odd"))
    if random.random() < 0.1:
        body["gracePeriodSeconds"] = random.choice((0, 5))
    if random.random() < 0.1:
        body["dryRun"] = ["All"]
    precondition = ""
    if random.random() < 0.3:
        precondition = random.choice(("uid", "wrong uid", "version", "old version"))
    return Step("DELETE", kind, name, body=body, precondition=precondition)


def _get(random: Random, kind: str, name: str) -> Step:
    return Step("GET", kind, name)


def _list(random: Random, kind: str, name: str) -> Step:
    query: dict[str, str] = {}
    key = random.choice(content.KEYS)
    if random.random() < 0.5:
        query["labelSelector"] = random.choice((key, f"!{key}", f"{key}=1", f"{key} in (1,2)"))
    if random.random() < 0.3:
        query["fieldSelector"] = random.choice(("metadata.name=one", "metadata.name!=one"))
    return Step("GET", kind, query=query)


_STEPS: dict[Callable[[Random, str, str], Step], float] = {
    _create: 2,
    _update: 4,
    _apply: 8,
    _merge: 3,
    _json_patch: 3,
    _strategic: 3,
    _status: 2,
    _delete: 1.5,
    _get: 0.5,
    _list: 0.5,
}
