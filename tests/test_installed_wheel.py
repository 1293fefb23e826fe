"""`make test` tests what users install: the wheel, not the checkout."""

from __future__ import annotations

import importlib.metadata
import os
import sysconfig
from pathlib import Path

import pytest

import opgen

PACKAGE = Path(opgen.__file__).parent

pytestmark = pytest.mark.skipif(
    os.environ.get("OPGEN_TEST_WHEEL") != "1", reason="make test alone installs the wheel"
)


def test_opgen_is_imported_from_site_packages() -> None:
    assert PACKAGE.parent == Path(sysconfig.get_path("purelib"))


def test_the_wheel_brings_templates_and_types() -> None:
    assert list((PACKAGE / "_templates").rglob("pyproject.toml.jinja"))
    assert (PACKAGE / "py.typed").is_file()


def test_the_wheel_has_no_tests() -> None:
    files = importlib.metadata.files("opgen")
    assert files is not None
    tops = {file.parts[0] for file in files if ".dist-info" not in file.parts[0]}
    assert tops <= {"opgen", "..", "__pycache__"}
