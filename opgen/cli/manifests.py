"""What `opgen make manifests` does.

This command runs at every save, so `opgen.__main__` calls `main` without any option parser if
`opgen.cli.manifests_options` understands the options, and `start_ahead` before all else.
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
    from collections.abc import Iterable, Mapping
    from pathlib import Path
    from typing import Any

    from opgen.api.errors import Problem
    from opgen.cli.plans import Mode
    from opgen.manifests.generate import Options
    from opgen.scaffold.plan import Plan


def start_ahead(arguments: Mapping[str, Any]) -> None:
    """Start the child process that reads the project's code, if it is plain which one that is.

    Args:
        arguments: What `main` will be called with.
    """
    root = _root()
    if not root or os.path.isdir(f"{root}/{STAGING}"):
        return
    said = _said(root)
    package = said.get("package", "")
    if not package.isidentifier():
        return
    makes_certificates = {"webhooks", "spokes"} & said.keys() and said.get("certManager") != "true"
    command = request.command(
        next(request.interpreters(root)),
        root,
        package,
        max_description=arguments.get("max_desc_len"),
        preflight=arguments.get("preflight", True),
        kube_version=arguments.get("kube_version") or "",
        webhook_service=request.service(said.get("projectName", "")) if makes_certificates else "",
        namespaced=said.get("namespaced") == "true",
    )
    process.start_ahead(command)


def _root() -> str:
    """The nearest folder with a PROJECT, or an empty string."""
    folder = os.path.realpath(os.curdir)
    while not os.path.isfile(f"{folder}/{FILE}"):
        folder, previous = os.path.dirname(folder), folder
        if folder == previous:
            return ""
    return folder


def _said(root: str) -> dict[str, str]:
    """What the lines of PROJECT say, wherever they stand, as far as a line tells.

    That is a guess which costs nothing; reading the file properly comes later and decides.
    """
    try:
        with open(f"{root}/{FILE}", encoding="utf-8") as file:
            pairs = [line.strip(" -\n").partition(": ") for line in file]
    except (OSError, UnicodeDecodeError):
        return {}  # reading it properly will tell why
    return {key.rstrip(":"): value.strip("'\"") for key, _, value in reversed(pairs)}


def main(
    *,
    check: bool = False,
    strict: bool = False,
    preflight: bool = True,
    kube_version: str | None = None,
    max_desc_len: int | None = None,
    against: str | None = None,
    dry_run: bool = False,
    diff: bool = False,
    verbose: bool = False,
    output: str = "text",
) -> int:
    """Do what the arguments of the command ask for; returns the exit code.

    Raises:
        Problems: it cannot be done.
    """
    from functools import partial

    from opgen.cli.kube_version import check_kube_version
    from opgen.cli.plans import Mode, project_root
    from opgen.manifests.generate import Options

    if kube_version is not None:
        check_kube_version(kube_version)
    as_json = output == "json"
    options = Options(
        preflight=preflight, kube_version=kube_version or "", max_description=max_desc_len
    )
    if against is not None:
        from opgen.cli.against import make_against

        _refuse_both(check)
        root, mode = project_root(), Mode(dry_run=dry_run, diff=diff, verbose=verbose)
        make = partial(make_manifests, root, mode, options, strict=strict)
        return make_against(root, against, make, as_json=as_json)
    if check:
        mode = Mode(diff=not as_json, dry_run=as_json, verbose=verbose, json=as_json)
        check_manifests(project_root(), mode, options, strict=strict)
    else:
        mode = Mode(dry_run=dry_run, diff=diff, verbose=verbose, json=as_json)
        make_manifests(project_root(), mode, options, strict=strict)
    return 0


def _refuse_both(check: bool) -> None:
    """Complain about two options that ask for different outcomes.

    Raises:
        UsageProblems: both were given.
    """
    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems

    if check:
        message = "--check and --against do not go together"
        raise UsageProblems([Problem(message, hint="run one after the other")])


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
    from contextlib import suppress
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

    def drafted(crds: Mapping[str, str]) -> None:
        """Load what writing takes, while the CRDs are checked."""
        with suppress(Problems):  # which are told with all others
            if mode.writes and generated_plan(root, crds).changes:
                import hashlib  # noqa: F401 - wanted by the journal

                from opgen.scaffold import execute  # noqa: F401 - wanted by `carry_out`

    def make_plan() -> Plan:
        generated = generate(root, project.package, options, drafted)
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
