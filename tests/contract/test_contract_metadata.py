"""Contract: how often a server tells what is wrong with the metadata of a changed object.

The registry looks at an object and at its change, and so does what each kind has of its own, as far
as it looks at metadata at all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

MERGE = "application/merge-patch+json"
OBJECTS: dict[str, Any] = json.loads((Path(__file__).parent / "built_in_objects.json").read_text())
USUAL = 4
LESS = {
    "poddisruptionbudgets": 2,
    **dict.fromkeys(("deployments", "statefulsets", "daemonsets", "replicasets"), 3),
    **dict.fromkeys(("cronjobs", "networkpolicies", "horizontalpodautoscalers", "services"), 3),
    **dict.fromkeys(("priorityclasses", "limitranges", "replicationcontrollers", "csidrivers"), 3),
    **dict.fromkeys(("validatingwebhookconfigurations", "mutatingwebhookconfigurations"), 3),
}
WRONG: dict[str, Any] = {
    "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "q", "uid": ""}],
    "annotations": {"a b": "x"},
    "labels": {"a b": "x"},
}


@pytest.mark.parametrize("kind", [kind for kind in OBJECTS if kind != "events"])
def test_wrong_metadata_of_a_changed_object(api: Any, kind: str) -> None:
    path = OBJECTS[kind]["path"].format(namespace=api.namespace)
    text = json.dumps(OBJECTS[kind]["object"]).replace("{namespace}", api.namespace)
    created = api.send("POST", path, json.loads(text))
    assert created.code == 201, created.body
    path = f"{path}/{created.metadata['name']}"
    try:
        for field, value in WRONG.items():
            answer = api.send(
                "PATCH", path, {"metadata": {field: value}}, content_type=MERGE, dryRun="All"
            )
            assert answer.code == 422
            fields = {cause["field"].split(".")[1] for cause in answer.causes}
            assert fields == {field}
            assert len(answer.causes) == LESS.get(kind, USUAL), field
    finally:
        api.send("DELETE", path)
