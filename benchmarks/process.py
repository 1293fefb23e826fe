"""Runs a child process and says what it took."""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

KIB_PER_MAXRSS = 1 if sys.platform != "darwin" else 1 / 1024
SPAWNER = Path(__file__).with_name("spawner.py")


@dataclass(frozen=True)
class Usage:
    """What a process took: wall clock and processor in seconds, memory in MB (2**20 bytes)."""

    wall: float
    cpu: float
    memory: float


class Failed(Exception):
    """A measured command did not succeed."""


class Child:
    """A process whose use of resources is known after its end.

    It is started by `spawner`, which says why.

    Attributes:
        pid: The process itself.
        began: When it began, as `time.perf_counter` counts.
    """

    def __init__(
        self, command: list[str], folder: Path, environment: dict[str, str] | None = None
    ) -> None:
        self._command = command
        self._log = tempfile.TemporaryFile("w+b")  # noqa: SIM115 - closed by wait
        self._spawner = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SPAWNER), *command],
            cwd=folder,
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        begun = self._line()
        if not begun:
            self._spawner.wait()
            raise Failed(f"{' '.join(command)} cannot be started\n{self.printed}")
        self.pid, self.began = int(begun[0]), float(begun[1])

    @property
    def printed(self) -> str:
        """The end of what it has printed so far."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-2000:]

    def terminate(self) -> None:
        """Ask it to end."""
        os.kill(self.pid, signal.SIGTERM)

    def wait(self) -> Usage:
        """Wait for the end.

        Raises:
            Failed: the exit code is not 0.
        """
        ended, status, cpu, largest = self._line()
        self._spawner.communicate()
        printed = self.printed
        self._log.close()
        code = os.waitstatus_to_exitcode(int(status))
        if code != 0:
            raise Failed(f"{' '.join(self._command)}: exit code {code}\n{printed}")
        memory = float(largest) * KIB_PER_MAXRSS / 1024
        return Usage(float(ended) - self.began, float(cpu), memory)

    def _line(self) -> list[str]:
        assert self._spawner.stdout is not None
        return self._spawner.stdout.readline().split()


def median(usages: Iterable[Usage]) -> Usage:
    """The median of each figure by itself."""
    runs = list(usages)
    return Usage(
        wall=statistics.median(run.wall for run in runs),
        cpu=statistics.median(run.cpu for run in runs),
        memory=statistics.median(run.memory for run in runs),
    )


def repeat(times: int, run: Callable[[], Usage]) -> Usage:
    """Run once to warm the disk's cache, then so many times; return the median."""
    run()
    return median(run() for _ in range(times))
