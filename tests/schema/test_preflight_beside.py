"""Checking versions in a process beside: the same findings, whatever becomes of that process."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opgen.cel import installed
from opgen.schema import Ahead, Options, crds, source
from opgen.schema.preflight import beside
from opgen.schema.preflight.base import Spot
from opgen.schema.preflight.beside import Beside, Checks
from opgen.schema.preflight.rules import Examiner

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2 or not installed(),
        reason="no process can be had beside",
    ),
    # Other tests may have left threads behind; a project's code has not been imported yet.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

PATH = ("spec", "versions", 0, "schema", "openAPIV3Schema")
SOURCE = '''
from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CEL, CustomResource, Ge, MaxLen, resource


@dataclass(kw_only=True)
class Spec:
    """Spec is wrong in several ways."""

    name: Annotated[str, MaxLen(10), CEL("self.size() > 'a'")]
    size: Annotated[int, CEL("self < 3")] = 7
    names: Annotated[list[str], CEL("self.all(one, self.exists(other, one == other))")]
    ip: Annotated[str, MaxLen(9), CEL("isIP(self)")]


@resource(group="example.com", version="v1", storage=True)
@dataclass(kw_only=True)
class Thing(CustomResource[Spec, None]):
    """Thing is a thing."""


Older = Thing


@dataclass(kw_only=True)
class Newer(Spec):
    """Newer is wrong in one more."""

    more: Annotated[str, CEL("self.nothing")]


@resource(group="example.com", version="v2", storage=False)
@dataclass(kw_only=True)
class Thing(CustomResource[Newer, None]):
    """Thing is a thing."""
'''


@pytest.fixture
def process() -> Iterator[Beside]:
    found = beside.start()
    assert found is not None
    yield found
    found.end()


def spot(rule: str = "self.size() > 'a'", **more: Any) -> Spot:
    rules = [{"rule": rule}]
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, **more}
    schema["properties"]["a"]["x-kubernetes-validations"] = rules
    return Spot(schema, PATH)


def classes(module: Callable[[str], ModuleType]) -> list[type]:
    loaded = module(SOURCE)
    return [loaded.Older, loaded.Thing]


@pytest.mark.parametrize("kube_version", [None, "1.28"])
def test_findings_are_the_same(
    module: Callable[[str], ModuleType], kube_version: str | None
) -> None:
    kinds, options = classes(module), Options(kube_version=kube_version)
    process = beside.start(kube_version)
    assert process is not None
    here, there = crds(kinds, options), crds(kinds, options, ahead=Ahead(options, process))
    assert there == here
    assert len(here.problems) == (6 if kube_version is None else 7)
    assert process.answer(2), "it was checked beside"
    process.end()


def test_a_process_checks_many(process: Beside) -> None:
    roots = [spot(f"self.size() > {number} && self.none") for number in range(5)]
    numbers = [process.ask(root) for root in roots]
    for number, root in reversed(list(zip(numbers, roots, strict=True))):
        assert number is not None
        assert process.answer(number) == Examiner().examine(root)


def test_a_large_version_needs_nobody_who_reads_it_at_once(process: Beside) -> None:
    description = "word " * 1_000_000
    numbers = [process.ask(spot(description=description)) for _ in range(3)]
    assert all(process.answer(number) for number in numbers if number)
    assert numbers == [1, 2, 3]


@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_what_a_killed_process_does_not_answer_is_checked_here(process: Beside, when: str) -> None:
    def kill() -> None:
        os.kill(process._pid, signal.SIGKILL)
        os.waitid(os.P_PID, process._pid, os.WEXITED | os.WNOWAIT)

    checks = Checks(process)
    if when == "before":
        kill()
    checks.begin(spot())
    if when == "between":
        assert process.answer(1)
    if when != "before":
        kill()
    checks.begin(other := Spot(spot("self.none").schema, (*PATH[:2], 1, *PATH[3:])))
    assert checks.examine(spot()) == Examiner().examine(spot()) != []
    assert checks.examine(other) == Examiner().examine(other) != []


def test_a_process_that_is_stopped_by_a_mistake_tells_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(self: Examiner, root: Spot) -> Any:
        raise RuntimeError("nobody thought of this")

    with monkeypatch.context() as patch:
        patch.setattr(Examiner, "examine", broken)
        process = beside.start()
    assert process is not None
    checks = Checks(process)
    checks.begin(spot())
    assert checks.examine(spot()) == Examiner().examine(spot())
    process.end()


def test_what_is_no_plain_json_is_checked_here(process: Beside) -> None:
    odd = spot(default={"a": object()})
    checks = Checks(process)
    checks.begin(odd)
    assert process.ask(odd) is None
    assert [one.message for _, one in checks.examine(odd)] == [
        one.message for _, one in Examiner().examine(odd)
    ]


def test_nothing_is_left_of_a_process(process: Beside) -> None:
    before = set(Path("/proc/self/fd").iterdir())
    another = beside.start()
    assert another is not None
    another.ask(spot())
    another.end()
    assert set(Path("/proc/self/fd").iterdir()) <= before
    with pytest.raises(ChildProcessError):
        os.waitpid(another._pid, os.WNOHANG)


def test_a_process_ends_with_the_one_that_asks() -> None:
    alive, end = os.pipe()
    if (asking := os.fork()) == 0:
        beside.start()
        os._exit(0)
    os.close(end)
    os.waitpid(asking, 0)
    assert os.read(alive, 1) == b"", "both have closed it"
    os.close(alive)


def test_it_answers_nothing_without_the_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("opgen.cel.installed", lambda: False)
        process = beside.start()
    assert process is not None
    checks = Checks(process)
    checks.begin(spot())
    assert checks.examine(spot()) == Examiner().examine(spot())
    process.end()


def test_sources_are_read_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        "good": SOURCE + "\nPATTERN = '\\d'\n",
        "odd-escape": "PATTERN = '\\d'\n",
        "no-python": "class",
        "no-text": "\udcff",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    files = [str(tmp_path / name) for name in (*texts, "missing")]
    process = beside.start(None, files)
    assert process is not None
    assert process.ask(spot()) == 1
    assert process.answer(1) is not None
    found = process.sources
    process.end()
    assert found.keys() == {files[0], files[1], files[3], files[4]}
    assert found[files[0]] == source.read(files[0])
    classes, _ = found[files[0]]
    line, doc, fields = classes["Spec"]
    assert SOURCE.splitlines()[line - 1] == "class Spec:"
    assert (doc, fields["size"]) == ("Spec is wrong in several ways.", (line + 4, "", False))


def test_a_source_that_was_read_is_not_read_again(
    module: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = module(SOURCE)
    assert made.__file__ is not None
    said = {"Thing": (7, "Thing comes from elsewhere.", {})}
    source.remember({made.__file__: (said, {})})
    (document,) = crds([made.Thing], Options(preflight=False)).documents
    schema = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert schema["description"] == "Thing comes from elsewhere."


def test_there_is_none_where_the_system_allows_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = set(Path("/proc/self/fd").iterdir())
    monkeypatch.setattr(os, "fork", refused)
    assert beside.start() is None
    assert set(Path("/proc/self/fd").iterdir()) <= before


def test_nothing_is_checked_beside_without_preflight(
    module: Callable[[str], ModuleType], process: Beside
) -> None:
    options = Options(preflight=False)
    crds(classes(module), options, ahead=Ahead(options, process))
    assert process.ask(spot()) == 1


@pytest.mark.parametrize("order", [[], [0], [1], [0, 1], [1, 0], [0, 0, 1]], ids=str)
@pytest.mark.parametrize("preflight", [True, False])
def test_versions_may_be_derived_ahead_in_any_order(
    module: Callable[[str], ModuleType], process: Beside, order: list[int], preflight: bool
) -> None:
    kinds, options = classes(module), Options(preflight=preflight)
    ahead = Ahead(options, process)
    for position in order:
        ahead.begin(kinds[position])
    assert crds(kinds, options, ahead=ahead) == crds(kinds, options)


def test_a_version_that_was_derived_ahead_is_not_derived_again(
    module: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds, options = classes(module), Options()
    expected = crds(kinds, options)
    ahead = Ahead(options)
    for kind in kinds:
        ahead.begin(kind)
    monkeypatch.setattr("opgen.schema.derive._version", None)
    assert crds(kinds, options, ahead=ahead) == expected


def test_what_comes_later_may_mend_what_was_wrong_ahead(
    module: Callable[[str], ModuleType],
) -> None:
    made = module(SOURCE.replace("size: Annotated[int, ", "size: Annotated[Size, "))
    kinds, options = [made.Older, made.Thing], Options(preflight=False)
    ahead = Ahead(options)
    for kind in kinds:
        ahead.begin(kind)
    vars(made)["Size"] = int
    assert crds(kinds, options, ahead=ahead).problems == ()


def test_wrong_arguments_are_told_once(module: Callable[[str], ModuleType]) -> None:
    made = module(SOURCE.replace('version="v1"', 'version="v1", short_names="t"'))
    kinds, options = [made.Older, made.Thing], Options()
    ahead = Ahead(options)
    for kind in kinds:
        ahead.begin(kind)
    assert len(crds(kinds, options, ahead=ahead).problems) == 1
