"""Rendering of copier templates.

A template is a folder with `copier.yml` (the variables and settings), `template/` (the files) and,
if it shares files with other templates, `insertions.yml`. Templates see the variables that their
`copier.yml` declares and nothing else, and an unknown variable is an error, not an empty string.
An overlay is a second folder of files, which hides files of `template/` and adds others.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

from opgen.api.errors import Location, Problems
from opgen.scaffold.disk import Disk
from opgen.scaffold.insertions import Insertion
from opgen.scaffold.paths import File, checked_parts, checked_text

SUFFIX = ".jinja"
STRICT = "jinja2.StrictUndefined"
Variable = str | bool | int


class TemplateError(Exception):
    """A template of opgen is wrong."""


@dataclass(frozen=True)
class Template:
    """A copier template."""

    folder: Path
    overlay: Path | None = None

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """What `copier.yml` says.

        Raises:
            TemplateError: it does not ask for strict variables.
        """
        settings = _load_yaml(self.folder / "copier.yml")
        if (settings.get("_envops") or {}).get("undefined") != STRICT:
            raise TemplateError(
                f"{self.folder / 'copier.yml'} must say _envops: {{undefined: {STRICT}}}"
            )
        return settings  # type: ignore[no-any-return]

    @property
    def keep(self) -> tuple[str, ...]:
        """Patterns of files that belong to the person once they exist."""
        return tuple(self.settings.get("_skip_if_exists", ()))

    def declared(self, variables: Mapping[str, Variable]) -> dict[str, Variable]:
        """Those of the variables that the template declares.

        Raises:
            TemplateError: one without a default is missing.
        """
        questions = {key: value for key, value in self.settings.items() if key[0] != "_"}
        missing = [
            name
            for name, question in questions.items()
            if name not in variables and "default" not in question
        ]
        if missing:
            raise TemplateError(f"{self.folder.name} needs the variables {', '.join(missing)}")
        return {name: variables[name] for name in questions if name in variables}

    def render(self, variables: Mapping[str, Variable]) -> dict[str, File]:
        """The rendered files by path.

        Raises:
            TemplateError: the template is wrong, or a variable is missing.
            Problems: the overlay is wrong.
        """
        data = self.declared(variables)
        if self.overlay is None:
            return self._rendered(self.folder, data)
        try:
            with _layered(self.folder, self.overlay) as folder:
                return self._rendered(folder, data)
        except (TemplateError, Problems) as error:
            raise _wrong_overlay(self.overlay, error) from error

    def _rendered(self, source: Path, data: Mapping[str, Variable]) -> dict[str, File]:
        from opgen.scaffold import lean_copier

        lean_copier.load()
        from copier.errors import CopierError
        from jinja2 import TemplateError as JinjaError

        try:
            files = lean_copier.render(source, data)
        except (CopierError, JinjaError) as error:
            raise TemplateError(f"{self.folder.name}: {error}") from error
        for path in files:
            *above, _ = checked_parts(path)
            if clash := next(filter(files.__contains__, accumulate(above, "{}/{}".format)), None):
                raise TemplateError(f"{clash} is a file, and {path} needs a folder there")
        return dict(sorted(files.items()))

    def insertions(self, variables: Mapping[str, Variable]) -> tuple[Insertion, ...]:
        """The lines for shared files; those whose `when` is false are left out.

        Raises:
            TemplateError: a variable is missing.
        """
        path = self.folder / "insertions.yml"
        if not path.is_file():
            return ()
        from jinja2 import StrictUndefined
        from jinja2 import TemplateError as JinjaError
        from jinja2.sandbox import SandboxedEnvironment

        data = self.declared(variables)
        environment = SandboxedEnvironment(undefined=StrictUndefined)
        try:
            entries = [
                {key: environment.from_string(text).render(data) for key, text in entry.items()}
                for entry in _load_yaml(path)
            ]
        except JinjaError as error:
            raise TemplateError(f"{path.name}: {error}") from error
        return tuple(
            Insertion(entry["path"], entry["marker"], entry["line"])
            for entry in entries
            if entry.get("when", "True") == "True"
        )


@contextmanager
def _layered(below: Path, above: Path) -> Iterator[Path]:
    """A template folder with an overlay's files over its own.

    Raises:
        Problems: the overlay has a name that is no text, which copier would not survive.
    """
    with tempfile.TemporaryDirectory(prefix="opgen-") as name:
        folder, disk = Path(name) / below.name, Disk()
        shutil.copytree(below, folder, copy_function=disk.keep)
        for path in sorted(above.rglob("*")):
            if path.is_file():
                target = folder / "template" / checked_text(path.relative_to(above).as_posix())
                for twin in (target, target.with_name(_twin(target.name))):
                    twin.unlink(missing_ok=True)
                target.parent.mkdir(parents=True, exist_ok=True)
                disk.keep(path, target)
        yield folder


def _twin(name: str) -> str:
    """The other template that is rendered to the same file: with the suffix, or without it."""
    return name.removesuffix(SUFFIX) if name.endswith(SUFFIX) else f"{name}{SUFFIX}"


def _wrong_overlay(overlay: Path, error: Exception) -> Problems:
    text = " ".join(str(error).removeprefix("error: ").split("\n")[0].split())
    return Problems.of(
        f"the template overlay cannot be rendered: {text}",
        location=Location(str(overlay)),
        hint="mend the template; opgen's own, with its variables in copier.yml, is the example",
    )


def _load_yaml(path: Path) -> Any:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(path.read_text(encoding="utf-8"), loader)  # noqa: S506 - both are safe
