"""Importing a project's declaring modules, one broken module not hiding the others' problems."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING

from opgen.api.discovery import ROOMS
from opgen.api.errors import Location, Problem, Problems

if TYPE_CHECKING:
    from pathlib import Path


class Importer:
    """Imports modules and collects what goes wrong.

    Attributes:
        modules: What could be imported, in order.
        problems: What could not, each thing once.
    """

    def __init__(
        self,
        root: str,
        announce: Callable[[str], None],
        imported: Callable[[ModuleType], None],
    ) -> None:
        """Prepare for the project at `root`.

        Args:
            root: The project's folder.
            announce: Is told each module's name in advance.
            imported: Is told each module that could be imported.
        """
        self.modules: list[ModuleType] = []
        self.problems: list[Problem] = []
        self._causes: list[tuple[str, str, Location | None]] = []
        self._root = root
        self._announce, self._imported = announce, imported

    def package(self, package: str) -> None:
        """Import a project's package and what declares something below it."""
        top = self.module(package)
        for room in ROOMS if top is not None else ():
            if top is not None and self._has(top, room):
                self._tree(f"{package}.{room}")

    def module(self, name: str) -> ModuleType | None:
        """Import one module; None if that fails."""
        self._announce(name)
        try:
            module = importlib.import_module(name)
        except Problems as problems:
            self._add(*problems.problems)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # SystemExit is a module's mistake as well
            self._explain(error, name)
        else:
            self.modules.append(module)
            self._imported(module)
            return module
        return None

    def _tree(self, name: str) -> None:
        module = self.module(name)
        for info in sorted(pkgutil.iter_modules(getattr(module, "__path__", ())), key=_name):
            self._tree(f"{name}.{info.name}")

    @staticmethod
    def _has(package: ModuleType, room: str) -> bool:
        return any(info.name == room for info in pkgutil.iter_modules(package.__path__))

    def _add(self, *problems: Problem) -> None:
        for problem in problems:
            if problem not in self.problems:
                self.problems.append(problem)

    def _explain(self, error: BaseException, module: str) -> None:
        """Tell why a module cannot be imported, unless another one failed at the same place."""
        from pathlib import Path

        problem = explain(error, module, Path(self._root))
        cause = type(error).__name__, str(error), problem.location
        if problem.location is None or cause not in self._causes:
            self._add(problem)
        self._causes.append(cause)


def _name(info: pkgutil.ModuleInfo) -> str:
    return info.name


def explain(error: BaseException, module: str, root: Path) -> Problem:
    """The problem behind what the import of a module raised."""
    location = place(error.__traceback__, root)
    if isinstance(error, SyntaxError):
        location = Location(error.filename or module, error.lineno or 0)
        return Problem(f"syntax error: {error.msg}", location=location.relative_to(root))
    if isinstance(error, SystemExit):
        return Problem(
            f"{module} exits when it is imported",
            location=location,
            hint='put what a program does below if __name__ == "__main__":',
        )
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
        hint = f"add {missing} to the project's dependencies and install them"
        if missing == module.partition(".")[0]:
            hint = "check the spelling, or the package in PROJECT"
        return Problem(f"there is no module {error.name}", location=location, hint=hint)
    if isinstance(error, ImportError):
        return Problem(str(error), location=location)
    return Problem(
        f"{module} cannot be imported: {type(error).__name__}: {error}", location=location
    )


def place(traceback: TracebackType | None, root: Path) -> Location | None:
    """The innermost line of the project's own code."""
    from pathlib import Path

    found = None
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        if file.is_relative_to(root) and "site-packages" not in file.parts:
            found = Location(str(file), traceback.tb_lineno).relative_to(root)
        traceback = traceback.tb_next
    return found
