"""`opgen lint crd`: its arguments, and how findings are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opgen.cli import output
from opgen.cli.options import Format

if TYPE_CHECKING:
    from opgen.api.errors import Problem
    from opgen.scaffold.crd_lint import CrdProblem

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check what others wrote.")


@app.callback()
def lint() -> None:
    """Check what others wrote."""


@app.command("crd")
def lint_crd(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Files, - for standard input, or REV:FILE for a revision of git.",
            show_default=False,
        ),
    ],
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail as well.")] = False,
    kube_version: Annotated[
        str | None,
        typer.Option(help="The oldest Kubernetes the CRDs are for, such as 1.30; any if left out."),
    ] = None,
    output_format: Annotated[
        Format, typer.Option("--output", "-o", help="How findings are shown.")
    ] = Format.TEXT,
) -> int:
    """Check CRDs by the API server's own rules.

    Ends with 1 if it would refuse one of them.
    """
    from opgen.cli.kube_version import check_kube_version
    from opgen.cli.outcome import ERROR
    from opgen.scaffold.crd_lint import lint as run

    if kube_version is not None:
        check_kube_version(kube_version)
    count, found = run(files, kube_version)
    if output_format is Format.JSON:
        output.show_data([_as_json(one) for one in found])
    else:
        for line in _lines([one.problem for one in found]):
            print(line)
    severities = [one.problem.severity for one in found]
    errors, warnings = severities.count("error"), severities.count("warning")
    told = [_counted(count, "CRD"), _counted(errors, "error"), _counted(warnings, "warning")]
    output.say(", ".join(told))
    return ERROR if errors or (strict and warnings) else 0


def _lines(problems: list[Problem]) -> Iterator[str]:
    for problem in problems:
        yield str(problem)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _as_json(one: CrdProblem) -> dict[str, Any]:
    problem = one.problem
    return {
        "crd": one.crd,
        "rule": one.rule,
        "severity": problem.severity,
        "message": problem.message,
        "file": problem.location.file if problem.location else "",
        "line": problem.location.line if problem.location else 0,
        "field": problem.field.removeprefix(f"{one.crd} "),
        "hint": problem.hint,
    }
