"""What happened, in the words of the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from opgen.runtime.client import Client
from opgen.runtime.errors import ApiError, Unreachable


class Journal:
    """All changes of a kind in a namespace, in the server's order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self._grown = asyncio.Event()

    async def follow(self, client: Client, kind: Any, namespace: str) -> None:
        """Watch until cancelled, also when the server goes away and comes back."""
        version = ""
        while True:
            try:
                if not version:
                    version = await self._list(client, kind, namespace)
                async for event in client.watch(kind, namespace, resource_version=version):
                    version = event["object"]["metadata"].get("resourceVersion", "")
                    if event["type"] == "ERROR":
                        break
                    self._note(event["type"], event["object"])
            except (ApiError, Unreachable):
                await asyncio.sleep(0.05)

    async def _list(self, client: Client, kind: Any, namespace: str) -> str:
        known = {each["metadata"]["resourceVersion"] for _, each in self.events}
        page = await client.request("GET", client.path(kind, "", namespace))
        for each in page["items"]:
            if each["metadata"]["resourceVersion"] not in known:
                self._note("LISTED", each)
        return str(page["metadata"]["resourceVersion"])

    def _note(self, kind: str, document: dict[str, Any]) -> None:
        self.events.append((kind, document))
        self._grown.set()

    async def until(self, reached: Callable[[Journal], bool]) -> None:
        """Wait until something is to be seen in the journal."""
        while not reached(self):
            self._grown.clear()
            await self._grown.wait()

    def trace(self, name: str) -> list[tuple[str, str]]:
        """Who said what in a ConfigMap of jobs: writer and state."""
        return [
            (document["data"]["writer"], document["data"]["state"])
            for kind, document in self.events
            if document["metadata"]["name"] == name and kind != "DELETED"
        ]

    def values(self, name: str) -> list[str]:
        """The values that a copy has had."""
        mine = [each for _, each in self.events if each["metadata"]["name"] == name]
        return [each["data"]["value"] for each in mine]

    def writers(self, since: int = 0) -> set[str]:
        """Who has said anything about jobs, from an event on."""
        documents = [document for _, document in self.events[since:]]
        return {d["data"]["writer"] for d in documents if d["metadata"]["name"].startswith("job-")}

    def done_by(self, since: int) -> dict[str, str]:
        """Who has done each job last, from an event on."""
        documents = [document for _, document in self.events[since:]]
        return {
            each["metadata"]["name"]: each["data"]["writer"]
            for each in documents
            if each.get("data", {}).get("state") == "idle"
        }


@pytest.fixture
def journal() -> Callable[..., Any]:
    """`async with journal(client, kind, namespace) as events`."""

    @asynccontextmanager
    async def followed(client: Client, kind: Any, namespace: str) -> AsyncIterator[Journal]:
        events = Journal()
        task = asyncio.ensure_future(events.follow(client, kind, namespace))
        try:
            yield events
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return followed


def _violations(trace: list[tuple[str, str]], victims: set[str]) -> Iterator[str]:
    replaced: set[str] = set()
    last, busy = "", False
    for position, (writer, state) in enumerate(trace):
        if writer in replaced:
            yield f"{position}: {writer} wrote after it had been replaced"
        if last and writer != last:
            if last in victims:
                replaced.add(last)
            elif busy:
                yield f"{position}: {writer} began while {last} was busy"
        last, busy = writer, state == "busy"


@pytest.fixture
def violations() -> Callable[[list[tuple[str, str]], set[str]], list[str]]:
    """Where two worked on one job at once.

    A victim, one that was killed, paused or cut off, may have been busy when another took over, but
    must never write again.
    """
    return lambda trace, victims: list(_violations(trace, victims))
