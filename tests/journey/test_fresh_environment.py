"""A generated project builds and runs with nothing but a package index for third-party wheels.

These tests install packages, so they run only where `OPGEN_TEST_INDEX=1` says that an index may be
asked, as CI does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    os.environ.get("OPGEN_TEST_INDEX") != "1",
    reason="OPGEN_TEST_INDEX=1 is not set: no package index may be asked",
)

LARGEST_LAYER = 25.0
"""What the image may add to its base, in megabytes."""
IMPORT_ALL = """
import importlib, pkgutil, opgen
for module in pkgutil.walk_packages(opgen.__path__, "opgen."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

from opgen.runtime.metrics_certificate import own_context
own_context()
"""


def run(*command: str, folder: Path, path: str = os.environ["PATH"]) -> str:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")
    }
    finished = subprocess.run(
        command, cwd=folder, env={**environment, "PATH": path}, capture_output=True, text=True
    )
    output = finished.stdout + finished.stderr
    assert finished.returncode == 0, f"{' '.join(command)}: {finished.returncode}\n{output}"
    return output


def program_uv() -> str:
    found = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None:
        pytest.skip("uv is not on PATH")
    return found


def search_path(folder: Path, *, uv: bool) -> str:
    """PATH with the base interpreter as `python3`, with or without uv, and the system's tools."""
    binaries = folder / "search-path"
    binaries.mkdir()
    (binaries / "python3").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    if uv:
        (binaries / "uv").symlink_to(program_uv())
    return f"{binaries}:/usr/bin:/bin"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "webserver-operator"
    folder.mkdir()
    opgen = (sys.executable, "-m", "opgen")
    run(*opgen, "init", "--domain", "my.domain", folder=folder)
    run(*opgen, "create", "api", "--version", "v1", "--kind", "WebServer", folder=folder)
    assert len(list((folder / "vendor").glob("opgen-*.whl"))) == 1
    yield folder


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_make_test_sets_up_an_environment_and_passes(
    project: Path, tmp_path: Path, uv: bool
) -> None:
    path = search_path(tmp_path, uv=uv)
    output = run("make", "test", folder=project, path=path)
    assert "7 passed" in output
    clean = run("make", "lint", "typecheck", folder=project, path=path)
    assert "All checks passed!" in clean
    assert "0 errors" in clean


def dockerfile_steps(project: Path, tmp_path: Path) -> list[str]:
    """The RUN instructions, with the image's folders put below a temporary one."""
    text = (project / "Dockerfile").read_text().replace("\\\n", "")
    steps = re.findall(r"^RUN (.*)$", text, flags=re.M)
    return [step.replace("/app", str(tmp_path / "app")) for step in steps]


def sent_to_the_builder(project: Path, context: Path) -> None:
    """Copy what .dockerignore lets through: all below the names behind exclamation marks."""
    lines = (project / ".dockerignore").read_text().splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    assert patterns[0] == "*"
    for name in (line[1:] for line in patterns if line.startswith("!")):
        if (project / name).is_dir():
            shutil.copytree(project / name, context / name)
        elif (project / name).exists():
            context.mkdir(exist_ok=True)
            shutil.copy(project / name, context / name)


def megabytes(folder: Path) -> float:
    """What the files of a folder take up, each rounded up to blocks as in a layer of an image."""
    sizes = [path.lstat().st_size for path in folder.rglob("*") if not path.is_dir()]
    return sum(-(-size // 512) * 512 + 512 for size in sizes) / 1e6


@pytest.mark.parametrize("locked", [False, True], ids=["pip", "uv.lock"])
def test_the_steps_of_the_dockerfile_make_a_lean_environment(
    project: Path, tmp_path: Path, locked: bool
) -> None:
    if locked:
        run(program_uv(), "lock", "--quiet", folder=project)
    builder = tmp_path / "builder"
    venv.create(builder, with_pip=True, symlinks=True)
    context = tmp_path / "context"
    sent_to_the_builder(project, context)
    for step in dockerfile_steps(project, tmp_path):
        run("sh", "-c", step, folder=context, path=f"{builder / 'bin'}:/usr/bin:/bin")
    python = str(tmp_path / "app" / "bin" / "python")
    assert "--leader-elect" in run(python, "-m", "webserver_operator", "--help", folder=tmp_path)
    installed = {path.name for path in (tmp_path / "app" / "lib").glob("python*/site-packages/*")}
    for tool in ("typer", "jinja2", "copier", "ruamel", "pytest", "pip"):
        assert tool not in installed, f"{tool} is in the image"
    assert not list((tmp_path / "app" / "bin").glob("pip*"))
    (of_opgen,) = (tmp_path / "app" / "lib").glob("python*/site-packages/opgen")
    rooms = {path.name for path in of_opgen.iterdir() if path.is_dir()} - {"__pycache__"}
    assert rooms == {"api", "k8s", "runtime"}
    run(python, "-c", IMPORT_ALL, folder=tmp_path)
    assert megabytes(tmp_path / "app") <= LARGEST_LAYER


def test_a_tool_of_its_own_makes_manifests_with_the_opgen_of_the_project(
    project: Path, tmp_path: Path
) -> None:
    (wheel,) = (project / "vendor").glob("opgen-*.whl")
    venv.create(project / ".venv", with_pip=True, symlinks=True)
    own = str(project / ".venv" / "bin" / "python")
    run(own, "-m", "pip", "install", "--quiet", "--no-deps", str(wheel), folder=project)
    (project / "config/crd/bases/my.domain_webservers.yaml").unlink()
    run(sys.executable, "-m", "opgen", "make", "manifests", folder=project)
    assert (project / "config/crd/bases/my.domain_webservers.yaml").exists()
