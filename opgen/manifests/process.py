"""A child process and what it writes.

`subprocess` could do the same, but importing it takes as long as starting Python, and the child is
what the tool waits for. So `start_ahead` lets a caller start one as its first act; whoever wants a
child for the same command later gets that one. A caller so young that it has loaded nothing yet is
forked, if the child is to be the same interpreter: that saves another start of Python, and what
both need is loaded once.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False  # what `typing` calls so is not loaded yet
if TYPE_CHECKING:
    from collections.abc import Callable

    Told = Callable[[bytes], None]
    _Pipes = tuple[tuple[int, int], tuple[int, int]]


class End:
    """What a child process printed on its standard error, and its exit code.

    The code is None if the process was ended for its slowness.
    """

    def __init__(self, printed: bytes, code: int | None) -> None:
        self.printed, self.code = printed, code


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

        def wait(self, timeout: float, told: Told) -> End:
            """Wait for the end, at most `timeout` seconds; `told` gets each line of output."""
            in_time = True
            try:
                out, printed = self._process.communicate(timeout=timeout)
            except subprocess.TimeoutExpired:
                in_time = False
                self._process.kill()
                out, printed = self._process.communicate()
            for line in out.split(b"\n")[:-1]:
                told(line)
            return End(printed, self._process.returncode if in_time else None)

        def end(self) -> None:
            """End the process; what it wrote is of no interest."""
            self._process.kill()
            self._process.communicate()

else:
    import select

    class Child:
        """A running child process with nothing to read on its standard input."""

        def __init__(self, command: tuple[str, ...]) -> None:
            pipes = os.pipe(), os.pipe()
            (self._out, out_end), (self._printed, printed_end) = pipes
            begin = _forked if _is_young(command[0]) else _spawned
            try:
                self._pid = begin(command, pipes)
            except OSError:
                os.close(self._out)
                os.close(self._printed)
                raise
            finally:
                os.close(out_end)
                os.close(printed_end)

        def wait(self, timeout: float, told: Told) -> End:
            """Wait for the end, at most `timeout` seconds; `told` gets each line of output."""
            printed: list[bytes] = []
            readers = {self._out: _Lines(told).add, self._printed: printed.append}
            in_time = _read(readers, time.monotonic() + timeout)
            code = self._close(kill=not in_time)
            return End(b"".join(printed), code if in_time else None)

        def end(self) -> None:
            """End the process; what it wrote is of no interest."""
            self._close(kill=True)

        def _close(self, *, kill: bool) -> int:
            if kill:
                os.kill(self._pid, 9)
            os.close(self._out)
            os.close(self._printed)
            return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _spawned(command: tuple[str, ...], pipes: _Pipes) -> int:
        """Start a command that writes into pipes; returns the id of its process."""
        (_, out), (_, printed) = pipes
        return os.posix_spawn(
            command[0],
            command,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out, 1),
                (os.POSIX_SPAWN_DUP2, printed, 2),
            ],
        )

    def _is_young(interpreter: str) -> bool:
        """Whether a fork of this process is as good as a new one of an interpreter.

        Without `threading` there are no threads, and hardly anything else either.
        """
        is_same = interpreter == sys.executable
        return is_same and sys.platform == "linux" and "threading" not in sys.modules

    def _forked(command: tuple[str, ...], pipes: _Pipes) -> int:
        """Do the same for `python -P -m module argument…` in a fork of this process.

        What the module imports is needed by this process as well, so that is done before.
        """
        _, _, _, name, *arguments = command
        __import__(name)
        module = sys.modules[name]
        pid = os.fork()
        if pid == 0:
            try:
                _redirect(pipes)
                if not sys.flags.safe_path:
                    del sys.path[0]  # the folder of the tool's script
                sys.argv[:] = [module.__file__ or "", *arguments]
                module.main()
            except BaseException as error:
                sys.excepthook(type(error), error, error.__traceback__)
            finally:
                os._exit(1)  # a module that succeeds has ended the process itself
        return pid

    def _redirect(pipes: _Pipes) -> None:
        """Make pipes the standard output and error of this process, and its input empty."""
        (out, out_end), (printed, printed_end) = pipes
        os.close(out)
        os.close(printed)
        for number, file in enumerate((os.open(os.devnull, os.O_RDONLY), out_end, printed_end)):
            if file != number:
                os.dup2(file, number)
                os.close(file)

    class _Lines:
        """Output as lines, each told when it is complete."""

        def __init__(self, told: Told) -> None:
            self._told = told
            self._begun: list[bytes] = []

        def add(self, chunk: bytes) -> None:
            """Go on with a further piece of the output."""
            self._begun.append(chunk)
            if b"\n" in chunk:
                *lines, rest = b"".join(self._begun).split(b"\n")
                self._begun = [rest]
                for line in lines:
                    self._told(line)

    def _read(readers: dict[int, Told], deadline: float) -> bool:
        """Read pipes until their ends are closed; whether that happened in time."""
        poll = select.poll()
        for end in readers:
            poll.register(end, select.POLLIN)
        unfinished = set(readers)
        while unfinished:
            ready = poll.poll(max(0.0, deadline - time.monotonic()) * 1000)
            if not ready:
                return False
            for end, _ in ready:
                chunk = os.read(end, 1 << 16)
                if chunk:
                    readers[end](chunk)
                else:
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
