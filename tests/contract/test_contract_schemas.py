"""Contract: definitions that are refused, each with all that the server says of it.

`refused_definitions.json` has for each case what the one version of the definition is like, and the
causes in the real server's words.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

GROUP = "contract.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
CASES = json.loads((Path(__file__).parent / "refused_definitions.json").read_text())
PLAIN = {
    "type": "object",
    "properties": {"spec": {"type": "object", "properties": {"a": {"type": "string"}}}},
}


def definition(version: dict[str, Any]) -> dict[str, Any]:
    served = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": PLAIN}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"brokens.{GROUP}"},
        "spec": {
            "group": GROUP,
            "scope": "Namespaced",
            "names": {"plural": "brokens", "kind": "Broken"},
            "versions": [served | version],
        },
    }


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_definition_that_is_refused(api: Any, case: dict[str, Any]) -> None:
    answer = api.send("POST", CRDS, definition(case["version"]), dryRun="All")
    assert (answer.code, answer.reason) == (422, "Invalid")
    causes = [[item["reason"], item["field"], item["message"]] for item in answer.causes]
    assert sorted(causes) == case["causes"]
    assert answer.message.startswith(
        f'CustomResourceDefinition.apiextensions.k8s.io "brokens.{GROUP}" is invalid: '
    )


def test_what_is_right_is_not_refused(api: Any) -> None:
    answer = api.send("POST", CRDS, definition({}), dryRun="All")
    assert answer.code == 201, answer.body
    assert api.send("GET", f"{CRDS}/brokens.{GROUP}").code == 404
