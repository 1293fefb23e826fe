"""Templates of one's own: they hide opgen's and add to them, and never leave their folder."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold.execute import execute
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.project import Project
from opgen.scaffold.update import update


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    return tmp_path / "work" / "web-operator"


@pytest.fixture
def overlay(tmp_path) -> Path:
    """An overlay beside the project's folder, with one file of each sort."""
    folder = tmp_path / "templates"
    for path, text in (
        ("project/template/Dockerfile.jinja", "FROM ours\n# {{ project_name }}\n"),
        ("project/template/CODEOWNERS", "* {{ nobody }}\n"),
        ("api/template/docs/{{ kind_lower }}.md.jinja", "# {{ kind }} of {{ group }}\n"),
        ("README.md", "Templates of our organisation.\n"),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def make(root: Path, overlay: Path | None = None) -> None:
    root.mkdir(parents=True, exist_ok=True)
    execute(init(root, InitOptions(template_overlay=overlay)))


def test_files_are_replaced_and_added(root, overlay):
    make(root, overlay)
    assert (root / "Dockerfile").read_text() == "FROM ours\n# web-operator\n"
    assert (root / "CODEOWNERS").read_text() == "* {{ nobody }}\n"
    assert "name: manager-role" in (root / "config/rbac/role_binding.yaml").read_text()


def test_it_is_recorded_and_used_ever_after(root, overlay):
    make(root, overlay)
    assert Project.load(root).overlay == "../../templates"
    execute(create_api(root, ApiOptions(version="v1", kind="Web")))
    assert (root / "docs/web.md").read_text() == "# Web of my.domain\n"
    assert not init(root, InitOptions()).changes
    assert not update(root).plan.changes


def test_a_changed_overlay_is_an_update(root, overlay, git):
    make(root, overlay)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    docker = root / "Dockerfile"
    docker.write_text("# mine\n" + docker.read_text())
    template = overlay / "project/template/Dockerfile.jinja"
    template.write_text(template.read_text() + "\n\nUSER 1\n")
    made = update(root)
    made.carry_out()
    assert docker.read_text() == "# mine\nFROM ours\n# web-operator\n\n\nUSER 1\n"


def test_a_template_without_the_suffix_takes_the_place_of_one_with_it(root, overlay):
    (overlay / "project/template/Makefile").write_text("all:\n\techo {{ plain }}\n")
    make(root, overlay)
    assert (root / "Makefile").read_text() == "all:\n\techo {{ plain }}\n"


def refused(root: Path, overlay: Path) -> str:
    with pytest.raises(Problems) as caught:
        init(root, InitOptions(template_overlay=overlay))
    assert not root.exists()
    return str(caught.value)


def test_a_missing_folder(root, tmp_path):
    assert refused(root, tmp_path / "nowhere") == (
        f"error: --template-overlay '{tmp_path}/nowhere' is no folder\n"
        "  hint: make it, with files as in project/template/Dockerfile.jinja, or leave it out"
    )


def test_links_are_refused(root, overlay, tmp_path):
    (tmp_path / "secret").write_text("secret\n")
    link = overlay / "project/template/link"
    link.symlink_to(tmp_path / "secret")
    assert refused(root, overlay) == (
        "error: --template-overlay: project/template/link is a symbolic link, and an overlay holds "
        f"only files\n  --> {link}\n  hint: replace the link by what it points to"
    )


@pytest.mark.parametrize(
    "place",
    ["project/copier.yml", "projekt/template/x", "project/Dockerfile", "api/insertions.yml"],
)
def test_misplaced_files_are_refused(root, overlay, place):
    (overlay / place).parent.mkdir(parents=True, exist_ok=True)
    (overlay / place).write_text("_tasks: [rm -rf /]\n")
    assert refused(root, overlay) == (
        f"error: --template-overlay: {place} is in no place that is rendered\n"
        f"  --> {overlay / place}\n"
        "  hint: put it below one of project/template/, api/template/, webhook/template/"
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("{{ '..' }}/outside", "x"),
        ("{{ ['..', '..', 'outside'] | join('%c' % 47) }}", "x"),
        ("{{ ['', 'tmp', 'opgen-outside'] | join('%c' % 47) }}", "x"),
        ("ok.jinja", "{{ undeclared }}"),
        ("ok.jinja", "{% syntax %}"),
        ("ok.jinja", "{{ ''.__class__.__mro__[1].__subclasses__() }}"),
        ("ok.jinja", "{% include '/etc/passwd' %}"),
        ("a{{ '|' }}b", "x"),
        ("trailing{{ '.' }}", "x"),
        ("Makefile/inside", "x"),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_templates_that_leave_the_folder_or_do_not_work(root, overlay, tmp_path, name, text):
    target = overlay / "project/template" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    before = sorted(path for path in tmp_path.rglob("*"))
    message = refused(root, overlay)
    assert message.startswith("error: the template overlay cannot be rendered: ")
    assert f"--> {overlay}/project/template" in message
    assert sorted(path for path in tmp_path.rglob("*")) == before
    assert not Path("/tmp/opgen-outside").exists()
    gc.collect()  # copier leaves folders open when a template fails


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_names_that_are_no_text_are_refused(root, overlay):
    place = os.fsencode(overlay / "project/template") + b"/\xfe.txt"
    Path(os.fsdecode(place)).write_text("x")
    assert refused(root, overlay).startswith(
        r"error: the template overlay cannot be rendered: the name '\udcfe.txt' holds bytes that "
        f"are no text\n  --> {overlay}/project/template\n  hint: mend the template"
    )


def test_an_overlay_that_is_gone_is_told(root, overlay):
    make(root, overlay)
    overlay.rename(overlay.with_name("elsewhere"))
    with pytest.raises(Problems) as caught:
        create_api(root, ApiOptions(version="v1", kind="Web"))
    assert "templateOverlay '" in str(caught.value)
    assert "--> PROJECT" in str(caught.value)
