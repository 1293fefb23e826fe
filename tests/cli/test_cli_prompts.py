"""The questions of `opgen create api`, asked on a terminal."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pty = pytest.importorskip("pty")  # there is none on Windows

RESOURCE, CONTROLLER = "Create Resource [y/n]\r\n", "Create Controller [y/n]\r\n"
SECONDS = 120.0


class Terminal:
    """A person's terminal with `opgen create api` in it; everything printed is in `shown`."""

    def __init__(self, cwd: Path, arguments: tuple[str, ...]) -> None:
        self.shown = ""
        self._end, end = pty.openpty()
        environment = {key: value for key, value in os.environ.items() if key != "CI"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "opgen", "create", "api", *arguments],
            cwd=cwd,
            env={**environment, "PYTHONWARNINGS": "error", "NO_COLOR": "1"},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        os.close(end)

    def wait_for(self, text: str) -> None:
        while text not in self.shown:
            assert self._read(), f"the command ended after {self.shown!r}"

    def type(self, keys: str) -> None:
        os.write(self._end, keys.encode())

    def interrupt(self) -> None:
        while not self._waits():
            os.sched_yield()
        self.process.send_signal(signal.SIGINT)

    def exit_code(self) -> int:
        while self._read():
            continue
        return self.process.wait(SECONDS)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)

    def _waits(self) -> bool:
        """Whether the command is reading: Python sees a signal from just before after the read."""
        state = Path(f"/proc/{self.process.pid}/stat")  # on Linux alone
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "S"

    def _read(self) -> bool:
        ready, _, _ = select.select([self._end], [], [], SECONDS)
        assert ready, f"nothing came after {self.shown!r}"
        try:
            chunk = os.read(self._end, 4096)
        except OSError:  # Linux tells so that the other end is closed
            return False
        self.shown += chunk.decode()
        return bool(chunk)


Start = Callable[..., Terminal]


@pytest.fixture
def create_api(project: Path) -> Iterator[Start]:
    opened: list[Terminal] = []

    def start(*arguments: str) -> Terminal:
        opened.append(Terminal(project, ("--version", "v1", *arguments)))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


@pytest.fixture
def unchanged(project: Path) -> Callable[[], bool]:
    def content() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}

    before = content()
    return lambda: content() == before


WEB = ("--kind", "WebServer", "--no-make")
TYPES = "webserver_operator/api/v1/webserver_types.py"
CODE = "webserver_operator/controllers/webserver_controller.py"


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("YES", True), ("n", False)])
def test_the_answers_decide_what_is_written(create_api, project, answer, written):
    terminal = create_api(*WEB)
    terminal.wait_for(RESOURCE)
    terminal.type("y\n")
    terminal.wait_for(CONTROLLER)
    terminal.type(f"{answer}\n")
    assert terminal.exit_code() == 0
    assert (project / TYPES).is_file()
    assert (project / CODE).is_file() is written


def test_there_is_no_answer_by_default(create_api, project):
    terminal = create_api(*WEB)
    terminal.wait_for(RESOURCE)
    terminal.type("\n")
    terminal.wait_for("'' is neither y nor n\r\nCreate Resource [y/n]\r\n")
    terminal.type("perhaps\n")
    terminal.wait_for("'perhaps' is neither y nor n\r\nCreate Resource [y/n]\r\n")
    terminal.type("y\n")
    terminal.wait_for(CONTROLLER)
    terminal.type("n\n")
    assert terminal.exit_code() == 0
    assert (project / TYPES).is_file()


def test_what_is_told_is_not_asked(create_api):
    terminal = create_api(*WEB, "--resource", "--controller")
    assert terminal.exit_code() == 0
    assert "[y/n]" not in terminal.shown


def test_nothing_is_asked_about_what_is_wrong_anyway(create_api, unchanged):
    terminal = create_api("--kind", "web")
    assert terminal.exit_code() == 1
    assert "error: --kind 'web' is no valid kind" in terminal.shown
    assert "[y/n]" not in terminal.shown
    assert unchanged()


def test_a_second_version_gets_no_question_about_its_controller(create_api, project):
    assert create_api(*WEB, "--resource", "--controller").exit_code() == 0
    terminal = create_api(*WEB, "--version", "v2")
    terminal.wait_for(RESOURCE)
    terminal.type("y\n")
    assert terminal.exit_code() == 0
    assert CONTROLLER not in terminal.shown
    assert (project / TYPES.replace("v1", "v2")).is_file()


@pytest.mark.parametrize("asked", [RESOURCE, CONTROLLER])
def test_the_end_of_input_is_no_answer(create_api, unchanged, asked):
    terminal = create_api(*WEB)
    terminal.wait_for(RESOURCE)
    if asked is CONTROLLER:
        terminal.type("y\n")
        terminal.wait_for(CONTROLLER)
    terminal.type("\x04")
    assert terminal.exit_code() == 1
    flag = asked.split()[1].lower()
    assert terminal.shown.replace("\r\n", "\n").endswith(
        f"error: there is no answer to {asked.strip()!r}\n"
        f"  hint: answer y or n, or pass --{flag} or --no-{flag}\n"
    )
    assert unchanged()


def test_an_interrupt_ends_with_130_and_writes_nothing(create_api, unchanged):
    terminal = create_api(*WEB)
    terminal.wait_for(RESOURCE)
    terminal.interrupt()
    assert terminal.exit_code() == 130
    assert terminal.shown.endswith("Interrupted\r\n")
    assert unchanged()
