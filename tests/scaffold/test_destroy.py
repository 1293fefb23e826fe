"""`opgen destroy`: what create made goes without a trace, and what a person made of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold.crd_files import load
from opgen.scaffold.edit import edit
from opgen.scaffold.execute import Conflicts, execute
from opgen.scaffold.from_crd import create_from_crd
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.project import Project
from opgen.scaffold.removal import destroy_api


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    root = tmp_path / "web-operator"
    execute(init(root, InitOptions(domain="my.domain")))
    return root


def create(root: Path, kind: str = "WebServer", version: str = "v1", **more: str) -> None:
    execute(create_api(root, ApiOptions(version=version, kind=kind, **more)))


def destroy(root: Path, kind: str = "WebServer", version: str = "v1", **more: bool) -> None:
    execute(destroy_api(root, ("", version, kind), **more))


def test_create_and_destroy_leave_nothing(root, content):
    before = content(root)
    create(root)
    assert content(root) != before
    destroy(root)
    assert content(root) == before


@pytest.mark.parametrize("pattern", ["workload", "blank"])
def test_one_of_several_kinds_goes(root, content, pattern):
    create(root, "First")
    create(root, "Other", "v2")
    before = content(root)
    create(root, "Second", pattern=pattern)
    destroy(root, "Second")
    assert content(root) == before


def test_one_of_several_versions_goes(root, content):
    create(root, version="v1")
    before = content(root)
    create(root, version="v1beta1")
    destroy(root, version="v1beta1")
    assert content(root) == before


def test_another_version_is_stored_when_the_stored_one_goes(root):
    create(root, version="v1")
    create(root, version="v2")
    types = root / "web_operator/api/v2/webserver_types.py"
    assert "storage=False" in types.read_text()
    destroy(root, version="v1")
    assert "storage=True" in types.read_text()


def test_comments_in_PROJECT_and_lines_of_others_stay(root):
    create(root, "First")
    project, shared = root / "PROJECT", root / "config/crd/kustomization.yaml"
    project.write_text(project.read_text().replace("domain:", "# ours\ndomain:"))
    shared.write_text(shared.read_text() + "- mine.yaml\n")
    before = project.read_text(), shared.read_text()
    create(root, "Second")
    destroy(root, "Second")
    assert (project.read_text(), shared.read_text()) == before


def test_edited_files_are_listed_and_nothing_goes(root, content):
    create(root)
    for path in ("web_operator/api/v1/webserver_types.py", "tests/test_webserver_controller.py"):
        (root / path).write_text("mine\n")
    before = content(root)
    with pytest.raises(Conflicts) as caught:
        destroy(root)
    assert content(root) == before
    assert str(caught.value) == (
        "error: tests/test_webserver_controller.py would be deleted, and you edited it\n"
        "  --> tests/test_webserver_controller.py\n"
        "  hint: pass --force to delete it all the same (a copy is kept beside it)\n"
        "\n"
        "error: web_operator/api/v1/webserver_types.py would be deleted, and you edited it\n"
        "  --> web_operator/api/v1/webserver_types.py\n"
        "  hint: pass --force to delete it all the same (a copy is kept beside it)"
    )


def test_force_deletes_edited_files_and_keeps_copies(root):
    create(root)
    types = root / "web_operator/api/v1/webserver_types.py"
    types.write_text("mine\n")
    plan = destroy_api(root, ("", "v1", "WebServer"), force=True)
    execute(plan)
    assert not types.exists()
    assert types.with_name("webserver_types.py.opgen-old").read_text() == "mine\n"
    assert {one.path: one.backup for one in plan.actions if one.backup} == {
        "web_operator/api/v1/webserver_types.py": (
            "web_operator/api/v1/webserver_types.py.opgen-old"
        )
    }


def test_a_file_that_is_gone_already_is_no_matter(root, content):
    before = content(root)
    create(root)
    (root / "config/samples/v1_webserver.yaml").unlink()
    destroy(root)
    assert content(root) == before


def test_the_generated_crd_goes_with_the_last_version(root):
    create(root, version="v1")
    create(root, version="v2")
    crd = root / "config/crd/bases/my.domain_webservers.yaml"
    crd.parent.mkdir()
    crd.write_text("generated\n")
    destroy(root, version="v1")
    assert crd.exists()
    destroy(root, version="v2")
    assert not crd.exists()


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            ("", "v1", "Webserver"),
            "error: the project has no kind with --version v1 --kind Webserver\n"
            "  hint: did you mean --version v1 --kind WebServer?",
        ),
        (
            ("x", "v7", "Z"),
            "error: the project has no kind with --group x --version v7 --kind Z\n"
            "  hint: opgen list shows the kinds of the project",
        ),
    ],
)
def test_an_unknown_kind(root, content, key, message):
    create(root)
    before = content(root)
    with pytest.raises(Problems) as caught:
        destroy_api(root, key)
    assert str(caught.value) == message
    assert content(root) == before


def test_PROJECT_knows_nothing_of_it_any_more(root):
    create(root)
    destroy(root)
    project = Project.load(root)
    assert project.resources == ()
    assert not [path for path in project.files if "webserver" in path]


CRD = Path(__file__).parents[2] / "examples/webserver-operator/config/crd/bases"


@pytest.fixture
def imported(tmp_path, monkeypatch) -> Path:
    """A project with a kind that was made from a CRD, in a group of its own."""
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    root = tmp_path / "web-operator"
    execute(init(root, InitOptions(domain="domain")))
    [file] = CRD.iterdir()
    [crd] = load(str(file))
    execute(create_from_crd(root, crd))
    return root


def test_an_imported_kind_is_the_persons_and_goes_by_force_only(imported):
    types = imported / "web_operator/api/v1/webserver_types.py"
    text = types.read_text()
    with pytest.raises(Conflicts) as caught:
        execute(destroy_api(imported, ("my", "v1", "WebServer")))
    told = {problem.location.file for problem in caught.value.problems}
    assert "web_operator/api/v1/webserver_types.py" in told
    assert "config/samples/v1_webserver.yaml" in told
    execute(destroy_api(imported, ("my", "v1", "WebServer"), force=True))
    assert not types.exists()
    assert types.with_name("webserver_types.py.opgen-old").read_text() == text


def test_an_imported_kind_moves_too(imported):
    execute(edit(imported, {"multigroup": True}))
    assert (imported / "web_operator/api/my/v1/webserver_types.py").exists()
    controller = imported / "web_operator/controllers/my/webserver_controller.py"
    assert "from web_operator.api.my.v1.webserver_types import" in controller.read_text()
    assert (imported / "config/samples/my_v1_webserver.yaml").exists()
    assert (imported / "tests/test_my_webserver_controller.py").exists()
