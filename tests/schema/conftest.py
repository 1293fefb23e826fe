"""Kinds of the golden cases, and goldens as Python objects."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from opgen.runtime.decoding import check
from opgen.schema import Derived, crds

HERE = Path(__file__).parent
sys.path.append(str(HERE))  # where the package broken_crds is


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


NULL_IN_ENUM = "the API server takes no null where there is an enum"
"""What is true of a schema that is as it should be otherwise."""
HEAD = """\
from __future__ import annotations

from opgen_test_vocabulary import *
{above}


@dataclass(kw_only=True)
class ThingSpec:
"""
TAIL = """

@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, None]):
    pass
"""
Derive = Callable[..., Derived]


@pytest.fixture
def spec(kinds: Callable[[str], ModuleType], module: Callable[[str], ModuleType]) -> Derive:
    """What is derived from a kind whose spec has the given fields, written with the vocabulary.

    What stands `above` the class of the spec can be given as well. The runtime has to be able to
    read whatever there is a schema for.
    """

    def derive(fields: str, above: str = "") -> Derived:
        kinds("vocabulary")
        body = "".join(f"    {line}\n" for line in fields.splitlines())
        thing = module(f"{HEAD.format(above=above)}{body}{TAIL}").Thing
        derived = crds([thing])
        if derived.documents:
            check(thing)
        return derived

    return derive


@pytest.fixture
def spec_schema(spec: Derive) -> Callable[..., dict[str, Any]]:
    """The schema of a spec with the given fields, of which nothing is wrong."""

    def schema(fields: str, above: str = "") -> dict[str, Any]:
        derived = spec(fields, above)
        assert [
            problem for problem in derived.problems if NULL_IN_ENUM not in problem.message
        ] == []
        (document,) = derived.documents
        root = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
        found: dict[str, Any] = root["properties"]["spec"]
        return found

    return schema


@pytest.fixture
def field_schema(spec_schema: Callable[[str], dict[str, Any]]) -> Callable[[str], dict[str, Any]]:
    """The schema of a field `x`, by its annotation."""

    def schema(annotation: str) -> dict[str, Any]:
        found: dict[str, Any] = spec_schema(f"x: {annotation}")["properties"]["x"]
        return found

    return schema
