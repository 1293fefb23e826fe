"""A sequence: what one seed asks of a server, step by step.

A step does not name resource versions or uids, which differ between servers: it says whose to use,
and `play` fills them in from what the server answered before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from fuzzing import content, patches, subresources

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
KINDS = (
    *("configmaps", "services", "deployments", "namespaces", "secrets", "leases", "roles"),
    *("widgets",) * 4,
)
NAMES = ("one", "two")
MANAGERS = ("red", "green", "blue")
LONGEST = 10
OTHER_VERSION = "v1beta1"
"""Of widgets, which are stored as v1."""
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
PARTIAL_LIST = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


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
    api_version: str = ""
    """In which version a widget is asked for; v1 if empty."""
    accept: str = ""
    """In which form the answer is asked for."""
    continues: bool = False
    """Whether a list goes on where the last one ended."""


def sequence(seed: int) -> list[Step]:
    """The steps of a seed."""
    random = Random(seed)
    kind = random.choice(KINDS)
    steps = [_create(random, kind, NAMES[0])]
    for _ in range(random.randint(2, LONGEST)):
        name = random.choice((NAMES[0], NAMES[0], NAMES[0], NAMES[1]))
        make = random.choices(list(_STEPS), list(_STEPS.values()))[0]
        steps.append(make(random, kind, name))
    for step in steps:
        # Who owns what of a Scale depends on more versions than anybody has.
        if kind == "widgets" and step.subresource != "scale":
            step.api_version = random.choice(("", "", "", OTHER_VERSION))
    return steps


def _query(random: Random) -> dict[str, str]:
    query: dict[str, str] = {}
    if random.random() < 0.5:
        query["fieldManager"] = random.choice(MANAGERS)
    if random.random() < 0.08:
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
    query = _apply_query(random)
    return _versioned(random, Step("PATCH", kind, name, "", _document(random, kind), APPLY, query))


def _apply_query(random: Random) -> dict[str, str]:
    query = _query(random)
    query["fieldManager"] = random.choice(MANAGERS)
    if random.random() < 0.4:
        query["force"] = "true"
    return query


def _merge(random: Random, kind: str, name: str) -> Step:
    patch = patches.merge_patch(random, kind)
    return _versioned(random, Step("PATCH", kind, name, "", patch, MERGE, _query(random)))


def _versioned(random: Random, step: Step) -> Step:
    """A patch that now and then says of which version."""
    if random.random() < 0.1 and isinstance(step.body.get("metadata", {}), dict):
        step.version = random.choice(("last", "first"))
    return step


def _json_patch(random: Random, kind: str, name: str) -> Step:
    patch = patches.json_patch(random, kind)
    return Step("PATCH", kind, name, body=patch, content_type=JSON_PATCH, query=_query(random))


def _strategic(random: Random, kind: str, name: str) -> Step:
    patch = patches.strategic_patch(random, kind)
    return _versioned(random, Step("PATCH", kind, name, "", patch, STRATEGIC, _query(random)))


def _status(random: Random, kind: str, name: str) -> Step:
    make = subresources.STATUSES.get(kind)
    if make is None:
        return _get(random, kind, name)
    other = content.document(random, kind)
    body: dict[str, Any] = {"status": make(random)}
    # Who writes the status of a Service that does not exist makes one.
    if random.random() < 0.2 and "spec" in other and kind != "services":
        body["spec"] = other["spec"]
    if random.random() < 0.2 and "metadata" in other:
        body["metadata"] = other["metadata"]
    types = {name: other[name] for name in ("apiVersion", "kind")}
    form = random.choice((MERGE, APPLY, "PUT"))
    if form == APPLY:
        query = _apply_query(random)
        return Step("PATCH", kind, name, "status", types | body, APPLY, query)
    if form == "PUT":
        version = random.choice(("last", "last", "first", ""))
        step = Step("PUT", kind, name, "status", types | body, query=_query(random))
        step.base, step.version = "last", version
        return step
    return Step("PATCH", kind, name, "status", body, MERGE, _query(random))


def _scale(random: Random, kind: str, name: str) -> Step:
    if kind not in subresources.SCALED:
        return _merge(random, kind, name)
    form = random.choice(("GET", "PUT", MERGE, APPLY))
    if form == "GET":
        return Step("GET", kind, name, "scale")
    body = subresources.scale(random)
    if form == "PUT":
        version = random.choice(("last", "", "first"))
        return Step("PUT", kind, name, "scale", body, query=_query(random), version=version)
    query = _apply_query(random) if form == APPLY else _query(random)
    return Step("PATCH", kind, name, "scale", body, form, query)


def _delete_options(random: Random) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if random.random() < 0.5:
        body["propagationPolicy"] = random.choice(("Foreground", "Background", "Orphan", "Odd"))
    if random.random() < 0.1:
        body["gracePeriodSeconds"] = random.choice((0, 5))
    if random.random() < 0.2:
        body["dryRun"] = ["All"]
    return body


def _delete(random: Random, kind: str, name: str) -> Step:
    body = _delete_options(random)
    precondition = ""
    if random.random() < 0.3:
        precondition = random.choice(("uid", "wrong uid", "version", "old version"))
    query = {}
    if not body and not precondition and random.random() < 0.5:
        query = random.choice(
            ({"dryRun": "All"}, {"propagationPolicy": "Foreground"}, {"gracePeriodSeconds": "0"})
        )
    return Step("DELETE", kind, name, body=body, precondition=precondition, query=query)


def _delete_collection(random: Random, kind: str, name: str) -> Step:
    return Step("DELETE", kind, body=_delete_options(random), query=_selectors(random))


def _get(random: Random, kind: str, name: str) -> Step:
    return Step("GET", kind, name, accept=random.choice(("", "", TABLE, PARTIAL)))


def _selectors(random: Random) -> dict[str, str]:
    query: dict[str, str] = {}
    key = random.choice(content.KEYS)
    if random.random() < 0.5:
        query["labelSelector"] = random.choice(
            (key, f"!{key}", f"{key}=1", f"{key}!=1", f"{key} in (1,2)", f"{key} notin (x)", "a=,b")
        )
    if random.random() < 0.3:
        query["fieldSelector"] = random.choice(
            ("metadata.name=one", "metadata.name!=one", "spec.tier=gold", "metadata.namespace!=x")
        )
    return query


def _list(random: Random, kind: str, name: str) -> Step:
    query = _selectors(random)
    step = Step("GET", kind, query=query, accept=random.choice(("", "", TABLE, PARTIAL_LIST)))
    if random.random() < 0.5:
        query["limit"] = random.choice(("1", "2"))
        step.continues = random.random() < 0.5
    return step


_STEPS: dict[Callable[[Random, str, str], Step], float] = {
    _create: 2,
    _update: 4,
    _apply: 8,
    _merge: 3,
    _json_patch: 3,
    _strategic: 3,
    _status: 2.5,
    _scale: 1,
    _delete: 1.5,
    _delete_collection: 0.3,
    _get: 0.7,
    _list: 1,
}
