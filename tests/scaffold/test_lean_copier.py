"""Rendering with as little of copier as possible gives what all of copier gives."""

from __future__ import annotations

import pickle
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from opgen.scaffold import lean_copier
from opgen.scaffold.desired import everything
from opgen.scaffold.origin import template_root
from opgen.scaffold.paths import File
from opgen.scaffold.project import Project, Resource
from opgen.scaffold.templates import Templates

KINDS = (
    Resource(group="apps", version="v1", kind="Web", plural="webs", webhooks=("defaulting",)),
    Resource(version="v1beta1", kind="Zone", plural="zones", scope="Cluster", pattern="blank"),
    Resource(version="v1", kind="Zone", plural="zones", scope="Cluster", spokes=("v1beta1",)),
    Resource(version="v1", kind="Disk", plural="disks", controller=False, short_name="d"),
)
PLAIN = Project(
    name="web-operator",
    package="web_operator",
    domain="my.domain",
    opgen_version="0.1.0",
    opgen_requirement="opgen",
)
FULL = Project(
    name="a",
    package="b",
    domain="example.com",
    license="mit",
    owner="Jane {{ Roe }}",
    multigroup=True,
    ha=True,
    prometheus=True,
    network_policy=True,
    cert_manager=True,
    opgen_version="0.1.0",
    opgen_requirement="opgen @ git+https://example.com/{% x %}",
    opgen_wheel="opgen-0.1.0-py3-none-any.whl",
    resources=KINDS,
)


def test_the_installed_copier_is_one_that_is_tested():
    """Its first and its last release are named in opgen.scaffold.lean_copier."""
    assert lean_copier.is_tested(), version("copier")


@pytest.mark.parametrize("project", [PLAIN, FULL], ids=["plain", "full"])
def test_all_of_copier_renders_the_same(project, monkeypatch):
    templates = Templates(template_root())
    lean = everything(templates, project)
    monkeypatch.setattr(lean_copier, "_rendered_lean", render_in_a_process_of_its_own)
    assert everything(templates, project) == lean


WHOLE = """
import pickle, sys
from opgen.scaffold import lean_copier
lean_copier.is_tested = lambda: False
files = lean_copier.render(*pickle.load(sys.stdin.buffer))
assert "pydantic.main" in sys.modules
pickle.dump(files, sys.stdout.buffer)
"""


def render_in_a_process_of_its_own(template: Path, answers: dict[str, object]) -> dict[str, File]:
    """Have a copier render that was imported whole."""
    command = [sys.executable, "-W", "error", "-c", WHOLE]
    fed = pickle.dumps((template, answers))
    return pickle.loads(subprocess.run(command, input=fed, capture_output=True, check=True).stdout)


def test_what_a_person_told_copier_changes_nothing(tmp_path, monkeypatch):
    settings = tmp_path / "settings.yml"
    settings.write_text("defaults: {owner: Somebody else, project_name: other}\n")
    templates = Templates(template_root())
    before = everything(templates, PLAIN)
    monkeypatch.setenv("COPIER_SETTINGS_PATH", str(settings))
    assert everything(templates, PLAIN) == before


def test_one_file_for_each_of_several(tmp_path):
    """copier's tag `yield`, whose state must not outlive the part of a path that it is in."""
    folder = tmp_path / "template"
    (folder / "{% yield one from names.split() %}{{ one }}{% endyield %}/plain").mkdir(parents=True)
    (folder / "copier.yml").write_text("names: {type: str}\n")
    for path in list(folder.glob("*/plain")):
        (path / "same.txt.jinja").write_text("{{ one }}")
        (path / "again{{ names }}.txt").write_text("as it is")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    before = sorted(tmp_path.rglob("*"))
    for _ in range(2):
        assert lean_copier.render(folder, {"names": "a b"}) == {
            "a/plain/againa b.txt": File(b"as it is"),
            "a/plain/same.txt": File(b"a"),
            "b/plain/againa b.txt": File(b"as it is"),
            "b/plain/same.txt": File(b"b"),
            "run.sh": File(b"#!/bin/sh\n", executable=True),
        }
    assert sorted(tmp_path.rglob("*")) == before
