"""Make the example projects again: opgen's commands, then the edits of a person.

`python tools/make_examples.py` compares `examples/` with what it makes and ends with 1 if they
differ; `--write` makes them so. The edits of an example are the patch `examples/NAME.patch`, which
is applied to what the commands made; `--record` takes the example as it stands for the wanted
outcome and writes its patch anew.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import opgen

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
IGNORED = {
    ".venv", "build", "dist", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"
}  # fmt: skip
MANIFESTS = ("make", "manifests")


@dataclass(frozen=True)
class Example:
    """A project: its name and the commands that make it."""

    name: str
    commands: tuple[tuple[str, ...], ...]


CREATE = ("create", "api", "--resource", "--controller")
ALL = (
    Example(
        "webserver-operator",
        (
            ("init", "--domain", "my.domain"),
            (*CREATE, "--version", "v1", "--kind", "WebServer"),
        ),
    ),
    Example(
        "appservice-operator",
        (
            ("init", "--domain", "example.com"),
            (*CREATE, "--group", "app", "--version", "v1", "--kind", "AppService"),
        ),
    ),
    Example(
        "myapp-operator",
        (
            ("init", "--domain", "example.org"),
            (*CREATE, "--group", "apps", "--version", "v1alpha1", "--kind", "MyApp"),
        ),
    ),
)


def make(example: Example, folder: Path, *, edits: bool = True) -> None:
    """Make an example in a folder that is there and empty."""
    for arguments in example.commands:
        _opgen(arguments, folder)
    patch = EXAMPLES / f"{example.name}.patch"
    if edits and patch.exists():
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
        command = ["git", "apply", "--whitespace=nowarn", str(patch)]
        subprocess.run(command, cwd=folder, check=True, env=environment)
        _opgen(MANIFESTS, folder)


def _opgen(arguments: Sequence[str], folder: Path) -> None:
    major, minor, *_ = opgen.__version__.split(".")
    requirement = f"opgen>={opgen.__version__},<{major}.{int(minor) + 1}"
    environment = {**os.environ, "OPGEN_REQUIREMENT": requirement}
    command = [sys.executable, "-m", "opgen", *arguments]
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if finished.returncode:
        raise SystemExit(f"opgen {' '.join(arguments)}\n{finished.stdout}{finished.stderr}")


def tree(folder: Path) -> dict[str, bytes]:
    """The files of a project that belong into version control."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not IGNORED.intersection(path.relative_to(folder).parts)
    }


def differences(example: Example, folder: Path) -> Iterator[str]:
    """What distinguishes the committed example from the one in a folder, a line each."""
    committed, made = tree(EXAMPLES / example.name), tree(folder)
    for path in sorted({*committed, *made}):
        if committed.get(path) != made.get(path):
            state = "differs" if path in committed and path in made else (
                "is not made any more" if path in committed else "is not committed"
            )  # fmt: skip
            yield f"examples/{example.name}/{path} {state}"


def write(example: Example, folder: Path) -> None:
    """Put a made example in the place of the committed one."""
    shutil.rmtree(EXAMPLES / example.name, ignore_errors=True)
    shutil.copytree(folder, EXAMPLES / example.name, ignore=shutil.ignore_patterns(*IGNORED))


def record(example: Example, folder: Path) -> None:
    """Write the patch that leads from what the commands make to the committed example."""
    edited = folder.parent / "edited"
    for path, content in tree(EXAMPLES / example.name).items():
        if path != "PROJECT" and not path.startswith(
            ("config/crd/bases/", "config/rbac/role.yaml")
        ):
            (edited / path).parent.mkdir(parents=True, exist_ok=True)
            (edited / path).write_bytes(content)
    for generated in ("PROJECT", "config/crd/bases", "config/rbac/role.yaml"):
        path = folder / generated
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    finished = subprocess.run(
        ["git", "diff", "--no-index", "--no-color", "--no-prefix", folder.name, edited.name],
        cwd=folder.parent,
        capture_output=True,
        text=True,
    )
    patch = finished.stdout.replace(f" {folder.name}/", " a/").replace(f" {edited.name}/", " b/")
    path = EXAMPLES / f"{example.name}.patch"
    path.write_text(patch) if patch else path.unlink(missing_ok=True)


def main() -> int:
    """Compare, write or record all examples."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--write", action="store_true", help="make the examples what they should be"
    )
    parser.add_argument("--record", action="store_true", help="write the patches anew")
    arguments = parser.parse_args()
    found: list[str] = []
    for example in ALL:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary) / example.name
            folder.mkdir()
            make(example, folder, edits=not arguments.record)
            if arguments.record:
                record(example, folder)
            elif arguments.write:
                write(example, folder)
            else:
                found.extend(differences(example, folder))
    print("\n".join(found) or "examples are as they should be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
