"""What the tests of the scaffold share: looking at a folder's content, and stopping disks."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.scaffold.disk import Disk
from opgen.scaffold.execute import execute
from opgen.scaffold.history import History
from opgen.scaffold.merge import split_lines
from opgen.scaffold.new_project import InitOptions, init


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


def _numbered(title: str, count: int, **changed: str) -> str:
    """A text of many different lines; `changed` replaces some by their number, as in `_3`."""
    lines = [changed.get(f"_{at}", f"{title} {at}") for at in range(count)]
    return "".join(f"{line}\n" for line in lines if line)


def _first() -> dict[str, str]:
    return {
        "project/Makefile.jinja": "# {{ project_name }}\n" + _numbered("target", 30),
        "project/pyproject.toml.jinja": _numbered("option", 20) + "# {{ domain }}\n",
        "project/{{ package }}/main.py.jinja": _numbered("statement", 40) + "# {{ package }}\n",
        "project/config/manager.yaml": _numbered("- item", 30),
        "project/README.md.jinja": _numbered("sentence", 10) + "{{ project_name }}\n",
        "project/old.yaml": _numbered("- old", 5),
        "project/config/kustomization.yaml": "resources:\n- a.yaml\n# +opgen:scaffold:x\n",
    }


def _second() -> dict[str, str]:
    """A target changes, a statement comes, a file goes."""
    changed = {
        "project/Makefile.jinja": "# {{ project_name }}\n"
        + _numbered("target", 30, _4="target four"),
        "project/{{ package }}/main.py.jinja": _numbered("statement", 41) + "# {{ package }}\n",
    }
    return {key: value for key, value in (_first() | changed).items() if "old" not in key}


def _third() -> dict[str, str]:
    """Items change and go, a file comes."""
    changed = {
        "project/config/manager.yaml": _numbered("- item", 34, _3="- item three", _20="", _21=""),
        "project/new.py.jinja": _numbered("fresh", 12),
    }
    return _second() | changed


def _fourth() -> dict[str, str]:
    """Something changes in every file."""
    changed = {
        "project/pyproject.toml.jinja": _numbered("option", 22, _7="") + "# {{ domain }}\n",
        "project/README.md.jinja": _numbered("sentence", 10, _5="five\nand more") + "by opgen\n",
        "project/{{ package }}/main.py.jinja": _numbered("statement", 41, _9="nine", _30="")
        + "# {{ package }}\n",
        "project/config/kustomization.yaml": (
            "resources:\n- a.yaml\n- b.yaml\n# +opgen:scaffold:x\n"
        ),
    }
    return _third() | changed


@pytest.fixture(scope="session")
def numbered() -> Callable[..., str]:
    return _numbered


@pytest.fixture(scope="session")
def made_up() -> list[dict[str, str]]:
    """The templates of four versions of opgen, oldest first."""
    return [_first(), _second(), _third(), _fourth()]


@pytest.fixture(scope="session")
def edited() -> Callable[[random.Random, bytes, str], tuple[bytes, set[bytes]]]:
    return _edited


def _edited(rng: random.Random, text: bytes, tag: str) -> tuple[bytes, set[bytes]]:
    """The text after some edits of a person, and the lines that they wrote."""
    lines, written = split_lines(text), set()
    for at in range(rng.randint(1, 6)):
        where = rng.randrange(len(lines) + 1)
        own = f"{tag} wrote {at} {rng.randrange(10**9)}\n".encode()
        match rng.randrange(4):
            case 0:
                lines.insert(where, own)
                written.add(own)
            case 1:
                lines[where : where + rng.randint(1, 2)] = [own]
                written.add(own)
            case 2:
                del lines[where : where + rng.randint(1, 3)]
            case _:
                lines[where:where] = [own, b"\n"]
                written.add(own)
    rest = b"".join(lines)
    return rest, {line for line in written if line in rest}


@pytest.fixture
def generations(tmp_path: Path, made_up: list[dict[str, str]]) -> list[Path]:
    """The templates of opgen 0.1.0 to 0.4.0; the newest knows the others."""
    roots = [_generation(tmp_path / f"g{at}", files) for at, files in enumerate(made_up, 1)]
    history = History()
    for at, root in enumerate(roots[:-1], 1):
        history = history.with_templates(root, f"0.{at}.0")
    history.save(roots[-1])
    return roots


@pytest.fixture
def make_project(
    generations: list[Path], installed: Callable[[Path, str], None], tmp_path: Path
) -> Callable[..., Path]:
    """A project as an old opgen wrote it, and the newest opgen installed."""

    def make(version: int = 1, name: str = "p") -> Path:
        installed(generations[version - 1], f"0.{version}.0")
        root = tmp_path / name
        execute(init(root, InitOptions(project_name="web", domain="my.domain")))
        installed(generations[-1], "0.4.0")
        return root

    return make
