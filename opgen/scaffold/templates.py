"""Which templates a project is rendered from: those of opgen, and an overlay of its own.

An overlay is a folder that looks like opgen's `templates/`: `project/template/Dockerfile.jinja` in
it takes the place of opgen's, and files that opgen does not have are added. It holds files only:
questions, settings and tasks stay opgen's. Its path is recorded in PROJECT, relative to the
project.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold.layout import FILE
from opgen.scaffold.origin import template_root
from opgen.scaffold.project import Project
from opgen.scaffold.render import Template

PROJECT_TEMPLATE = "project"
API_TEMPLATE = "api"
WEBHOOK_TEMPLATE = "webhook"
IMPORTED_TEMPLATE = "imported"
NAMES = (PROJECT_TEMPLATE, API_TEMPLATE, WEBHOOK_TEMPLATE)
FILES = "template"
"""The folder of a template that holds the files."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Template folders, and the overlay over them."""

    root: Path
    overlay: Path | None = None

    def template(self, name: str) -> Template:
        """One of the templates."""
        overlay = self.overlay / name / FILES if self.overlay else None
        return Template(self.root / name, overlay if overlay and overlay.is_dir() else None)

    def with_root(self, root: Path) -> Templates:
        """Other templates below the same overlay."""
        return Templates(root, self.overlay)


def templates_of(root: Path, project: Project) -> Templates:
    """The templates of a project in a folder.

    Raises:
        Problems: its overlay is missing, or something in it is wrong.
    """
    if not project.overlay:
        return Templates(template_root())
    overlay = Path(os.path.normpath(root / project.overlay))  # the project need not exist yet
    if problems := list(check_overlay(overlay, "templateOverlay", Location(FILE))):
        raise Problems(problems)
    return Templates(template_root(), overlay)


def recorded_path(overlay: Path, root: Path) -> str:
    """How PROJECT names an overlay: relative to the project, with `/`."""
    return PurePath(os.path.relpath(overlay.resolve(), root.resolve())).as_posix()


def check_overlay(
    overlay: Path, name: str = "--template-overlay", location: Location | None = None
) -> Iterator[Problem]:
    """What is wrong with an overlay: its place, its layout, its files."""
    if not overlay.is_dir():
        yield Problem(
            f"{name} {str(overlay)!r} is no folder",
            location=location,
            hint=f"make it, with files as in {NAMES[0]}/{FILES}/Dockerfile.jinja, or leave it out",
        )
        return
    for path in sorted(overlay.rglob("*")):
        shown = path.relative_to(overlay).as_posix()
        if path.is_symlink():
            yield Problem(
                f"{name}: {shown} is a symbolic link, and an overlay holds only files",
                location=Location(str(path)),
                hint="replace the link by what it points to",
            )
        elif path.is_file():
            yield from _misplaced(path, shown, name)


def _misplaced(path: Path, shown: str, name: str) -> Iterator[Problem]:
    parts = PurePath(shown).parts
    if parts[0] in NAMES and len(parts) > 2 and parts[1] == FILES:
        return
    if len(parts) == 1 and parts[0] not in NAMES:
        return  # a README or a licence of the overlay itself
    places = ", ".join(f"{one}/{FILES}/" for one in NAMES)
    yield Problem(
        f"{name}: {shown} is in no place that is rendered",
        location=Location(str(path)),
        hint=f"put it below one of {places}",
    )
