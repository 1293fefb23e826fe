"""Building programs by name from the Go module proxy, once, into the user's cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class BuildError(Exception):
    """A program could not be built."""


class MissingBinaries(Exception):
    """Programs are not there; the message says how to get them."""


@dataclass(frozen=True)
class Module:
    """A Go module whose go.mod pins what programs are built from.

    Attributes:
        folder: Where go.mod is.
        requirement: The required module whose version is that of the programs.
        cache: The name of their folder in the user's cache, which has a folder for each version.
        programs: The Go package of each program.
        stamps: Variables of packages that carry the version, or a part of it; see `link_flags`.
    """

    folder: Path
    requirement: str
    cache: str
    programs: Mapping[str, str]
    stamps: Mapping[str, str]

    def version(self) -> str:
        """The version as go.mod names it, such as v1.36.3."""
        text = (self.folder / "go.mod").read_text()
        found = re.search(rf"^(?:require)?\s*{re.escape(self.requirement)} (v\S+)", text, re.M)
        if found is None:
            raise BuildError(f"{self.folder / 'go.mod'} does not require {self.requirement}")
        return found[1]

    def cache_folder(self) -> Path:
        """The folder that the programs are built into."""
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        return cache / "opgen" / self.cache / self.version()

    def missing(self, folder: Path) -> list[str]:
        """The programs that a folder lacks."""
        return [name for name in self.programs if not (folder / name).is_file()]

    def build(self) -> Path:
        """Build the programs unless they are there, and return their folder.

        Raises:
            BuildError: Go is missing or did not succeed.
        """
        folder = self.cache_folder()
        if folder.is_dir():
            return folder
        if shutil.which("go") is None:
            raise BuildError("Go is not installed: see https://go.dev/dl for 1.26 or newer")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".building-") as unfinished:
            result = Path(unfinished) / "bin"
            result.mkdir()
            for name, package in self.programs.items():
                print(f"building {name}", file=sys.stderr)
                self._go_build(package, result / name)
            try:
                result.rename(folder)
            except OSError:
                if not folder.is_dir():
                    raise
                # Another process finished the same build first; its result serves as well.
        return folder

    def _go_build(self, package: str, output: Path) -> None:
        command = ["go", "build", "-mod=readonly", "-trimpath", "-ldflags", self.link_flags()]
        # Ordinary builds of Kubernetes and Helm use no C either.
        environment = os.environ | {"CGO_ENABLED": "0", "GOWORK": "off"}
        command += ["-o", str(output), package]
        built = subprocess.run(command, cwd=self.folder, env=environment)
        if built.returncode != 0:
            raise BuildError(f"go build {package} failed with exit code {built.returncode}")

    def link_flags(self) -> str:
        """Strip symbols, and stamp the version that a module's build does not know by itself."""
        version = self.version()
        major, minor, _ = version.removeprefix("v").split(".", 2)
        parts = {"version": version, "major": major, "minor": minor}
        stamps = [f"-X {name}={text.format(**parts)}" for name, text in self.stamps.items()]
        return " ".join(["-s", "-w", *stamps])
