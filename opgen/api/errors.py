"""Problems: what is wrong, where, and how to mend it.

Every check of opgen yields `Problem` values and goes on; whoever runs the checks collects them and
raises one `Problems` for all, so that a person sees everything at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file. `line` counts from 1; 0 means the file as a whole."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file

    def relative_to(self, root: Path) -> Location:
        """The same place, with the file named from `root` if it lies below it."""
        import pathlib

        try:
            return Location(
                pathlib.Path(self.file).resolve().relative_to(root.resolve()).as_posix(), self.line
            )
        except ValueError:
            return self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        message: What is wrong, without a full stop.
        location: Where, if a file is to blame.
        field: The field, as in `WebServer.spec.replicas`; empty if none is to blame.
        hint: How to mend it, as an order to the reader; empty if the message says it.
        severity: `error` stops the run, `warning` is only shown.
    """

    message: str
    location: Location | None = None
    field: str = ""
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        lines = [f"{self.severity}: {self.message}"]
        where = " ".join(str(part) for part in (self.location, self.field) if part)
        if where:
            lines.append(f"  --> {where}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class Problems(Exception):
    """All the problems of a run."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n\n".join(str(problem) for problem in self.problems))

    @classmethod
    def of(
        cls, message: str, *, location: Location | None = None, field: str = "", hint: str = ""
    ) -> Problems:
        """One problem, ready to be raised."""
        return cls([Problem(message, location=location, field=field, hint=hint)])
