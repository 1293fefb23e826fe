"""What `opgen make manifests` does.

This command runs at every save, so `opgen.__main__` calls `main` without any option parser when
there are no options, and `start_ahead` before all else.
"""

# pathlib is one of the modules that are not loaded when a child process is started ahead.
# ruff: noqa: PTH112, PTH113, PTH120, PTH123

from __future__ import annotations

import os
import sys

from opgen.manifests import process, request
from opgen.scaffold.layout import FILE, STAGING

TYPE_CHECKING = False  # what `typing` calls so is not loaded yet either
if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from opgen.api.errors import Problem
    from opgen.cli.plans import Mode
    from opgen.manifests.generate import Options
    from opgen.scaffold.plan import Plan


def start_ahead() -> None:
    """Start the child process that reads the project's code, if it is plain which one that is."""
    root = _root()
    if not root or os.path.isdir(f"{root}/{STAGING}"):
        return
    if package := _package(root):
        interpreter = next(request.interpreters(root))
        process.start_ahead(request.command(interpreter, root, package))


def _root() -> str:
    """The nearest folder with a PROJECT, or an empty string."""
    folder = os.path.realpath(os.curdir)
    while not os.path.isfile(f"{folder}/{FILE}"):
        folder, previous = os.path.dirname(folder), folder
        if folder == previous:
            return ""
    return folder


def _package(root: str) -> str:
    """The project's package by the line of PROJECT that names it, or an empty string."""
    try:
        with open(f"{root}/{FILE}", encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(":")
                if key == "package" and value.strip().isidentifier():
                    return value.strip()
    except (OSError, UnicodeDecodeError):
        return ""  # reading it properly will tell why
    return ""


def main() -> int:
    """Generate the manifests of the project; returns the exit code."""
    from opgen.cli.plans import Mode, project_root

    make_manifests(project_root(), Mode())
    return 0


def make_manifests(
    root: Path, mode: Mode, options: Options | None = None, *, strict: bool = False
) -> Plan:
    """Generate a project's manifests; returns the plan.

    Args:
        root: The project's folder.
        mode: What is done with the plan.
        options: How manifests are generated; the defaults if left out.
        strict: Whether warnings count as errors.

    Raises:
        Problems: the project's code cannot be read, or declares something wrong.
    """
    from dataclasses import replace

    from opgen.api.errors import Problem, Problems
    from opgen.cli import output
    from opgen.cli.plans import carry_out, load_project
    from opgen.manifests.generate import Options, generate
    from opgen.scaffold.generated import generated_plan
    from opgen.scaffold.plan import Plan

    project = load_project(root)
    options = replace(
        options or Options(),
        namespaced=project.namespaced,
        webhook_service=project.webhook_service,
    )
    problems: list[Problem] = []

    def make_plan() -> Plan:
        generated = generate(root, project.package, options)
        problems.extend(generated.problems)
        if strict and problems and not _has_errors(problems):
            hint = "mend them, or leave --strict out"
            problems.append(Problem("with --strict, warnings are errors", hint=hint))
        if _has_errors(problems):
            if mode.json:
                output.show_json(Plan(root), problems)
            raise Problems(problems)
        output.show_problems(problems)
        return generated_plan(root, generated.files, generated.removed)

    return carry_out(make_plan, mode, problems=problems)


def _has_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def check_manifests(
    root: Path, mode: Mode, options: Options | None = None, *, strict: bool = False
) -> None:
    """Show what `make_manifests` would change.

    Raises:
        StaleProblems: something.
        Problems: as `make_manifests`.
    """
    from opgen.api.errors import Problem
    from opgen.cli.errors import StaleProblems

    changes = make_manifests(root, mode, options, strict=strict).changes
    sys.stdout.flush()
    if changes:
        hint = "run: opgen make manifests"
        raise StaleProblems(Problem(f"{one.path} is stale", hint=hint) for one in changes)
