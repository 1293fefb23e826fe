"""What is remembered of children that were written."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from opgen.api import ResourceKind
from opgen.runtime.children import ChildWriter
from opgen.runtime.client import Client
from opgen.runtime.metrics import Metrics
from opgen.runtime.store import Entry, Store

CONFIG_MAP = ResourceKind("", "v1", "ConfigMap", "configmaps")
WANTED = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"namespace": "default", "name": "a"},
    "data": {"key": "value"},
}


class Answers:
    """A server that answers an apply after something has happened."""

    def __init__(self, store: Store, happens: str) -> None:
        self.store = store
        self.happens = happens
        self.applied = 0

    async def apply_bytes(self, kind: Any, body: Any, **_: Any) -> bytes:
        self.applied += 1
        metadata = {**body["metadata"], "uid": "u", "resourceVersion": "5"}
        answer = json.dumps({**body, "metadata": metadata}).encode()
        if self.happens != "nothing":
            self.store.put(Entry.of(answer))
        if self.happens == "deleted":
            gone = answer.replace(b'"resourceVersion": "5"', b'"resourceVersion": "6"')
            self.store.remove(Entry.of(gone))
        return answer


@pytest.mark.parametrize(
    ("happens", "remembered"), [("nothing", 1), ("told", 1), ("deleted", 0), ("not cached", 0)]
)
def test_what_has_gone_before_the_answer_came_is_not_remembered(
    happens: str, remembered: int, run: Any
) -> None:
    store = Store(CONFIG_MAP)
    answers = Answers(store, happens)
    stores = {} if happens == "not cached" else {CONFIG_MAP: store}
    children = ChildWriter(cast("Client", answers), stores, "opgen-test", Metrics())

    async def scenario() -> None:
        live = await children.apply(CONFIG_MAP, dict(WANTED), lambda _, answer: taken_in(answer))
        assert live["metadata"]["uid"] == "u"
        assert len(children._settled) == remembered
        for event, version in ((store.put, "7"), (store.remove, "8")):
            metadata = {**live["metadata"], "resourceVersion": version}
            event(Entry.of(json.dumps({**live, "metadata": metadata}).encode()))
        assert not children._settled

    def taken_in(answer: bytes) -> None:
        store.wrote(answer)

    run(scenario())
