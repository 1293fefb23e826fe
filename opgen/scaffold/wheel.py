"""Making a wheel of the running opgen out of what is installed.

Nothing is built or downloaded: the files of the installed distribution, or of its source tree if
it is an editable install, are packed again. The same files give the same bytes, so that doing it
twice changes nothing in a project.
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path

import opgen

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can tell; wheels do not carry times of their own."""
WHEEL = b"""\
Wheel-Version: 1.0
Generator: opgen
Root-Is-Purelib: true
Tag: py3-none-any
"""
METADATA = b"""\
Metadata-Version: 2.4
Name: opgen
Version: %s
Requires-Python: >=3.11
"""
KEPT_METADATA = ("METADATA", "entry_points.txt")


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel file."""

    name: str
    content: bytes


def repack(installed: Distribution | None, source: Path | None) -> Wheel:
    """The wheel of the running opgen.

    Args:
        installed: The installed distribution; None if opgen runs from a folder without one.
        source: The source tree, for an editable install or none.
    """
    version = installed.version if installed else opgen.__version__
    info = f"opgen-{version}.dist-info"
    files = _source_files(source) if source else {}
    if installed:
        files |= _installed_files(installed, info, with_code=source is None)
    files.setdefault(f"{info}/METADATA", METADATA % version.encode())
    files[f"{info}/WHEEL"] = WHEEL
    return Wheel(f"opgen-{version}-py3-none-any.whl", _zip(files, f"{info}/RECORD"))


def _source_files(source: Path) -> dict[str, bytes]:
    folders = {"opgen": source / "opgen", "opgen/_templates": source / "templates"}
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for name, folder in folders.items()
        for path in folder.rglob("*")
        if path.is_file() and not _is_cache(path)
    }


def _installed_files(installed: Distribution, info: str, *, with_code: bool) -> dict[str, bytes]:
    files = {}
    for entry in installed.files or ():
        name = entry.as_posix()
        path = Path(str(installed.locate_file(entry)))
        folder, _, rest = name.partition("/")
        is_code = folder == "opgen" and with_code and not _is_cache(path)
        is_metadata = folder == info and (rest in KEPT_METADATA or rest.startswith("licenses/"))
        if is_code or is_metadata:
            files[name] = path.read_bytes()
    return files


def _is_cache(path: Path) -> bool:
    return "__pycache__" in path.parts or path.suffix == ".pyc"


def _zip(files: Mapping[str, bytes], record: str) -> bytes:
    lines = [f"{name},sha256={_digest(files[name])},{len(files[name])}" for name in sorted(files)]
    text = "\n".join([*lines, f"{record},,", ""]).encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in [*sorted(files.items()), (record, text)]:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
