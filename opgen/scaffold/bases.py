"""Finding what opgen wrote: the middle of a three-way merge.

PROJECT holds the digest of each file as opgen wrote it, and that digest decides: a base is what has
it. It is looked for in what the running opgen writes, in the project's own commits, which know
overlays and unreleased templates, too, and in the old generations that travel in the package (with
the answers in PROJECT).
"""

from __future__ import annotations

from collections.abc import Iterator

from opgen.scaffold.desired import Desired, everything, lines
from opgen.scaffold.history import History
from opgen.scaffold.insertions import Insertion, insert, take_out
from opgen.scaffold.plan import digest
from opgen.scaffold.project import Project
from opgen.scaffold.render import TemplateError
from opgen.scaffold.repository import Repository
from opgen.scaffold.templates import Templates


class Bases:
    """What opgen wrote into a project, by path and digest.

    Args:
        templates: The project's templates of the running opgen.
        project: PROJECT as it is, with the answers of that time.
        repository: The git repository of the project, if it is in one.
        rendered: What has been rendered already, and may be what opgen wrote.
    """

    def __init__(
        self,
        templates: Templates,
        project: Project,
        repository: Repository | None,
        rendered: Desired | None = None,
    ) -> None:
        self._templates, self._project, self._repository = templates, project, repository
        self._history = History.load(templates.root)
        self._rendered: list[Desired] = [rendered] if rendered else []
        self._more = self._renderings()

    def find(self, path: str, wanted: str, expected: tuple[Insertion, ...]) -> bytes | None:
        """The content with a digest, lines of shared files included; None if nothing has it.

        Args:
            path: The file.
            wanted: The digest in PROJECT, which is of the file without inserted lines.
            expected: The lines that belong into the file today.
        """
        for desired in self._rendered:
            if (found := _found(desired, path, wanted)) is not None:
                return found
        for content in self._repository.versions(path) if self._repository else ():
            if digest(take_out(content, expected)) == wanted:
                return content
        for desired in self._more:
            self._rendered.append(desired)
            if (found := _found(desired, path, wanted)) is not None:
                return found
        return None

    def close(self) -> None:
        """End what the repository is read with."""
        if self._repository:
            self._repository.close()

    def lines(self) -> tuple[Insertion, ...]:
        """The lines that the opgen which wrote the project last inserted into shared files."""
        version = self._project.opgen_version
        generation = next(iter(self._history.candidates(version)), None)
        if generation is None or generation.opgen != version:
            return lines(self._templates, self._project)
        with self._history.checked_out(generation) as root:
            return lines(self._templates.with_root(root), self._project)

    def _renderings(self) -> Iterator[Desired]:
        if not self._rendered:
            yield everything(self._templates, self._project)
        for generation in self._history.candidates(self._project.opgen_version):
            with self._history.checked_out(generation) as root:
                try:
                    desired = everything(self._templates.with_root(root), self._project)
                except TemplateError:
                    continue  # it asks for something that PROJECT does not know: not the one
            yield desired


def _found(desired: Desired, path: str, wanted: str) -> bytes | None:
    """A rendered file with its lines, if it has the digest."""
    file = desired.files.get(path)
    if file is None or digest(file.content) != wanted:
        return None
    return insert(file.content, desired.lines_of(path))
