"""What the measurements were made on, and how busy it was meanwhile."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def facts() -> list[str]:
    """Processor, memory, system and versions, one line each."""
    return [
        f"{os.cpu_count()} cores ({_processor()}), {_memory()}",
        f"{platform.system()}, Python {platform.python_version()}",
        ", ".join(filter(None, (_package("opgen"), _package("kopf"), _package("copier"), _go()))),
    ]


def load() -> str:
    """The load average of the last minute, of as many as there are cores."""
    return f"{os.getloadavg()[0]:.2f} of {os.cpu_count()}"


@contextmanager
def announce_load() -> Iterator[list[str]]:
    """Say on standard error how busy the machine is at the begin and at the end.

    Hands out a list that holds both in the end.
    """
    loads = [load()]
    print(f"load average at the begin: {loads[0]}", file=sys.stderr)
    yield loads
    loads.append(load())
    print(f"load average at the end: {loads[1]}", file=sys.stderr)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory() -> str:
    size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{size / 2**30:.0f} GB"


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return ""


def _go() -> str:
    if shutil.which("go") is None:
        return ""
    done = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True)
    return f"Go {done.stdout.strip().removeprefix('go')}"
