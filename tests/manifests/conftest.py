"""Projects whose files are generated."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.api.discovery import ROOMS

TYPES = '''
"""Shops."""

from __future__ import annotations

from dataclasses import dataclass

from opgen.api import CustomResource, resource


@dataclass(kw_only=True)
class ShopSpec:
    """ShopSpec is what a shop should be."""

    size: int = 1


@resource(group="example.org", version="v1")
@dataclass(kw_only=True)
class Shop(CustomResource[ShopSpec, None]):
    """Shop is where things are sold."""
'''
CONTROLLER = """
from opgen.runtime import controller
from shop.api.types import Shop


@controller(Shop)
class ShopController:
    async def reconcile(self, obj, ctx):
        return None
"""

Project = Callable[..., Path]


@pytest.fixture
def types() -> str:
    """The module of a kind."""
    return TYPES


@pytest.fixture
def controller() -> str:
    """The module of its controller."""
    return CONTROLLER


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Makes a project with the given modules, by their path below the package."""
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)

    def make(**modules: str) -> Path:
        package = tmp_path / "shop"
        for folder in (package, *(package / room for room in ROOMS)):
            folder.mkdir(exist_ok=True)
            (folder / "__init__.py").touch()
        sources = {"api/types": TYPES, "controllers/shop": CONTROLLER}
        sources |= {name.replace("__", "/"): text for name, text in modules.items()}
        for name, text in sources.items():
            (package / f"{name}.py").write_text(textwrap.dedent(text).lstrip("\n"))
        return tmp_path

    return make
