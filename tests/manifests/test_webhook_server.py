"""The real API server refuses what the rules about webhooks refuse, and takes what they take."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from opgen.api.webhooks import MatchCondition, WebhookInfo, webhook
from opgen.manifests.webhook_rules import check
from opgen.manifests.webhooks import configurations
from opgen.runtime.client import Client
from opgen.runtime.errors import ApiError

pytestmark = pytest.mark.controlplane
STRICTER = {
    "undecided": "without a verb there is no document",
    "path-and-url": "the document has the URL alone",
    "no-path": "a Service without a path is asked at /, which nobody serves",
    "odd-path": "the server puts the slash in front itself",
    "reinvocation-of-checks": "the document leaves it out",
    "condition": "there is no document of it",
    "rule": "there is no document of it",
    "timeout-True": "JSON of another type",
    "all-and-more": "the server looks at the last resource only, which is a slip of its own",
}
"""Where opgen refuses more than the server, and why."""


def sibling(name: str) -> Any:
    """Another module of tests, whose tables are used."""
    path = Path(__file__).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"opgen_test_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def verdicts(config: Any, documents: Iterable[dict[str, Any]]) -> list[str]:
    """What the server says to each document: nothing if it takes it."""

    async def ask() -> list[str]:
        said = []
        async with Client(config) as client:
            for document in documents:
                plural = f"{document['kind'].lower()}s"
                path = f"/apis/admissionregistration.k8s.io/v1/{plural}"
                try:
                    await client.request(
                        "POST",
                        path,
                        params={"dryRun": "All", "fieldValidation": "Strict"},
                        body=document,
                    )
                except ApiError as error:
                    said.append(str(error))
                else:
                    said.append("")
        return said

    return asyncio.run(ask())


def test_what_is_refused(control_plane: Any) -> None:
    rules = sibling("test_webhook_rules")
    wrong = {name: said for name, (said, _) in rules.WRONG.items() if name not in STRICTER}
    documents = {
        name: configurations([webhook(**rules.GOOD | said)])[0] for name, said in wrong.items()
    }
    found = dict(zip(documents, verdicts(control_plane.config, documents.values()), strict=True))
    assert [name for name, said in found.items() if not said] == []


def test_what_is_taken(control_plane: Any) -> None:
    tables = sibling("test_webhook_manifests")
    selectors = {
        "matchLabels": {"a.b/C_d": "E.f", "empty": ""},
        "matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}],
    }
    more: list[WebhookInfo] = [
        webhook(
            mutating=False,
            name="more.example.org",
            path="/a.b/c-d",
            service_port=65535,
            groups=["*"],
            versions=["*"],
            resources=["*/*"],
            operations=["*"],
            scope="*",
            timeout_seconds=1,
            object_selector=selectors,
            match_conditions=[MatchCondition("a/b.c_d", "true")],
        )
    ]
    for declared in (tables.EXPLICIT, tables.DECLARED, tables.NAMED, more):
        assert check(declared, []) == []
        documents = configurations(declared)
        assert verdicts(control_plane.config, documents) == [""] * len(documents)
