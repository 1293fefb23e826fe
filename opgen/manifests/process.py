"""A child process and what it writes.

`subprocess` could do the same, but importing it takes as long as starting Python, and the child is
what the tool waits for. So `start_ahead` lets a caller start one as its first act; whoever wants a
child for the same command later gets that one.
"""

from __future__ import annotations

import os
import sys
import time


class Output:
    """What a child process wrote, and its exit code, or None if it was ended for its slowness."""

    def __init__(self, out: bytes, printed: bytes, code: int | None) -> None:
        self.out, self.printed, self.code = out, printed, code


if sys.platform == "win32":
    import subprocess

    class Child:
        """A running child process with nothing to read on its standard input."""

        def __init__(self, command: tuple[str, ...]) -> None:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )

        def output(self, timeout: float) -> Output:
            """Wait for the end, at most `timeout` seconds."""
            try:
                out, printed = self._process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                self._process.kill()
                out, printed = self._process.communicate()
                return Output(out, printed, None)
            return Output(out, printed, self._process.returncode)

        def end(self) -> None:
            """End the process; what it wrote is of no interest."""
            self._process.kill()
            self._process.communicate()

else:
    import select

    class Child:
        """A running child process with nothing to read on its standard input."""

        def __init__(self, command: tuple[str, ...]) -> None:
            out, out_end = os.pipe()
            printed, printed_end = os.pipe()
            try:
                self._pid = os.posix_spawn(
                    command[0],
                    command,
                    os.environ,
                    file_actions=[
                        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                        (os.POSIX_SPAWN_DUP2, out_end, 1),
                        (os.POSIX_SPAWN_DUP2, printed_end, 2),
                    ],
                )
            except OSError:
                os.close(out)
                os.close(printed)
                raise
            finally:
                os.close(out_end)
                os.close(printed_end)
            self._out, self._printed = out, printed

        def output(self, timeout: float) -> Output:
            """Wait for the end, at most `timeout` seconds."""
            chunks: dict[int, list[bytes]] = {self._out: [], self._printed: []}
            in_time = _read(chunks, time.monotonic() + timeout)
            code = self._close(kill=not in_time)
            out, printed = (b"".join(chunks[end]) for end in (self._out, self._printed))
            return Output(out, printed, code if in_time else None)

        def end(self) -> None:
            """End the process; what it wrote is of no interest."""
            self._close(kill=True)

        def _close(self, *, kill: bool) -> int:
            if kill:
                os.kill(self._pid, 9)
            os.close(self._out)
            os.close(self._printed)
            return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(chunks: dict[int, list[bytes]], deadline: float) -> bool:
        """Read pipes until their ends are closed; whether that happened in time."""
        poll = select.poll()
        for end in chunks:
            poll.register(end, select.POLLIN)
        unfinished = set(chunks)
        while unfinished:
            ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                return False
            for end, _ in ready:
                chunk = os.read(end, 1 << 16)
                chunks[end].append(chunk)
                if not chunk:
                    poll.unregister(end)
                    unfinished.discard(end)
        return True


_ahead: dict[tuple[str, ...], Child] = {}


def start_ahead(command: tuple[str, ...]) -> None:
    """Start the child process of a command that `start` will probably be called with."""
    try:
        _ahead[command] = Child(command)
    except OSError:
        return  # `start` will fail for the same reason, and its caller tells why


def start(command: tuple[str, ...]) -> Child:
    """The child process of a command: the one started ahead, or else a new one."""
    return _ahead.pop(command, None) or Child(command)


def end_ahead() -> None:
    """End the processes that were started ahead and that nobody wanted."""
    while _ahead:
        _ahead.popitem()[1].end()
