"""What the tests of the scaffold share: looking at a folder's content, and stopping disks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.scaffold.disk import Disk


class Killed(BaseException):
    """The process is gone: nothing it would do afterwards happens."""


class StoppingDisk(Disk):
    """A disk on which the operation with a number fails, before or after its effect.

    With `dead`, everything after it fails as well, as if the process had been killed.
    """

    def __init__(self, stop_at: int, *, dead: bool, after: bool) -> None:
        self.count, self.stop_at, self.dead, self.after = 0, stop_at, dead, after

    def __getattribute__(self, name: str) -> object:
        value = object.__getattribute__(self, name)
        if name.startswith("_") or not callable(value):
            return value

        def operation(*args: object) -> None:
            self.count += 1
            hit = self.count == self.stop_at
            gone = self.dead and self.count > self.stop_at
            if (hit and not self.after) or gone:
                raise Killed if self.dead else OSError(28, "No space left on device", str(args[0]))
            value(*args)
            if hit:
                raise Killed if self.dead else OSError(28, "No space left on device", str(args[0]))

        return operation


@pytest.fixture
def stopping_disk() -> Callable[..., StoppingDisk]:
    return StoppingDisk


@pytest.fixture
def killed() -> type[BaseException]:
    return Killed


@pytest.fixture
def content() -> Callable[[Path], dict[str, bytes | None]]:
    """The files and folders below a folder, by path."""

    def read(root: Path) -> dict[str, bytes | None]:
        return {
            path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
            for path in sorted(root.rglob("*"))
        }

    return read
