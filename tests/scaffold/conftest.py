"""What the tests of the scaffold share: looking at a folder's content, and stopping disks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.scaffold.disk import Disk


class Killed(BaseException):
    """The process is gone: nothing it would do afterwards happens."""


class StoppingDisk(Disk):
    """A disk on which the operation with a number fails, before or after its effect.

    With `dead`, everything after it fails as well, as if the process had been killed.
    """

    def __init__(self, stop_at: int, *, dead: bool, after: bool) -> None:
        self.count, self.stop_at, self.dead, self.after = 0, stop_at, dead, after

    def __getattribute__(self, name: str) -> object:
        value = object.__getattribute__(self, name)
        if name.startswith("_") or not callable(value):
            return value

        def operation(*args: object) -> None:
            self.count += 1
            hit = self.count == self.stop_at
            gone = self.dead and self.count > self.stop_at
            if (hit and not self.after) or gone:
                raise Killed if self.dead else OSError(28, "No space left on device", str(args[0]))
            value(*args)
            if hit:
                raise Killed if self.dead else OSError(28, "No space left on device", str(args[0]))

        return operation


@pytest.fixture
def stopping_disk() -> Callable[..., StoppingDisk]:
    return StoppingDisk


@pytest.fixture
def killed() -> type[BaseException]:
    return Killed


@pytest.fixture
def content() -> Callable[[Path], dict[str, bytes | None]]:
    """The files and folders below a folder, by path."""

    def read(root: Path) -> dict[str, bytes | None]:
        return {
            path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
            for path in sorted(root.rglob("*"))
        }

    return read


QUESTIONS = """\
_subdirectory: template
_templates_suffix: .jinja
_envops:
  undefined: jinja2.StrictUndefined
"""
VARIABLES = ("project_name", "package", "domain")
"""What the made-up templates ask for."""


def _generation(root: Path, files: dict[str, str], variables: tuple[str, ...] = VARIABLES) -> Path:
    """A folder with templates: `files` by path, as in `project/Makefile.jinja`."""
    for name in ("project", "api", "webhook"):
        folder = root / name
        (folder / "template").mkdir(parents=True)
        (folder / f"template/{name}.txt").write_text("a template has files\n")
        asked = "".join(f"{variable}:\n  type: str\n" for variable in variables)
        (folder / "copier.yml").write_text(QUESTIONS + asked)
    for path, text in files.items():
        name, _, below = path.partition("/")
        target = root / name / ("" if below == "insertions.yml" else "template") / below
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return root


@pytest.fixture
def generation() -> Callable[..., Path]:
    return _generation


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, str], None]:
    """Have an opgen of a version with the templates in a folder."""
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")

    def install(templates: Path, version: str) -> None:
        monkeypatch.setattr("opgen.scaffold.templates.template_root", lambda: templates)
        monkeypatch.setattr("opgen.__version__", version)

    return install


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run git in a folder."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Somebody")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "somebody@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def run(root: Path, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
