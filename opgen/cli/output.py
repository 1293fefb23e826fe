"""What people see: verbs per file, problems with hints, the next step.

Everything here goes to standard error, as it is meant for people; results go to standard output.
Colour is used on a terminal only, and NO_COLOR and FORCE_COLOR are respected.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opgen.api.errors import Problem
    from opgen.scaffold.plan import Action, Plan

_RESET = "\033[0m"
_STYLES: Mapping[str, str] = {
    "create": "\033[32m",
    "insert": "\033[32m",
    "update": "\033[33m",
    "merge": "\033[33m",
    "delete": "\033[31m",
    "conflict": "\033[1;31m",
    "identical": "\033[2m",
    "skip": "\033[2m",
    "error": "\033[1;31m",
    "warning": "\033[1;33m",
    "hint": "\033[36m",
    "next": "\033[1m",
}
_COUNTED = (
    ("create", "created"),
    ("insert", "extended"),
    ("update", "updated"),
    ("merge", "merged"),
    ("delete", "deleted"),
    ("conflict", "in conflict"),
    ("skip", "kept"),
    ("identical", "unchanged"),
)
_WIDTH = 10
_SHOWN_PROBLEMS = 20


def uses_color(stream: IO[str], environ: Mapping[str, str] = os.environ) -> bool:
    """Whether to write colours to a stream."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


def say(text: str = "") -> None:
    """A line for people."""
    sys.stdout.flush()  # so that both streams in one are in the order of what was told
    print(text, file=sys.stderr)


def painted(text: str, style: str) -> str:
    """The text in a style, if standard error shows colours."""
    return f"{_STYLES[style]}{text}{_RESET}" if uses_color(sys.stderr) else text


def show_plan(plan: Plan, seconds: float, *, dry_run: bool, verbose: bool) -> None:
    """A line for each file with its verb, and the count."""
    for action in plan.actions:
        if verbose or action.verb != "identical":
            say(_line(action))
    counts = {verb.value: count for verb, count in plan.counts().items()}
    parts = [f"{counts[verb]} {word}" for verb, word in _COUNTED if counts.get(verb)]
    say(f"{', '.join(parts) or 'Nothing to do'} ({seconds:.2f}s)")
    if dry_run:
        say("Dry run: nothing was written")
    elif plan.conflicts:
        say("Nothing was written")


def show_json(plan: Plan, problems: Iterable[Problem] | None = None) -> None:
    """The plan as JSON on standard output, and problems if the command can have some."""
    import json
    from dataclasses import asdict

    told = {} if problems is None else {"problems": [asdict(problem) for problem in problems]}
    print(json.dumps(plan.as_json() | told, indent=2))


def show_data(data: Any) -> None:
    """A result as JSON on standard output."""
    import json

    print(json.dumps(data, indent=2))


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A result as a table on standard output; nothing if there are no rows."""
    if not rows:
        return
    lines = [[name.upper() for name in header], *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(header))]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("   ".join(cells).rstrip())


def show_problems(problems: Iterable[Problem]) -> None:
    """All problems, with their places and hints."""
    problems = tuple(problems)
    for problem in problems[:_SHOWN_PROBLEMS]:
        first, *rest = str(problem).split("\n")
        severity, _, message = first.partition(":")
        say(f"{painted(severity + ':', problem.severity)}{message}")
        for line in rest:
            say(line.replace("  hint:", f"  {painted('hint:', 'hint')}", 1))
    if len(problems) > _SHOWN_PROBLEMS:
        say(f"and {len(problems) - _SHOWN_PROBLEMS} more")


def show_next(*commands: str) -> None:
    """What to do next."""
    say()
    say(painted("Next:", "next"))
    for command in commands:
        say(f"  {command}")


def _line(action: Action) -> str:
    verb = action.verb.value
    reason = f"  ({action.reason})" if action.reason else ""
    backup = f"  (the old one is {action.backup})" if action.backup else ""
    return f"{painted(verb.rjust(_WIDTH), verb)}  {action.path}{reason}{backup}"
