"""Old generations of the templates, which travel in the package.

A generation is the state of the template folders at one release. Its name is a digest of its files,
so two states never share one. `history.zip` beside the templates holds an index of the generations
and each different file once:

    index.json          [{"generation": "1c6f…", "opgen": "0.1.0", "files": {"api/…": "…"}}]
    files/<SHA-256>     the content of a file

It is written by `tools/record_templates.py` before a release. With the answers in PROJECT an old
generation gives back, offline, just what opgen wrote then; the digests in PROJECT prove it. The
version in PROJECT only says which generation is tried first.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

ARCHIVE = "history.zip"
_INDEX = "index.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The one time stamp in the archive, so that equal histories are equal files."""


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of the templates.

    Attributes:
        name: The digest of its files.
        opgen: The version of opgen that brought it.
        files: The SHA-256 of each file by its path below the templates' folder.
    """

    name: str
    opgen: str
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class History:
    """Generations, oldest first, and the content of their files by SHA-256."""

    generations: tuple[Generation, ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def load(cls, root: Path) -> History:
        """The history beside the templates in a folder; an empty one if there is none."""
        archive = root / ARCHIVE
        if not archive.is_file():
            return cls()
        with zipfile.ZipFile(archive) as zipped:
            index = json.loads(zipped.read(_INDEX))
            contents = {
                name.removeprefix("files/"): zipped.read(name)
                for name in zipped.namelist()
                if name.startswith("files/")
            }
        generations = tuple(
            Generation(entry["generation"], entry["opgen"], entry["files"]) for entry in index
        )
        return cls(generations, contents)

    def save(self, root: Path) -> None:
        """Write the history beside the templates in a folder."""
        index = [
            {"generation": one.name, "opgen": one.opgen, "files": dict(sorted(one.files.items()))}
            for one in self.generations
        ]
        with zipfile.ZipFile(root / ARCHIVE, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
            _store(zipped, _INDEX, json.dumps(index, indent=1).encode())
            for name, content in sorted(self.contents.items()):
                _store(zipped, f"files/{name}", content)

    def with_templates(self, root: Path, version: str) -> History:
        """The history with the templates in a folder as its newest generation."""
        files = _files(root)
        name = _name(files)
        if any(one.name == name for one in self.generations):
            return self
        digests = {path: _sha256(content) for path, content in files.items()}
        added = {_sha256(content): content for content in files.values()}
        generation = Generation(name, version, digests)
        return History((*self.generations, generation), {**self.contents, **added})

    def candidates(self, version: str) -> tuple[Generation, ...]:
        """All generations: those of a version of opgen first, then the newest first."""
        found = list(reversed(self.generations))
        found.sort(key=lambda one: one.opgen != version)
        return tuple(found)

    @contextmanager
    def checked_out(self, generation: Generation) -> Iterator[Path]:
        """A folder with the templates of a generation, for as long as the context lasts."""
        with TemporaryDirectory(prefix="opgen-templates-") as name:
            folder = Path(name)
            for path, digest in generation.files.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self.contents[digest])
            yield folder


def generation_of(root: Path) -> str:
    """The name of the generation that the templates in a folder are."""
    return _name(_files(root))


def _files(root: Path) -> dict[str, bytes]:
    """The template files below a folder, in the order of their paths."""
    return {
        path: (root / path).read_bytes()
        for path in sorted(
            file.relative_to(root).as_posix()
            for file in root.rglob("*")
            if file.is_file() and file.parent != root and "__pycache__" not in file.parts
        )
    }


def _name(files: Mapping[str, bytes]) -> str:
    import hashlib  # which loads OpenSSL

    whole = hashlib.sha256()
    for path, content in files.items():
        whole.update(f"{path}\0{_sha256(content)}\n".encode())
    return whole.hexdigest()[:12]


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


def _store(zipped: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    zipped.writestr(entry, content)
