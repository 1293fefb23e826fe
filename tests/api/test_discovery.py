"""What a package declares is found wherever its rooms allow it."""

from __future__ import annotations

from pathlib import Path

import pytest

from opgen.api.discovery import Declarations, discover

BOATS = """
from dataclasses import dataclass
from opgen.api import CustomResource, resource

@dataclass
class Spec:
    length: int = 1

@resource(group="example.com", version="{version}"{storage})
@dataclass(kw_only=True)
class Boat(CustomResource[Spec, None]):
    pass
"""
WEBHOOKS = """
from opgen.api.webhooks import converter, webhook
from {package}.api.v1 import Boat
from {package}.api.v2 import Boat as NewBoat

@webhook(Boat)
class Checks:
    def validate(self, obj, old, request): pass

@converter(Boat, hub=NewBoat)
class Converts:
    def to_hub(self, obj): return NewBoat(spec=obj.spec)
    def from_hub(self, obj): return Boat(spec=obj.spec)
"""


def write(package: Path, **modules: str) -> None:
    package.mkdir()
    for name, text in modules.items():
        file = package / f"{name.replace('__', '/')}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(text)
    (package / "__init__.py").touch()


def test_a_package_with_webhooks_and_no_controllers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = "discovered_boats"
    write(
        tmp_path / package,
        api__v1=BOATS.format(version="v1", storage=""),
        api__v2=BOATS.format(version="v2", storage=", storage=True"),
        webhooks__boat=WEBHOOKS.format(package=package),
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = discover(package)
    assert [cls.__module__ for cls in found.resources] == [f"{package}.api.v1", f"{package}.api.v2"]
    assert found.controllers == ()
    assert [cls.__name__ for cls in found.webhooks] == ["Checks"]
    assert [cls.__name__ for cls in found.converters] == ["Converts"]


def test_an_empty_package_declares_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "discovered_nothing")
    monkeypatch.syspath_prepend(tmp_path)
    assert discover("discovered_nothing") == Declarations()


def test_no_such_package() -> None:
    with pytest.raises(ModuleNotFoundError, match="discovered_nowhere"):
        discover("discovered_nowhere")
