"""The tutorial does what it says: its commands are run, and what they print is compared.

A ```console block holds commands after `$ ` and what they print. A command that ends in `&` goes on
in the background, and the test waits until it has printed what the block shows. A ```diff block is
an edit that the reader makes. Blocks of other languages are not run. What differs from run to run
(ages, ports, addresses) is made equal on both sides before the comparison.

`OPGEN_UPDATE_DOCS=1` writes what was printed into the document.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "tutorial.md"
UPDATE = os.environ.get("OPGEN_UPDATE_DOCS") == "1"
HOME = "/home/you"
VARYING = (
    (r"http://127\.0\.0\.1:\d+", "http://ADDRESS"),
    (r"\b\d+(\.\d+)? ?m?s\b", "TIME"),
    (r"\b\d+m\d*s?\b", "TIME"),
    (r"\b10\.\d+\.\d+\.\d+\b", "CLUSTER-IP"),
    (r":3[0-2]\d{3}\b", ":NODE-PORT"),
    (r"-[a-z0-9]{8,10}-[a-z0-9]{5}\b", "-POD"),
    (r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "TIMESTAMP"),
    (r"opgen-[\w.]+-py3", "opgen-VERSION-py3"),
    (r" from \w+ namespace$", ""),
    (r"[ \t]+", " "),
)


@dataclass
class Block:
    """A fenced block: its language and its lines, and where its lines begin in the document."""

    language: str
    start: int
    lines: list[str] = field(default_factory=list)


@dataclass
class Command:
    """A command with the lines that the document shows below it."""

    text: str
    line: int
    shown: list[str] = field(default_factory=list)


def blocks(text: str) -> Iterator[Block]:
    block: Block | None = None
    for number, line in enumerate(text.splitlines()):
        if line.startswith("```"):
            if block is None:
                block = Block(line[3:].strip(), number + 1)
            else:
                yield block
                block = None
        elif block is not None:
            block.lines.append(line)


def commands(block: Block) -> list[Command]:
    found: list[Command] = []
    for offset, line in enumerate(block.lines):
        if line.startswith("$ "):
            found.append(Command(line[2:], block.start + offset))
        elif found[-1].text.endswith("\\"):
            found[-1].text += "\n" + line
        else:
            found[-1].shown.append(line)
    return found


def normal(lines: list[str]) -> list[str]:
    text = "\n".join(lines).strip()
    for pattern, replacement in VARYING:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return [line.strip() for line in text.splitlines()]


def matches(printed: list[str], shown: list[str]) -> bool:
    """Whether what was printed is what is shown; a line `...` stands for any lines."""
    actual, expected = normal(printed), normal(shown)
    if "..." not in expected:
        return actual == expected
    cut = expected.index("...")
    head, tail = expected[:cut], expected[cut + 1 :]
    return actual[:cut] == head and actual[max(cut, len(actual) - len(tail)) :] == tail


class Shell:
    """A shell of one's own: folder and variables live on from command to command."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.folder = root
        self.environment = environment
        self.background: list[tuple[subprocess.Popen[str], threading.Thread]] = []

    def run(self, command: Command) -> list[str]:
        if command.text.endswith("&"):
            return self._start(command)
        state = self.root / ".state"
        script = f"{command.text}\ncode=$?\n{{ pwd; env -0; }} > {state}\nexit $code\n"
        finished = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        output = self._readable(finished.stdout)
        assert finished.returncode == 0, f"{where(command)}: exit {finished.returncode}\n{output}"
        folder, variables = state.read_text().split("\n", 1)
        self.folder = Path(folder)
        self.environment = dict(item.split("=", 1) for item in variables.split("\0") if "=" in item)
        return output.splitlines()

    def _start(self, command: Command) -> list[str]:
        process = subprocess.Popen(
            ["bash", "-c", "exec " + command.text[:-1]],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        drain = threading.Thread(target=process.stdout.read)
        self.background.append((process, drain))
        lines = []
        for line in process.stdout:
            lines.append(self._readable(line).rstrip("\n"))
            if len(lines) >= len(command.shown):
                break
        else:
            raise AssertionError(f"{where(command)}: ended early\n" + "\n".join(lines))
        # A full pipe would stop the process.
        drain.start()
        return lines

    def _readable(self, text: str) -> str:
        return text.replace(str(self.root), HOME)

    def close(self) -> None:
        for process, drain in reversed(self.background):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
            if drain.is_alive():
                drain.join(timeout=60)
            if process.stdout is not None:
                process.stdout.close()


def where(command: Command) -> str:
    return f"{DOCUMENT.name}:{command.line + 1}: $ {command.text}"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    binaries = Path(sys.executable).parent
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{binaries}:{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    shell = Shell(tmp_path, environment)
    yield shell
    shell.close()


def borrow_environment(project: Path) -> None:
    """Give a project this environment in place of one that `make` would have to download."""
    ready = project / ".venv" / ".ready"
    if ready.exists() or not (project / "pyproject.toml").exists():
        return
    ready.parent.mkdir()
    for part in ("bin", "lib", "pyvenv.cfg"):
        (project / ".venv" / part).symlink_to(Path(sys.prefix) / part)
    ready.touch()


def edit(shell: Shell, block: Block) -> None:
    patch = "\n".join(block.lines) + "\n"
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"],
        cwd=shell.folder,
        input=patch,
        text=True,
        check=True,
    )


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
def test_the_tutorial(shell: Shell) -> None:
    text = DOCUMENT.read_text()
    document = text.splitlines()
    differences: list[str] = []
    replacements: list[tuple[Command, list[str]]] = []
    for block in blocks(text):
        if block.language == "diff":
            edit(shell, block)
        if block.language != "console":
            continue
        for command in commands(block):
            borrow_environment(shell.folder)
            printed = shell.run(command)
            if not matches(printed, command.shown):
                replacements.append((command, printed))
                shown = "\n".join(["  shown:", *command.shown, "  printed:", *printed])
                differences.append(f"{where(command)}\n{shown}")
    if UPDATE:
        for command, printed in reversed(replacements):
            begin = command.line + 1 + command.text.count("\n")
            document[begin : begin + len(command.shown)] = printed
        DOCUMENT.write_text("\n".join(document) + "\n")
    assert UPDATE or not differences, "\n\n".join(differences)
