"""`opgen diff crd`: its arguments, and how changes are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from opgen.cli import output

if TYPE_CHECKING:
    from opgen.scaffold.crd_diff import CrdChange

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Compare two states.")


class ChangeFormat(StrEnum):
    """How changes are shown."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"


@app.callback()
def diff() -> None:
    """Compare two states."""


@app.command("crd")
def diff_crd(
    old: Annotated[
        str, typer.Argument(help="A file, - for standard input, or REV:FILE for git's.")
    ],
    new: Annotated[str, typer.Argument(help="What it has become: the same.")],
    output_format: Annotated[
        ChangeFormat, typer.Option("--output", "-o", help="How changes are shown.")
    ] = ChangeFormat.TABLE,
) -> int:
    """Show what changed between two states of CRDs.

    Ends with 3 if a change breaks somebody.
    """
    from opgen.api.errors import Problem, Problems
    from opgen.cli.errors import UsageProblems
    from opgen.scaffold.crd_diff import differences
    from opgen.scaffold.crd_files import load

    if old == new == "-":
        problem = Problem("only one of OLD and NEW can be -", hint="pass a file for the other")
        raise UsageProblems([problem])
    problems: list[Problem] = []
    loaded = []
    for source in (old, new):
        try:
            loaded.append(load(source))
        except Problems as error:
            problems += error.problems
    if problems:
        raise Problems(problems)
    return show(differences(*loaded), output_format)


def show(changes: list[CrdChange], how: ChangeFormat) -> int:
    """Show changes on standard output and the count beside it; returns the exit code."""
    from opgen.cli.outcome import CONFLICTS

    if how is ChangeFormat.JSON:
        fields = ("severity", "path", "message")
        output.show_data(
            [
                {"crd": one.crd} | {name: getattr(one.change, name) for name in fields}
                for one in changes
            ]
        )
    elif how is ChangeFormat.MARKDOWN:
        for line in _markdown(changes):
            print(line)
    else:
        rows = [[one.change.severity, one.crd, *_cells(one)] for one in changes]
        output.show_table(("change", "crd", "field", "what"), rows)
    breaking = sum(one.is_breaking for one in changes)
    output.say(f"{breaking} breaking, {len(changes) - breaking} compatible changes")
    return CONFLICTS if breaking else 0


def _cells(one: CrdChange) -> tuple[str, str]:
    return one.change.path.strip().removesuffix(":") or "-", one.change.message


def _markdown(changes: Iterable[CrdChange]) -> Iterator[str]:
    """A heading for each CRD with a table below, breaking changes in bold."""
    last = None
    for one in changes:
        if one.crd != last:
            yield from ([""] if last else [])
            yield from (f"### {one.crd}", "", "| change | field | what |", "|---|---|---|")
            last = one.crd
        severity = f"**{one.change.severity}**" if one.is_breaking else one.change.severity
        where, what = (text.replace("|", "\\|") for text in _cells(one))
        yield f"| {severity} | `{where}` | {what} |"
    if last is None:
        yield "No changes."
