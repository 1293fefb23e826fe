"""The tool that makes the table and the stubs: same input, same bytes."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import opgen.k8s
from opgen.k8s._data import KUBERNETES

TOOL = Path(__file__).parents[2] / "tools" / "make_k8s_table.py"


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    pytest.importorskip("kubernetes_validate", reason="the source of the table is not installed")
    monkeypatch.syspath_prepend(str(TOOL.parent))
    spec = importlib.util.spec_from_file_location("make_k8s_table", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    sys.modules.pop("k8s_patches", None)


def test_what_is_committed_is_what_the_tool_makes(tool: ModuleType) -> None:
    room = Path(next(iter(opgen.k8s.__path__)))
    made = tool.files(KUBERNETES)
    assert made == {name: (room / name).read_text(encoding="utf-8") for name in made}


def test_every_patch_has_its_place(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    tool.make_table(KUBERNETES)
    assert capsys.readouterr().err == ""


def test_another_minor_version_says_which_patches_it_has_no_place_for(
    tool: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "io.k8s.api.apps.v1.Deployment" in tool.make_table("1.35")
    assert "Kubernetes 1.35 has no io.k8s.api.core.v1.ImageVolumeStatus.imageRef" in (
        capsys.readouterr().err.splitlines()
    )


def test_definitions_of_groups_without_a_module_come_along(tool: ModuleType) -> None:
    table = tool.make_table("1.37")
    assert all(target in table for node in table.values() for target in tool.references(node))
    assert "DisruptionMode" not in tool.files("1.37")["batch_v1.pyi"]


def test_a_version_that_the_source_has_not(tool: ModuleType) -> None:
    with pytest.raises(SystemExit, match=r"^kubernetes-validate has no Kubernetes 9\.9, only "):
        tool.make_table("9.9")
