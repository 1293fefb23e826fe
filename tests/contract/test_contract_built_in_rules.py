"""Contract: what becomes of objects of built-in kinds, and why they are refused.

`built_in_objects.json` has for each kind an object, what the server completes it to, and changes
that it does not take: of the value `at` a place, which is left out if there is none, with the real
server's words.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

KINDS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "built_in_objects.json").read_text()
)
_UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"\b10(\.\d+){3}\b(?!/)")


def changed(document: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The object with the change of a case."""
    found = place = copy.deepcopy(document)
    *above, last = case["at"]
    for step in above:
        place = place[step]
    if "value" in case:
        place[last] = case["value"]
    else:
        del place[last]
    return found


def shown(document: dict[str, Any], namespace: str) -> dict[str, Any]:
    """What the server answers, without what is different each time."""
    metadata = document["metadata"]
    kept = ("labels", "annotations", "finalizers", "generation")
    found = {key: document[key] for key in document if key not in ("apiVersion", "kind")}
    found["metadata"] = {key: metadata[key] for key in kept if key in metadata}
    text = _ADDRESS.sub("<address>", _UID.sub("<uid>", json.dumps(found)))
    text = text.replace(namespace, "default")
    answer: dict[str, Any] = json.loads(text)
    return answer


@pytest.mark.parametrize("plural", [name for name in KINDS if "completed" in KINDS[name]])
def test_an_object_is_completed(api: Any, plural: str) -> None:
    kind = KINDS[plural]
    answer = api.send("POST", own(api, kind), placed(api, kind), dryRun="All")
    assert answer.code == 201, answer.body
    assert shown(answer.body, api.namespace) == kind["completed"]


@pytest.mark.parametrize("plural", [name for name in KINDS if KINDS[name]["refused"]])
def test_what_is_wrong_is_refused(api: Any, plural: str) -> None:
    kind = KINDS[plural]
    document = placed(api, kind)
    answers = [
        api.send("POST", own(api, kind), changed(document, case), dryRun="All")
        for case in kind["refused"]
    ]
    found = [(case["at"], answer.code, answer.message) for case, answer in told(kind, answers)]
    assert found == [(case["at"], case["code"], case["message"]) for case in kind["refused"]]


def told(kind: dict[str, Any], answers: list[Any]) -> list[tuple[dict[str, Any], Any]]:
    """The cases with their answers."""
    return list(zip(kind["refused"], answers, strict=True))


def own(api: Any, kind: dict[str, Any]) -> str:
    """Where the objects of a kind are made, in the namespace of the test."""
    path: str = kind["path"].replace("{namespace}", api.namespace)
    return path


def placed(api: Any, kind: dict[str, Any]) -> dict[str, Any]:
    """The object of a kind; what it refers to is in the namespace of the test."""
    here = f'"namespace": "{api.namespace}"'
    text = json.dumps(kind["object"]).replace('"namespace": "default"', here)
    found: dict[str, Any] = json.loads(text)
    return found
