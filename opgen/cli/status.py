"""`opgen list`, `opgen status` and `opgen doctor`: tables on standard output, or JSON."""

from __future__ import annotations

from typing import Any

from opgen.cli.options import Format, Output, Verbose


def list_kinds(output_format: Output = Format.TEXT) -> None:
    """List the kinds of the project."""
    from opgen.cli import output
    from opgen.cli.plans import load_project, project_root
    from opgen.scaffold.status import kinds

    rows = kinds(load_project(project_root()))
    if output_format is Format.JSON:
        output.show_data(rows)
        return
    shown = ("group", "version", "kind", "scope", "types", "controller", "webhooks")
    output.show_table(shown, [[_cell(row[name]) for name in shown] for row in rows])
    if not rows:
        output.show_next("opgen create api --kind WebServer")


def status(verbose: Verbose = False, output_format: Output = Format.TEXT) -> None:
    """Show what became of the files that opgen wrote."""
    import opgen
    from opgen.cli import output
    from opgen.cli.plans import project_root
    from opgen.scaffold.status import State
    from opgen.scaffold.status import status as look

    seen = look(project_root())
    if output_format is Format.JSON:
        files = [
            {"path": file.path, "state": file.state.value, "note": file.note} for file in seen.files
        ]
        written = {"version": seen.project.opgen_version, "installed": opgen.__version__}
        output.show_data({"opgen": written, "counts": seen.counts(), "files": files})
        return
    rows = [
        [file.state.value, file.path, file.note]
        for file in seen.files
        if verbose or file.state is not State.PRISTINE
    ]
    output.show_table(("state", "file", "note"), rows)
    counts = ", ".join(f"{count} {state}" for state, count in seen.counts().items())
    output.say(f"{counts or 'no files'}; written by opgen {seen.project.opgen_version}")
    if seen.project.opgen_version != opgen.__version__:
        output.show_next("opgen update")


def doctor(output_format: Output = Format.TEXT) -> None:
    """Look for what is wrong, and tell how to mend it.

    Exits with 1 if something is failing.
    """
    from dataclasses import asdict
    from pathlib import Path

    from opgen.api.errors import Problem, Problems
    from opgen.cli import output
    from opgen.scaffold.doctor import FAILING, examine
    from opgen.scaffold.project import find_root

    findings = list(examine(find_root(Path.cwd())))
    if output_format is Format.JSON:
        output.show_data([asdict(finding) for finding in findings])
    else:
        rows = [[one.check, one.result, one.detail, one.fix] for one in findings]
        output.show_table(("check", "result", "detail", "fix"), rows)
    failing = [one for one in findings if one.result == FAILING]
    if failing:
        raise Problems(
            Problem(f"{one.check}: {one.detail}", hint=one.fix or "see the table")
            for one in failing
        )


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)
