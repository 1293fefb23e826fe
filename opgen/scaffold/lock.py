"""One run at a time in each project.

The lock belongs to the process: it is gone when the process is, however it ended, so no stale lock
can ever be left behind.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from opgen.api.errors import Problems


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of a project's folder.

    Raises:
        Problems: another run holds it.
    """
    handle = _open(root)
    try:
        try:
            _acquire(handle)
        except OSError as error:
            raise Problems.of(
                f"another opgen command is changing {root}",
                hint="wait until it has ended, and run the command again",
            ) from error
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import hashlib
    import msvcrt
    import tempfile

    def _open(root: Path) -> int:
        """Open a lock file outside the project, as folders cannot be locked."""
        name = hashlib.sha256(str(root).casefold().encode()).hexdigest()[:16]
        return os.open(Path(tempfile.gettempdir()) / f"opgen-{name}.lock", os.O_RDWR | os.O_CREAT)

    def _acquire(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _open(root: Path) -> int:
        """Open the folder itself: nothing is left behind."""
        return os.open(root, os.O_RDONLY | os.O_CLOEXEC)

    def _acquire(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
