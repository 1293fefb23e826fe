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


def written(version: int, **more: Any) -> bytes:
    metadata = {**cast("dict[str, str]", WANTED["metadata"]), "resourceVersion": str(version)}
    return json.dumps({**WANTED, "metadata": metadata, **more}).encode()


def test_what_was_written_is_read_until_the_watch_has_caught_up() -> None:
    store = Store(CONFIG_MAP)
    store.add_index("key", lambda entry: [entry.document()["data"]["key"]])
    store.replace([Entry.of(written(3))], "3")
    key = ("default", "a")

    def seen() -> tuple[str, list[str], list[str]]:
        """What an object is said to be by name, in the list, and by its index."""
        entry = store.get(key)
        assert entry is not None
        listed = [each.document()["data"]["key"] for each in store.entries()]
        found = [value for value in ("value", "new", "newer") if store.by_index("key", value)]
        return entry.document()["data"]["key"], listed, found

    assert store.wrote(written(5, data={"key": "new"})) is not None
    assert seen() == ("new", ["new"], ["new"])
    store.put(Entry.of(written(4)))
    assert seen() == ("new", ["new"], ["new"]), "the watch is still behind"
    store.put(Entry.of(written(6, data={"key": "newer"})))
    assert seen() == ("newer", ["newer"], ["newer"])
    assert store.wrote(written(5, data={"key": "new"})) is None, "an answer that comes late"
    assert seen() == ("newer", ["newer"], ["newer"])


def test_what_was_made_is_read_before_the_watch_tells_of_it() -> None:
    store = Store(CONFIG_MAP)
    store.replace([], "3")
    store.wrote(written(5))
    assert [entry.key for entry in store.entries("default")] == [("default", "a")]
    store.reached("5")
    assert store.get(("default", "a")) is None, "it was deleted before the watch came to it"
