"""Runs a child process and says what it took."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

KIB_PER_MAXRSS = 1 if sys.platform != "darwin" else 1 / 1024


@dataclass(frozen=True)
class Usage:
    """What a process took: wall clock and processor in seconds, memory in MB (2**20 bytes)."""

    wall: float
    cpu: float
    memory: float


class Failed(Exception):
    """A measured command did not succeed."""


class Child:
    """A process whose use of resources is known after its end."""

    def __init__(
        self, command: list[str], folder: Path, environment: dict[str, str] | None = None
    ) -> None:
        self._command = command
        self._log = folder / f".benchmark-{os.urandom(4).hex()}.log"
        self._begin = time.perf_counter()
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=os.environ | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def printed(self) -> str:
        """The end of what it has printed so far."""
        return self._log.read_text(errors="replace")[-2000:]

    def wait(self) -> Usage:
        """Wait for the end.

        Raises:
            Failed: the exit code is not 0.
        """
        _, status, resources = os.wait4(self.process.pid, 0)
        wall = time.perf_counter() - self._begin
        self.process.returncode = os.waitstatus_to_exitcode(status)
        printed = self._log.read_text(errors="replace")
        self._log.unlink()
        if self.process.returncode != 0:
            code = self.process.returncode
            raise Failed(f"{' '.join(self._command)}: exit code {code}\n{printed[-2000:]}")
        cpu = resources.ru_utime + resources.ru_stime
        return Usage(wall, cpu, resources.ru_maxrss * KIB_PER_MAXRSS / 1024)


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
