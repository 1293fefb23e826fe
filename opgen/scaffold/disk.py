"""The few operations on files that carrying out a plan needs.

They are gathered in one class so that the tests can stop a plan at each of them, and see that the
project is as it was before or as it shall be.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


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
        """Wait until the contents of files are on the disk, and would outlive a power cut."""
        for path in paths:
            handle = os.open(path, os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    def copy(self, source: Path, target: Path) -> None:
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
