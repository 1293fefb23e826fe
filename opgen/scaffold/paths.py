"""Reading a project's files safely.

Whatever names a file, a template, PROJECT or a generator, goes through `Tree`, which never leaves
the project's folder: no absolute paths, no `..`, no symbolic links, nothing that would be another
file on a disk that does not tell `a` from `A`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from opgen.api.errors import Location, Problem, Problems

FORBIDDEN = frozenset('<>:"|?*\\') | frozenset(map(chr, range(32)))
"""Characters that some file system does not allow in names."""


@dataclass(frozen=True, slots=True)
class File:
    """The content of a file, and whether it may be run."""

    content: bytes
    executable: bool = False


class Tree:
    """The files below a folder, which need not exist yet, as they were when first read."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._files: dict[str, File | None] = {}
        self._folders: dict[str, bool] = {"": True}
        self._names: dict[str, _Names] = {}

    def read(self, path: str) -> File | None:
        """The file at a relative path with `/`, or None if there is none.

        Raises:
            Problems: the path leaves the folder, or something else than a file is in its place.
        """
        if path not in self._files:
            *above, name = checked_parts(path)
            folder = "/".join(above)
            self._files[path] = self._read(folder, name) if self._is_folder(folder) else None
        return self._files[path]

    def _read(self, folder: str, name: str) -> File | None:
        path = f"{folder}/{name}" if folder else name
        mode = self._mode(folder, name)
        if mode is None:
            return None
        _refuse_odd(path, mode, last=True)
        try:
            with open(self._on_disk(path), "rb") as file:  # noqa: PTH123 - by far the fastest
                return File(file.read(), bool(mode & stat.S_IXUSR))
        except OSError as error:
            raise unreadable(path, error) from error

    def _is_folder(self, path: str) -> bool:
        """Whether a folder, and all above it, is there."""
        if path not in self._folders:
            above, _, name = path.rpartition("/")
            mode = self._mode(above, name) if self._is_folder(above) else None
            if mode is not None:
                _refuse_odd(path, mode, last=False)
            self._folders[path] = mode is not None
        return self._folders[path]

    def _mode(self, folder: str, name: str) -> int | None:
        """The type and rights of what has a name in a folder; None if nothing has."""
        self._refuse_case_clash(folder, name)
        path = f"{folder}/{name}" if folder else name
        try:
            return os.lstat(self._on_disk(path)).st_mode
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(path, error) from error

    def _on_disk(self, path: str) -> str:
        return os.path.join(self.root, path)  # noqa: PTH118 - by far the fastest

    def _refuse_case_clash(self, folder: str, name: str) -> None:
        names = self._names_in(folder)
        found = None if name in names.exact else names.folded.get(name.casefold())
        if found:
            raise Problems.of(
                f"{found} exists, and {name} would be the same file on some disks",
                location=Location(f"{folder}/{found}" if folder else found),
                hint=f"rename {found} to {name}, or move it away",
            )

    def _names_in(self, folder: str) -> _Names:
        if folder not in self._names:
            try:
                self._names[folder] = _Names.of(os.listdir(self._on_disk(folder)))  # noqa: PTH208
            except (FileNotFoundError, NotADirectoryError):
                self._names[folder] = _Names.of(())
            except OSError as error:
                raise unreadable(folder or ".", error) from error
        return self._names[folder]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names in a folder, and those by the name that they would share on some disks."""

    exact: frozenset[str]
    folded: dict[str, str]

    @classmethod
    def of(cls, names: Iterable[str]) -> _Names:
        exact = frozenset(names)
        return cls(exact, {name.casefold(): name for name in sorted(exact, reverse=True)})


def require_folder(root: Path) -> None:
    """Make sure that a folder is there or can be made.

    Raises:
        Problems: something else is in its place, or in that of one above it.
    """
    for place in (root, *root.parents):
        if place.is_dir():
            return
        if place.exists() or place.is_symlink():
            raise Problems.of(
                f"{place} is no folder, and the project must go there",
                hint="pass another folder, or move it away",
            )


def checked_parts(path: str) -> tuple[str, ...]:
    """The parts of a relative path.

    Raises:
        Problems: the path is empty, absolute, leaves its folder, or cannot exist on some systems.
    """
    parts = PurePosixPath(checked_text(path)).parts
    if (
        not parts
        or path.startswith("/")
        or any(part == ".." or FORBIDDEN & set(part) or part[-1] in ". " for part in parts)
    ):
        raise _no_path(path)
    return parts


def checked_text(path: str) -> str:
    """A path that is text everywhere; Python has surrogates for the bytes that are none.

    Raises:
        Problems: it has bytes that are no text.
    """
    if any("\ud800" <= character <= "\udfff" for character in path):
        raise Problems.of(
            f"the name {path!r} holds bytes that are no text", hint="rename it, or move it away"
        )
    return path


def _no_path(path: str) -> Problems:
    return Problems.of(
        f"{path!r} is no path of a file below the project's folder",
        hint="use a relative path with / and without ..",
    )


def _refuse_odd(path: str, mode: int, *, last: bool) -> None:
    if stat.S_ISLNK(mode):
        raise Problems.of(
            f"{path} is a symbolic link, and opgen writes only real files and folders",
            location=Location(path),
            hint="replace the link by what it points to, or move it away",
        )
    if last and not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise Problems.of(
            f"{path} is {what}, and a file must go there",
            location=Location(path),
            hint=f"move {path} away",
        )
    if not last and not stat.S_ISDIR(mode):
        raise Problems.of(
            f"{path} is a file, and a folder must go there",
            location=Location(path),
            hint=f"move {path} away",
        )


def unreadable(path: str, error: OSError) -> Problems:
    """The problem that the system refused to let a file be read."""
    return Problems(
        [
            Problem(
                f"{path} cannot be read: {error.strerror or error}",
                location=Location(path),
                hint="check its permissions",
            )
        ]
    )
