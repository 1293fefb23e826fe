"""The classes of built-in types: made on first use, calls make plain dicts."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import pkgutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_type_hints

import pytest

import opgen.k8s
from opgen.api import ResourceKind, kind_of
from opgen.k8s import apps_v1, core_v1, meta_v1
from opgen.k8s.schemas import definitions

MODULES = [
    info.name for info in pkgutil.iter_modules(opgen.k8s.__path__) if info.name[-3:-1] == "_v"
]


@dataclass(kw_only=True)
class Spec:
    env: list[core_v1.EnvVar] | None = None
    resources: core_v1.ResourceRequirements = field(default_factory=core_v1.ResourceRequirements)
    policy: core_v1.PullPolicy = "Always"
    since: meta_v1.Time | None = None


def test_annotations_resolve() -> None:
    hints = get_type_hints(Spec)
    assert hints["env"] == list[core_v1.EnvVar] | None
    assert hints["resources"] is core_v1.ResourceRequirements
    assert hints["since"] == meta_v1.Time | None


def test_a_type_names_its_definition() -> None:
    assert core_v1.EnvVar.__opgen_k8s__ == "io.k8s.api.core.v1.EnvVar"  # type: ignore[attr-defined]
    assert not hasattr(core_v1.EnvVar, "__opgen_kind__")


def test_a_call_makes_a_plain_dict() -> None:
    variable = core_v1.EnvVar(name="A", value="1")
    assert type(variable) is dict
    assert variable == {"name": "A", "value": "1"}
    assert core_v1.EnvVar({"name": "B"}) == {"name": "B"}
    assert Spec().resources == {}


def test_a_call_of_a_kind_fills_in_what_the_kind_is() -> None:
    service = core_v1.Service(metadata={"name": "web"}, spec={})
    assert list(service) == ["apiVersion", "kind", "metadata", "spec"]
    assert service["apiVersion"] == "v1"
    assert apps_v1.Deployment({"kind": "Deployment", "metadata": {}, "spec": {}}) == {  # type: ignore[typeddict-item]
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {},
        "spec": {},
    }


def test_a_type_that_is_no_object_gives_its_value_back() -> None:
    assert core_v1.PullPolicy("Always") == "Always"


def test_kinds_have_a_resource_kind() -> None:
    assert kind_of(apps_v1.Deployment) == ResourceKind("apps", "v1", "Deployment", "deployments")


def test_classes_are_made_once_and_survive_copies() -> None:
    cls = core_v1.EnvVar
    assert core_v1.EnvVar is cls
    assert copy.deepcopy(cls) is cls
    assert pickle.loads(pickle.dumps(cls)) is cls
    assert repr(cls) == "opgen.k8s.core_v1.EnvVar"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("EnvVr", "module 'opgen.k8s.core_v1' has no type 'EnvVr'; did you mean EnvVar?"),
        (
            "configmap",
            "module 'opgen.k8s.core_v1' has no type 'configmap'; did you mean ConfigMap?",
        ),
        ("Zzz", "module 'opgen.k8s.core_v1' has no type 'Zzz'"),
    ],
)
def test_an_unknown_name(name: str, message: str) -> None:
    with pytest.raises(AttributeError) as error:
        getattr(core_v1, name)
    assert str(error.value) == message


def test_isinstance_says_why_it_cannot_work() -> None:
    with pytest.raises(TypeError) as error:
        isinstance({}, core_v1.EnvVar)
    assert str(error.value) == (
        "isinstance cannot be used with EnvVar: objects of built-in types are plain dicts; "
        'look at their "apiVersion" and "kind"'
    )


@pytest.mark.parametrize("module", MODULES)
def test_every_name_of_a_module_has_a_definition(module: str) -> None:
    imported = importlib.import_module(f"opgen.k8s.{module}")
    names = dir(imported)
    assert names
    assert {getattr(imported, name).__opgen_k8s__ for name in names} <= definitions().keys()


def test_types_and_kinds_do_not_read_the_table() -> None:
    program = (
        "import sys\n"
        "from opgen.api import kind_of\n"
        "from opgen.k8s import apps_v1, core_v1\n"
        "kind_of(apps_v1.Deployment), core_v1.EnvVar\n"
        "print('opgen.k8s.schemas' in sys.modules)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


SAMPLE = """
from opgen.api import kind_of
from opgen.k8s import apps_v1, core_v1, meta_v1, networking_v1

def deployment(name: str) -> apps_v1.Deployment:
    container = core_v1.Container(name="web", image="nginx", ports=[{"containerPort": 80}])
    container["resources"] = {"limits": {"cpu": 1, "memory": "1Gi"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"a": "b"}},
            "template": {"spec": {"containers": [container]}},
        },
    }

found = deployment("web")
ready: int = found.get("status", {}).get("readyReplicas", 0)
name: str = found["metadata"].get("name", "")
service = core_v1.Service(metadata=meta_v1.ObjectMeta(name=name), spec={"ports": [{"port": 80}]})
rule: networking_v1.NetworkPolicyIngressRule = {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}
kinds: tuple[object, ...] = (apps_v1.Deployment, core_v1.Service)
optional: list[core_v1.EnvVar] | None = None
kind_of(apps_v1.Deployment)
"""

WRONG = """
from opgen.k8s import apps_v1, core_v1

variable: core_v1.EnvVar = {"value": "x"}
container = core_v1.Container(name="x", imag="y")
core_v1.EnvVr
"""


@pytest.fixture
def type_check(tmp_path: Path) -> str:
    """What mypy says of a good file and of one with three errors."""
    (tmp_path / "sample.py").write_text(SAMPLE)
    (tmp_path / "wrong.py").write_text(WRONG)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file="]
    cache = ["--cache-dir", str(tmp_path / "cache"), "sample.py", "wrong.py"]
    answer = subprocess.run([*command, *cache], cwd=tmp_path, capture_output=True, text=True)
    assert answer.stderr == ""
    return answer.stdout


def test_the_stubs_under_mypy(type_check: str) -> None:
    assert type_check.splitlines() == [
        'wrong.py:4: error: Missing key "name" for TypedDict "EnvVar"  [typeddict-item]',
        'wrong.py:5: error: Extra key "imag" for TypedDict "Container"  [typeddict-unknown-key]',
        'wrong.py:6: error: Module has no attribute "EnvVr"; maybe "EnvVar"?  [attr-defined]',
    ]


def test_the_stubs_under_pyright(tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    (tmp_path / "wrong.py").write_text(WRONG)
    settings = {"typeCheckingMode": "standard", "pythonVersion": "3.11"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    answer = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    found = json.loads(answer.stdout)["generalDiagnostics"]
    errors = {
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1)
        for one in found
        if one["severity"] == "error"
    }
    assert errors == {("wrong.py", 4), ("wrong.py", 5), ("wrong.py", 6)}
