"""What `opgen create api` was not told: refused, or asked on a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from opgen.cli import output

if TYPE_CHECKING:
    from pathlib import Path

    from opgen.api.errors import Problem
    from opgen.scaffold.new_api import ApiOptions


NEW = "v1"
"""The version of a new kind, if none is told."""


def completed(root: Path, options: ApiOptions, version: str | None, kind: str | None) -> ApiOptions:
    """The options with the version that is meant where none is told.

    Raises:
        UsageProblems: the kind is missing, or the version of one that has several; with what is
            wrong with the other options.
    """
    from dataclasses import replace

    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems

    problems = []
    if version is None:
        versions = _versions(root, options)
        options = replace(options, version=versions[0] if versions else NEW)
        if len(versions) > 1:
            said = f"--version is missing: {kind} has {' and '.join(versions)}"
            problems.append(Problem(said, hint="pass the one that is meant, or a new one"))
    if kind is None:
        problems.append(Problem("--kind is missing", hint="pass it, as in --kind WebServer"))
    if problems:
        raise UsageProblems([*problems, *_others(root, options)])
    return options


def _versions(root: Path, options: ApiOptions) -> list[str]:
    """The versions that the project has of a kind; none if PROJECT cannot be read."""
    from opgen.api.errors import Problems
    from opgen.scaffold.project import Project

    try:
        project = Project.load(root)
    except Problems:  # told by whoever needs it
        return []
    group_kind = (options.group or "", options.kind)
    resources = project.resources if project else ()
    return [one.version for one in resources if (one.group, one.kind) == group_kind]


def _others(root: Path, options: ApiOptions) -> list[Problem]:
    from opgen.api.errors import Problems
    from opgen.scaffold.new_api import check
    from opgen.scaffold.project import Project

    try:
        project = Project.load(root)
    except Problems as error:
        return list(error.problems)
    found = check(project, options) if project else iter(())
    return [one for one in found if not one.message.endswith(" is empty")]


def is_answered() -> bool:
    """Whether there is a person who answers questions."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not os.environ.get("CI")


def asked(root: Path, options: ApiOptions) -> ApiOptions:
    """The options with the answers to what was not told.

    Raises:
        Problems: something is wrong whatever the answers are, or there is no answer.
    """
    from dataclasses import replace

    from opgen.api.errors import Problems
    from opgen.cli.plans import load_project
    from opgen.scaffold.new_api import check, other_controller

    project = load_project(root)
    if problems := list(check(project, options)):
        raise Problems(problems)
    if options.resource is None:
        options = replace(options, resource=_ask("Resource", "--resource"))
    if options.controller is None and not other_controller(project, options):
        options = replace(options, controller=_ask("Controller", "--controller"))
    return options


def _ask(what: str, flag: str) -> bool:
    from opgen.api.errors import Problems

    question = f"Create {what} [y/n]"
    while True:
        try:
            answer = input(f"{question}\n").strip().lower()
        except EOFError as error:
            raise Problems.of(
                f"there is no answer to {question!r}",
                hint=f"answer y or n, or pass {flag} or --no-{flag[2:]}",
            ) from error
        if answer in ("y", "yes", "n", "no"):
            return answer[0] == "y"
        output.say(f"{answer!r} is neither y nor n")
