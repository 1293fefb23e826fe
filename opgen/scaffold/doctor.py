"""What can be wrong with a project or with the machine, one check each, with its fix.

A check yields findings. A failing one is something that breaks a command; a warning is something
that only some commands need.
"""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import opgen
from opgen.api.errors import Problems
from opgen.manifests.generate import Options, generate
from opgen.manifests.request import interpreters
from opgen.scaffold.generated import generated_plan
from opgen.scaffold.project import Project, was_interrupted
from opgen.scaffold.repository import Repository
from opgen.scaffold.status import State, status

OK, WARNING, FAILING = "ok", "warning", "failing"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row of the table.

    Attributes:
        check: What was looked at.
        result: `ok`, `warning` or `failing`.
        detail: What was seen.
        fix: What to do; empty if nothing.
    """

    check: str
    result: str
    detail: str
    fix: str = ""


Check = Callable[[Path, Project], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that some commands call.

    Attributes:
        names: Its names; one of them is enough.
        version: How it tells its version.
        needed_for: The commands that need it.
        fix: Where to get it.
    """

    names: tuple[str, ...]
    version: tuple[str, ...]
    needed_for: str
    fix: str


TOOLS = (
    Tool(("git",), ("--version",), "merge tools after an update", "install git"),
    Tool(("uv",), ("--version",), "quick environments", "pip install uv"),
    Tool(
        ("kubectl",),
        ("version", "--client"),
        "deploy and undeploy",
        "see https://kubernetes.io/docs/tasks/tools/",
    ),
    Tool(
        ("docker", "podman", "buildah"),
        ("--version",),
        "docker-build and docker-push",
        "install docker or podman, and pass CONTAINER_TOOL=podman if need be",
    ),
)


def examine(root: Path | None) -> Iterator[Finding]:
    """All findings: on the machine, and on a project if there is one."""
    yield Finding("Python", OK, f"{platform.python_version()}, opgen {opgen.__version__}")
    for tool in TOOLS:
        yield _tool(tool)
    if root is None:
        yield Finding("project", WARNING, "this folder is in no project", "opgen init")
        return
    if was_interrupted(root):
        fix = "run any command that writes, such as opgen make manifests"
        yield Finding("last change", FAILING, "it was interrupted", fix)
    try:
        project = Project.load(root)
    except Problems as error:
        for problem in error.problems:
            fix = problem.hint or "restore PROJECT from version control"
            yield Finding("PROJECT", FAILING, f"{problem.message} ({problem.location})", fix)
        return
    assert project, "the folder was found by its PROJECT"
    kinds = len(project.resources)
    counted = f"{kinds} kind{'s' * (kinds != 1)}, {len(project.files)} files"
    yield Finding("PROJECT", OK, counted)
    for check in CHECKS:
        yield from check(root, project)


def _tool(tool: Tool) -> Finding:
    name = " or ".join(tool.names)
    program = next(filter(None, map(shutil.which, tool.names)), None)
    if program is None:
        return Finding(name, WARNING, f"not found; needed for {tool.needed_for}", tool.fix)
    done = subprocess.run(
        [program, *tool.version], capture_output=True, text=True, errors="replace", check=False
    )
    lines = (done.stdout or done.stderr).splitlines() or ["it does not tell its version"]
    return Finding(name, WARNING if done.returncode else OK, lines[0], "")


def _environment(root: Path, _: Project) -> Iterator[Finding]:
    if (root / ".venv").is_dir():
        yield Finding("environment", OK, next(interpreters(str(root))))
    else:
        detail = "the project has no .venv; opgen's own Python is used"
        yield Finding("environment", WARNING, detail, "make env")


def _templates(_: Path, project: Project) -> Iterator[Finding]:
    written, now = project.opgen_version, opgen.__version__
    if written == now:
        yield Finding("templates", OK, f"of opgen {now}")
    else:
        detail = f"the project was written by opgen {written}, and this is {now}"
        yield Finding("templates", WARNING, detail, "opgen update")


def _files(root: Path, _: Project) -> Iterator[Finding]:
    seen = status(root)
    bad = (State.CONFLICT, State.UNREADABLE)
    for file in seen.files:
        if file.state in bad:
            yield Finding("files", FAILING, f"{file.path}: {file.state}", file.note)
        elif file.state is State.MISSING:
            yield Finding("files", WARNING, f"{file.path} is missing", file.note)
    counts = ", ".join(f"{count} {state}" for state, count in seen.counts().items())
    if not any(file.state in bad for file in seen.files):
        yield Finding("files", OK, counts)


def _manifests(root: Path, project: Project) -> Iterator[Finding]:
    options = Options(namespaced=project.namespaced, webhook_service=project.webhook_service)
    generated = generate(root, project.package, options)
    wrong = [problem for problem in generated.problems if problem.severity == "error"]
    for problem in wrong:
        where = f" ({problem.location})" if problem.location else ""
        yield Finding("manifests", FAILING, f"{problem.message}{where}", problem.hint)
    if wrong:
        return
    stale = generated_plan(root, generated.files, generated.removed).changes
    for action in stale:
        yield Finding("manifests", FAILING, f"{action.path} is stale", "opgen make manifests")
    if not stale:
        yield Finding("manifests", OK, f"{len(generated.files)} files are up to date")


def _repository(root: Path, _: Project) -> Iterator[Finding]:
    repository = Repository.find(root)
    if repository is None:
        yield Finding("repository", WARNING, "the project is in no git repository", "git init")
        return
    try:
        repository.refuse_unfinished()
    except Problems as error:
        problem = error.problems[0]
        yield Finding("repository", FAILING, problem.message, problem.hint)
    else:
        yield Finding("repository", OK, str(repository.folder))


CHECKS: tuple[Check, ...] = (_environment, _templates, _files, _manifests, _repository)
"""The checks of a project, in the order of the table."""
