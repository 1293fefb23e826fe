"""Projects with all pairs of options are made, and hold together: code, style, manifests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import Any

import pytest
from allpairspy import AllPairs

from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.plan import Verb

AXES: dict[str, list[Any]] = {
    "pattern": ["workload", "blank"],
    "webhooks": ["", "defaulting", "validation", "conversion", "all"],
    "namespaced": [False, True],
    "multigroup": [False, True],
    "group": [None, "apps", "my-group.v2"],
    "license": ["apache2", "mit", "none"],
    "owner": ["", "Jörg's & Søn <x> $HOME"],
    "ha": [False, True],
    "prometheus": [False, True],
    "network_policy": [False, True],
    "cert_manager": [False, True],
    "scope": ["Namespaced", "Cluster"],
    "kind": ["WebServer", "HTTPRoute2", "X"],
    "domain": ["my.domain", "a-b.example.com"],
}
OF_INIT = (
    *("namespaced", "multigroup", "license", "owner", "ha", "prometheus", "network_policy"),
    "cert_manager",
    "domain",
)


def fits(values: list[Any]) -> bool:
    """Whether opgen takes these options together; others it refuses, as other tests show."""
    case = dict(zip(AXES, values, strict=False))
    namespaced, cluster = case.get("namespaced"), case.get("scope") == "Cluster"
    return not ((namespaced and cluster) or (cluster and case.get("pattern") == "workload"))


CASES = [
    dict(zip(AXES, values, strict=True)) for values in AllPairs(AXES.values(), filter_func=fits)
]
TYPED = (0, len(CASES) // 2)
"""The cases whose types are checked as well, which takes seconds."""


def name(case: dict[str, Any]) -> str:
    return "-".join(str(value) for value in case.values() if value and value is not True)[:60]


def run(made, *command: str) -> None:
    finished = subprocess.run(command, cwd=made.root, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def build(made, case: dict[str, Any]) -> None:
    """What a person does with these options."""
    made.init(**{key: case[key] for key in OF_INIT})
    wanted = {"group": case["group"], "kind": case["kind"]}
    made.create(**wanted, scope=case["scope"], pattern=case["pattern"])
    webhooks = case["webhooks"]
    if webhooks in ("conversion", "all"):
        made.create(**wanted, version="v2", controller=False)
    if webhooks:
        kinds = ("defaulting", "validation", "conversion") if webhooks == "all" else (webhooks,)
        flags = dict.fromkeys(kinds, True)
        made.webhook(kind=case["kind"], group=case["group"] or "", **flags)
    made.make_manifests()


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
@pytest.mark.parametrize("number", range(len(CASES)), ids=[name(case) for case in CASES])
def test_a_project_of(made, number: int) -> None:
    case = CASES[number]
    build(made, case)
    run(made, sys.executable, "-m", "compileall", "-q", ".")
    run(made, sys.executable, "-m", "ruff", "check", "--no-cache", ".")
    run(made, sys.executable, "-m", "ruff", "format", "--no-cache", "--check", ".")
    documents = made.kustomize()
    assert all(
        document["metadata"]["name"].startswith("web-operator")
        for document in documents
        if document["kind"] != "CustomResourceDefinition"
    )
    made.kustomize("config/samples")
    again = init(made.root, InitOptions())
    assert set(again.counts()) <= {Verb.IDENTICAL, Verb.SKIP}
    if number in TYPED:
        run(made, sys.executable, "-m", "mypy")
        run(made, sys.executable, "-m", "pyright", "--pythonpath", sys.executable)
        run(made, sys.executable, "-m", "pytest", "-q")


def test_every_value_is_in_some_project() -> None:
    for axis, values in AXES.items():
        assert {str(case[axis]) for case in CASES} == set(map(str, values)), axis
