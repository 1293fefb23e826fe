"""`init` and `create_api` with the real templates."""

from __future__ import annotations

import re

import pytest
import yaml

from opgen.api import Problems
from opgen.manifests.generate import generate
from opgen.scaffold.execute import execute
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.plan import Verb
from opgen.scaffold.project import Project

WEB = ApiOptions(version="v1", kind="WebServer")


@pytest.fixture
def project(tmp_path):
    root = tmp_path / "webserver-operator"
    execute(init(root, InitOptions(owner="Jane Roe")))
    return root


def create(root, **options):
    plan = create_api(root, ApiOptions(**{"version": "v1", "kind": "WebServer", **options}))
    execute(plan)
    return plan


def test_everything_twice_changes_nothing(project, content):
    create(project)
    before = content(project)
    for plan in (init(project, InitOptions()), create_api(project, WEB)):
        assert set(plan.counts()) == {Verb.IDENTICAL}
        execute(plan)
    assert content(project) == before


def test_changed_answers_change_just_that(project):
    create(project)
    plan = create_api(project, ApiOptions(version="v1", kind="WebServer", plural="webs"))
    execute(plan)
    lines = (project / "config/crd/kustomization.yaml").read_text()
    assert "my.domain_webs.yaml" in lines
    assert "webservers" not in lines
    assert set(init(project, InitOptions()).counts()) == {Verb.IDENTICAL}


def test_edits_stay(project):
    create(project)
    types = project / "webserver_operator/api/v1/webserver_types.py"
    shared = project / "config/crd/kustomization.yaml"
    for path in (types, shared):
        path.write_text(path.read_text() + "# mine\n")
    create(project, kind="Other")
    assert not init(project, InitOptions()).changes
    plan = create_api(project, WEB)
    skipped = [action.path for action in plan.actions if action.verb is Verb.SKIP]
    assert skipped == ["webserver_operator/api/v1/webserver_types.py"]
    assert shared.read_text().endswith("# mine\n")
    assert "my.domain_others.yaml" in shared.read_text()


def test_force_keeps_the_old_file(project):
    create(project)
    types = project / "webserver_operator/api/v1/webserver_types.py"
    ours = types.read_text()
    types.write_text("mine")
    execute(create_api(project, WEB, force=True))
    assert types.read_text() == ours
    assert types.with_name("webserver_types.py.opgen-old").read_text() == "mine"


def test_a_file_in_the_way_is_a_conflict(tmp_path, content):
    (tmp_path / "Makefile").write_text("mine")
    (tmp_path / "README.md").write_text("mine")
    plan = init(tmp_path, InitOptions(project_name="web"))
    assert [action.path for action in plan.conflicts] == ["Makefile"]
    with pytest.raises(Problems, match="Makefile is in the way"):
        execute(plan)
    assert set(content(tmp_path)) == {"Makefile", "README.md"}


def test_a_missing_marker_is_told_and_nothing_is_written(project, content):
    shared = project / "config/crd/kustomization.yaml"
    shared.write_text(shared.read_text().replace("# +opgen:scaffold:crd", ""))
    before = content(project)
    with pytest.raises(Problems) as caught:
        create_api(project, WEB)
    assert str(caught.value) == (
        "error: config/crd/kustomization.yaml has no line '# +opgen:scaffold:crd', so opgen "
        "cannot tell where '- bases/my.domain_webservers.yaml' belongs\n"
        "  --> config/crd/kustomization.yaml\n"
        "  hint: add the line # +opgen:scaffold:crd at the end of the list, or add "
        "- bases/my.domain_webservers.yaml yourself"
    )
    assert content(project) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "Webserver"}, "--kind 'Webserver' differs from 'WebServer', which the project"),
        ({"group": "apps"}, "--group 'apps': the project has WebServer v1 in group ''"),
        ({"kind": "Other", "plural": "webservers"}, "--plural 'webservers' is the plural of"),
        ({"kind": "WebServerList"}, "one is the name of the other's list"),
        ({"version": "v2", "plural": "webs"}, "--plural 'webs' differs from 'webservers'"),
        ({"version": "v2", "controller": True}, "has the controller of this kind already"),
        (
            {"kind": "Other", "scope": "Cluster"},
            "--scope Cluster does not go with --pattern workload: a Deployment needs a namespace",
        ),
        ({"version": "v2", "resource": False}, "the project has no types of WebServer v2"),
        (
            {"kind": "Other", "resource": False, "controller": False},
            "--no-resource and --no-controller leave nothing to create",
        ),
    ],
)
def test_what_does_not_go_together(project, options, message):
    create(project)
    with pytest.raises(Problems) as caught:
        create(project, **options)
    assert message in str(caught.value)


def test_a_second_version_shares_the_controller(project):
    create(project)
    plan = create(project, version="v1beta1")
    assert not any("controllers/" in action.path for action in plan.changes)
    assert [one.controller for one in Project.load(project).resources] == [True, False]


def test_only_the_first_version_of_a_kind_is_stored(project):
    create(project)
    create(project, version="v2")
    stored = {
        version: re.findall(
            r"storage=(\w+)",
            (project / f"webserver_operator/api/{version}/webserver_types.py").read_text(),
        )
        for version in ("v1", "v2")
    }
    assert stored == {"v1": ["True"], "v2": ["False"]}
    for version in ("v1", "v2"):
        assert not create(project, version=version).changes
    generated = generate(project, "webserver_operator")
    assert generated.problems == ()
    crd = yaml.safe_load(generated.files["config/crd/bases/my.domain_webservers.yaml"])
    versions = [(one["name"], one["served"], one["storage"]) for one in crd["spec"]["versions"]]
    assert versions == [("v1", True, True), ("v2", True, False)]


def test_the_package_and_the_domain_of_kinds_are_fixed(project):
    create(project)
    with pytest.raises(Problems) as caught:
        init(project, InitOptions(package="other", domain="other.domain"))
    assert len(caught.value.problems) == 2


def test_the_folders_name_is_told_where_it_is_to_blame(tmp_path):
    with pytest.raises(Problems) as caught:
        init(tmp_path / "123", InitOptions())
    assert "--project-name (from the folder's name) '123' is no valid" in str(caught.value)
    assert not (tmp_path / "123").exists()
