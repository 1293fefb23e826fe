"""The few operations on files that carrying out a plan needs.

They are gathered in one class so that the tests can stop a plan at each of them, and see that the
project is as it was before or as it shall be.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

_AT_ONCE = 8
_TO_SYNC = os.O_RDWR if sys.platform == "win32" else os.O_RDONLY
"""Windows wants the right to write; elsewhere a file may be read-only."""


class Disk:
    """The real disk."""

    def make_folder(self, path: Path) -> None:
        """Make one folder whose parent exists."""
        path.mkdir()

    def write(self, path: Path, content: bytes, mode: int | None = None) -> None:
        """Write a file; `mode` is set if given, else the user's mask decides."""
        path.write_bytes(content)
        if mode is not None:
            path.chmod(mode)

    def sync(self, paths: Iterable[Path]) -> None:
        """Wait until the contents of files are on the disk, and would outlive a power cut.

        File systems write much in one go that they are asked for at once: it takes a fifth of the
        time that one file after the other does.
        """
        waiting, errors = list(paths), list[OSError]()
        shares = (waiting[at::_AT_ONCE] for at in range(_AT_ONCE))
        threads = [Thread(target=_sync, args=(share, errors)) for share in shares if share]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def keep(self, source: str | Path, target: str | Path) -> None:
        """Give a file a second name, under which it stays when the first goes to another file.

        Where the file system cannot, the file is copied.
        """
        try:
            os.link(source, target)
        except OSError:
            self.copy(source, target)

    def copy(self, source: str | Path, target: str | Path) -> None:
        """Copy a file with its mode and times."""
        shutil.copy2(source, target)

    def replace(self, source: Path, target: Path) -> None:
        """Move a file over another in one step."""
        source.replace(target)

    def unlink(self, path: Path) -> None:
        """Delete a file; it may be gone already."""
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """Delete an empty folder."""
        path.rmdir()

    def remove_tree(self, path: Path) -> None:
        """Delete a folder with all that is in it."""
        shutil.rmtree(path)


def _sync(paths: Iterable[Path], errors: list[OSError]) -> None:
    for path in paths:
        try:
            handle = os.open(path, _TO_SYNC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            errors.append(error)
