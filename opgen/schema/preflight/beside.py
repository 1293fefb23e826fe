"""Versions of CRDs checked in a process beside this one, while this one derives the next.

Most of preflight is CEL: its library takes as long to load as a project's code, and neither needs
the other. So a process is forked before the project's code is imported, reads in its sources what
Python forgets (`opgen.schema.source`), loads what CEL needs, and checks the versions that it is
handed. Both processes are the same program, so a version goes over
as Python's own marshalled data; through files in memory, so that nobody waits for a reader.

That changes when things are done and nothing else. What the other process does not answer, because
it cannot be had here or has come to an end, is checked where the answer is wanted.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from opgen.schema.preflight.base import Finding, Path, Spot
from opgen.schema.preflight.rules import VERSION_RULES, Examiner, Found
from opgen.schema.source import Said, read

_LENGTH = 8
_LONGEST = 300
"""Seconds after which the process ends in any case, should nobody be there to end it."""


class Beside:
    """A process that checks versions of CRDs in the order in which they are given to it."""

    def __init__(self, kube_version: str | None, files: Sequence[str] = ()) -> None:
        """Start it.

        Args:
            kube_version: The oldest version of Kubernetes that the CRDs are for; any if None.
            files: Source files that it reads.

        Raises:
            OSError: the system does not allow it.
        """
        self._asked = 0
        self._answers: list[Found | None] = []
        self._requests, self._replies = _Channel(), _Channel()
        try:
            self._pid = os.fork()
        except OSError:
            self._requests.close()
            self._replies.close()
            raise
        if self._pid == 0:
            try:
                _serve(Examiner(kube_version), files, self._requests, self._replies)
            finally:
                os._exit(0)
        self._requests.write_only()
        self._replies.read_only()

    @cached_property
    def sources(self) -> Mapping[str, Said]:
        """What the files say, by their paths; nothing if that will never be known."""
        reply = self._replies.read()
        found: Mapping[str, Said] = _loaded(reply) if reply is not None else {}
        return found

    def ask(self, root: Spot) -> int | None:
        """Have a version checked; returns the number by which the answer is found.

        None is returned if the process has ended, or if it is no plain JSON that is to be checked.
        """
        request: Any = (root.schema, root.path, root.has_status)
        try:
            self._requests.write(marshal.dumps(request))
        except (OSError, ValueError):
            return None
        self._asked += 1
        return self._asked

    def answer(self, number: int) -> Found | None:
        """What rules object to about a version; None if that will never be known."""
        _ = self.sources  # which come first
        while len(self._answers) < number:
            reply = self._replies.read()
            if reply is None:
                return None
            self._answers.append(_decoded(reply))
        return self._answers[number - 1]

    def end(self) -> None:
        """End the process."""
        self._requests.close()
        self._replies.close()
        with contextlib.suppress(OSError):  # the project's code has waited for it
            os.kill(self._pid, 9)
            os.waitpid(self._pid, 0)


def start(kube_version: str | None = None, files: Sequence[str] = ()) -> Beside | None:
    """A process for versions with CEL rules; None where there is none to be had, or no use in it.

    Call it before there are threads; arguments as of `Beside`.
    """
    if sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2:
        return None
    with contextlib.suppress(OSError):  # too many processes or files
        return Beside(kube_version, files)
    return None


class Checks:
    """The checks of the versions of one CRD, some of which are made beside."""

    def __init__(self, beside: Beside | None, kube_version: str | None = None) -> None:
        self._beside = beside
        self._numbers: dict[Path, int] = {}
        self._examiner = Examiner(kube_version)

    def begin(self, root: Spot) -> None:
        """Have a version checked beside, if that is possible."""
        number = self._beside.ask(root) if self._beside is not None else None
        if number is not None:
            self._numbers[root.path] = number

    def examine(self, root: Spot) -> Found:
        """What rules object to about a version."""
        found = None
        if self._beside is not None and root.path in self._numbers:
            found = self._beside.answer(self._numbers[root.path])
        return self._examiner.examine(root) if found is None else found


class _Channel:
    """Messages from one process to another: kept in a file in memory, told of in a pipe."""

    def __init__(self) -> None:
        self._file = os.memfd_create("opgen")
        self._told, self._tell = os.pipe()
        self._position = 0

    def write_only(self) -> None:
        """Leave reading to the other process."""
        os.close(self._told)
        self._told = -1

    def read_only(self) -> None:
        """Leave writing to the other process, whose end is seen here only then."""
        os.close(self._tell)
        self._tell = -1

    def close(self) -> None:
        """Close what is open."""
        for file in (self._file, self._told, self._tell):
            with contextlib.suppress(OSError):
                os.close(file)

    def write(self, message: bytes) -> None:
        """Send a message.

        Raises:
            OSError: there is no other process any more.
        """
        done = 0
        while done < len(message):
            done += os.pwrite(self._file, message[done:], self._position + done)
        os.write(self._tell, done.to_bytes(_LENGTH, sys.byteorder))
        self._position += done

    def read(self) -> bytes | None:
        """Wait for the next message; None if the other process has ended."""
        length = int.from_bytes(os.read(self._told, _LENGTH), sys.byteorder)
        message = b""
        while len(message) < length:
            message += os.pread(self._file, length - len(message), self._position + len(message))
        self._position += length
        return message or None


def _serve(examiner: Examiner, files: Sequence[str], requests: _Channel, replies: _Channel) -> None:
    """Read sources, then check versions until nobody asks any more."""
    import signal

    signal.alarm(_LONGEST)
    requests.read_only()
    replies.write_only()
    replies.write(marshal.dumps(dict(_read(files))))
    from opgen.cel import Scope, installed
    from opgen.cel.library import evaluating

    if not installed():
        return
    scope = Scope.of({"type": "boolean"})
    assert scope is not None
    scope.check("self")
    evaluating()
    while (request := requests.read()) is not None:
        schema, path, has_status = _loaded(request)
        replies.write(_encoded(examiner.examine(Spot(schema, path, None, has_status))))


def _read(files: Sequence[str]) -> Iterator[tuple[str, Said]]:
    for file in files:
        # What is no Python is told of when it is imported.
        with contextlib.suppress(SyntaxError, ValueError, RecursionError):
            yield file, read(file)


def _encoded(found: Found) -> bytes:
    positions = {id(rule): position for position, rule in enumerate(VERSION_RULES)}
    return marshal.dumps(
        [(positions[id(rule)], one.path, one.message, one.hint) for rule, one in found]
    )


def _decoded(reply: bytes) -> Found:
    return [(VERSION_RULES[position], Finding(*said)) for position, *said in _loaded(reply)]


def _loaded(message: bytes) -> Any:
    return marshal.loads(message)  # noqa: S302 - written by this very program
