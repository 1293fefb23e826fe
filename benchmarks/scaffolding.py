"""A new project, and an update of 60 files, beside copier with the same templates.

copier renders opgen's own templates with the same answers. For the update both have a project in
git whose template has changed in every file, and the person has edited each third of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.process import Child, Usage, repeat
from benchmarks.table import Row

OPGEN = str(Path(sys.executable).with_name("opgen"))
COPIER = str(Path(sys.executable).with_name("copier"))
FILES = 60
QUESTIONS = """\
_subdirectory: template
_templates_suffix: .jinja
project_name:
  type: str
"""
IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.com"))
}
ENVIRONMENT = {"OPGEN_REQUIREMENT": "opgen", **IDENTITY}


def measure(times: int) -> Iterator[Row]:
    """Yield a row for each command; medians of cold processes."""
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        folder = Path(name)
        ours = repeat(times, lambda: _new_project(folder))
        theirs = repeat(times, lambda: _copied(folder))
        yield from _rows("opgen init + create api", ours, theirs, "copier copy, twice", "≤ 700 ms")
        ours = repeat(times, lambda: _update(folder))
        theirs = repeat(times, lambda: _copier_update(folder))
        yield from _rows(f"update of {FILES} files", ours, theirs, "copier update", "≤ 500 ms")


def _rows(name: str, ours: Usage, theirs: Usage, beside: str, aim: str) -> Iterator[Row]:
    wall, cpu = (ours.wall, theirs.wall), (ours.cpu, theirs.cpu)
    for label, (mine, other), wanted in ((name, wall, aim), ("  processor time", cpu, "")):
        figures = {"opgen": mine * 1000, "other": other * 1000}
        yield Row(name=label, unit="ms", beside=beside, aim=wanted, **figures)


def _opgen(folder: Path, *arguments: str) -> Usage:
    return Child([OPGEN, *arguments], folder, ENVIRONMENT).wait()


def _sum(first: Usage, second: Usage) -> Usage:
    memory = max(first.memory, second.memory)
    return Usage(first.wall + second.wall, first.cpu + second.cpu, memory)


def _new_project(folder: Path) -> Usage:
    project = folder / "webserver-operator"
    first = _opgen(folder, "init", project.name, "--domain", "my.domain")
    second = _opgen(project, "create", "api", "--version", "v1", "--kind", "WebServer")
    shutil.rmtree(project)
    return _sum(first, second)


def _copied(folder: Path) -> Usage:
    """opgen's two templates rendered by the copier command, with the answers opgen has."""
    import opgen
    from opgen.scaffold.desired import project_variables, resource_variables
    from opgen.scaffold.origin import template_root
    from opgen.scaffold.project import Project, Resource

    resource = Resource(version="v1", kind="WebServer", plural="webservers")
    project = Project(
        name="webserver-operator",
        package="webserver_operator",
        domain="my.domain",
        opgen_version=opgen.__version__,
        opgen_requirement="opgen",
        resources=(resource,),
    )
    target = folder / "copied"
    answers = project_variables(project)
    first = _copier(template_root() / "project", target, answers)
    second = _copier(
        template_root() / "api", target, answers | resource_variables(project, resource)
    )
    shutil.rmtree(target)
    return _sum(first, second)


def _copier(template: Path, target: Path, answers: dict[str, str | bool | int]) -> Usage:
    import yaml

    file = target.with_name("answers.yml")
    asked = yaml.safe_load((template / "copier.yml").read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({key: answers[key] for key in answers if key in asked}))
    options = ("--quiet", "--defaults", "--overwrite", "--data-file", str(file))
    return Child([COPIER, "copy", *options, str(template), str(target)], target.parent).wait()


def _texts(version: int) -> dict[str, str]:
    """The files of the templates: in each, a line differs between the versions."""
    return {
        f"files/part{at}.py.jinja": "".join(
            f"# {{{{ project_name }}}}, file {at}, line {line}"
            f"{f', version {version}' if line == 10 else ''}\n"
            for line in range(40)
        )
        for at in range(FILES)
    }


def _write(folder: Path, version: int) -> None:
    for path, text in _texts(version).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def _edit(project: Path) -> None:
    """A person's edits, away from those of the template."""
    for at in range(0, FILES, 3):
        file = project / f"files/part{at}.py"
        file.write_text(file.read_text() + "# mine\n")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, env=os.environ | IDENTITY
    )


def _commit(folder: Path) -> None:
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "next")


def _update(folder: Path) -> Usage:
    overlay, project = folder / "overlay", folder / "updated"
    _write(overlay / "project/template", 1)
    _opgen(folder, "init", project.name, "--template-overlay", str(overlay))
    _commit(project)
    _edit(project)
    _commit(project)
    _write(overlay / "project/template", 2)
    usage = _opgen(project, "update")
    _check(project)
    shutil.rmtree(overlay)
    shutil.rmtree(project)
    return usage


def _copier_update(folder: Path) -> Usage:
    template, project = folder / "template", folder / "updated"
    _write(template / "template", 1)
    (template / "copier.yml").write_text(QUESTIONS)
    answers = "{{ _copier_answers|to_nice_yaml }}\n"
    (template / "template/{{ _copier_conf.answers_file }}.jinja").write_text(answers)
    _commit(template)
    _git(template, "tag", "v1")
    options = ("--quiet", "--defaults", "--data", "project_name=updated")
    Child([COPIER, "copy", *options, str(template), str(project)], folder).wait()
    _commit(project)
    _edit(project)
    _commit(project)
    _write(template / "template", 2)
    _commit(template)
    _git(template, "tag", "v2")
    log = folder / "log"
    log.mkdir(exist_ok=True)
    usage = Child([COPIER, "update", "--quiet", "--defaults", str(project)], log).wait()
    _check(project)
    shutil.rmtree(template)
    shutil.rmtree(project)
    return usage


def _check(project: Path) -> None:
    """Make sure that both sides are there."""
    for at in range(FILES):
        text = (project / f"files/part{at}.py").read_text()
        if "version 2" not in text or (at % 3 == 0) != text.endswith("# mine\n"):
            raise AssertionError(f"part{at}.py was not merged")
