"""Kinds of the golden cases, and goldens as Python objects."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent


class Loader(yaml.SafeLoader):
    """Reads `=` and `<<` as text, as Go does; YAML 1.1 gives them meanings that nobody uses."""


for tag in ("value", "merge"):
    Loader.add_constructor(f"tag:yaml.org,2002:{tag}", Loader.construct_yaml_str)


def _load(path: Path) -> ModuleType:
    name = f"opgen_test_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def kinds() -> Callable[[str], ModuleType]:
    """A module of kinds by its name in `kinds/`."""
    modules: dict[str, ModuleType] = {}

    def load(name: str) -> ModuleType:
        if name not in modules:
            modules[name] = _load(HERE / "kinds" / f"{name}.py")
        return modules[name]

    return load


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], ModuleType]:
    """A module made of source text, in a file of its own."""

    def load(text: str) -> ModuleType:
        path = tmp_path / f"types_{abs(hash(str(tmp_path)))}.py"
        path.write_text(text)
        return _load(path)

    return load


@pytest.fixture
def modules(tmp_path: Path) -> Callable[[str], ModuleType]:
    """Modules made of source texts, each in a file of its own."""

    def load(text: str) -> ModuleType:
        number = len(list(tmp_path.iterdir()))
        path = tmp_path / f"types_{abs(hash(str(tmp_path)))}_{number}.py"
        path.write_text(text)
        return _load(path)

    return load


@pytest.fixture(scope="session")
def golden() -> Callable[[str], list[dict[str, Any]]]:
    """The documents of a golden case."""

    def load(name: str) -> list[dict[str, Any]]:
        text = (HERE / "goldens" / f"{name}.yaml").read_text()
        return [document for document in yaml.load_all(text, Loader) if document]

    return load
