"""What tests of every room share: the real control plane, and which opgen is under test."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import HealthCheck, settings

import opgen

# The control plane is a package of its own, beside the Go module that it is built from. Last in
# line, so that its build.py does not hide the PyPI package `build`.
sys.path.append(str(Path(__file__).parent / "controlplane"))

if TYPE_CHECKING:
    from controlplane.plane import ControlPlane

# Cores are shared with other work: how long an example takes says nothing about the code.
# A change is judged by the same examples as the state before it; new ones are looked for by soak.
UNHURRIED = settings(deadline=None, suppress_health_check=(HealthCheck.too_slow,))
settings.register_profile("default", UNHURRIED, derandomize=True, database=None)
settings.register_profile("soak", UNHURRIED, derandomize=False, max_examples=5_000)
settings.load_profile("default")

# A suite that a script starts in the background ignores SIGINT, and what it starts would as well.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Output is buffered for those who install opgen, whatever is set where the suite runs.
os.environ.pop("PYTHONUNBUFFERED", None)

REQUIRED = os.environ.get("OPGEN_REQUIRE_CONTROLPLANE") == "1"


def pytest_report_header() -> str:
    """Say which opgen the tests import."""
    return f"opgen: {Path(opgen.__file__).parent}"


@pytest.fixture(scope="session")
def control_plane_binaries() -> Path:
    """The folder with kube-apiserver, kube-controller-manager, etcd and kubectl.

    Skips where there are none, unless OPGEN_REQUIRE_CONTROLPLANE=1 makes that a failure.
    """
    from controlplane.binaries import MissingBinaries, find

    try:
        return find()
    except MissingBinaries as missing:
        _skip(missing)


@pytest.fixture(scope="session")
def helm() -> Path:
    """The program helm; skips as `control_plane_binaries` does where it was not built."""
    from controlplane.binaries import MissingBinaries, find_helm

    try:
        return find_helm()
    except MissingBinaries as missing:
        _skip(missing)


def _skip(missing: Exception) -> NoReturn:
    if REQUIRED:
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing))


@pytest.fixture(scope="session")
def control_plane(control_plane_binaries: Path) -> Iterator[ControlPlane]:
    """A running control plane that all tests of the session share; use a namespace of your own."""
    from controlplane.plane import ControlPlane

    with ControlPlane(control_plane_binaries) as plane:
        yield plane


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once that tests were skipped for want of a control plane, and how to get it."""
    from controlplane.binaries import MissingBinaries, find

    try:
        find()
    except MissingBinaries as missing:
        skipped = terminalreporter.stats.get("skipped", [])
        count = sum(str(missing) in str(report.longrepr) for report in skipped)
        if count:
            line = f"control plane: {count} tests skipped: {missing}"
            terminalreporter.write_line(line, yellow=True)


@cache
def _text(file: str) -> str:
    return (Path(__file__).parent / file).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def known_tests() -> Callable[[str], dict[str, str]]:
    """Gives the tests of a file below this folder, with their parameters as they are written."""

    def find(file: str) -> dict[str, str]:
        return dict(re.findall(r"^def (test_\w+)\(([^)]*)\)", _text(file), re.MULTILINE))

    return find


@pytest.fixture(scope="session")
def is_test(known_tests: Callable[[str], dict[str, str]]) -> Callable[[str], bool]:
    """Tells whether there is a test such as `cli/test_init.py::test_name[case]`; `*` is any."""

    def ask(test: str) -> bool:
        file, _, rest = test.partition("::")
        name, _, case = rest.removesuffix("]").partition("[")
        known = known_tests(file)
        return (name in known or (name == "*" and bool(known))) and case in _text(file)

    return ask
