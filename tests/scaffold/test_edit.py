"""`opgen edit`: files move with what a person made of them, and imports follow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold.edit import edit
from opgen.scaffold.execute import Conflicts, execute
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.new_webhook import WebhookOptions, create_webhook
from opgen.scaffold.project import Project
from opgen.scaffold.relocation import reimport

APPS = "web_operator/api/v1/cache_types.py"
MOVED = "web_operator/api/apps/v1/cache_types.py"


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """A project with a kind in a group of its own and another one in the domain itself."""
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    root = tmp_path / "web-operator"
    execute(init(root, InitOptions(domain="my.domain")))
    execute(create_api(root, ApiOptions(version="v1", kind="Cache", group="apps")))
    execute(create_api(root, ApiOptions(version="v1", kind="Plain")))
    return root


def switch(root: Path, **switches: bool) -> None:
    execute(edit(root, switches))


def test_it_is_as_if_it_had_been_so_from_the_beginning(root, content, tmp_path):
    switch(root, multigroup=True, namespaced=True, ha=True)
    fresh = tmp_path / "fresh" / "web-operator"
    execute(init(fresh, InitOptions(domain="my.domain", multigroup=True, namespaced=True, ha=True)))
    execute(create_api(fresh, ApiOptions(version="v1", kind="Cache", group="apps")))
    execute(create_api(fresh, ApiOptions(version="v1", kind="Plain")))
    for one in (root, fresh):
        (one / "config/rbac/role.yaml").unlink()  # make manifests writes it
    assert content(root) == content(fresh)


def test_there_and_back_leaves_nothing(root, content):
    before = content(root)
    switch(root, multigroup=True)
    assert (root / MOVED).exists()
    assert not (root / APPS).exists()
    switch(root, multigroup=False)
    assert content(root) == before


def test_webhooks_move_too(root, content):
    options = WebhookOptions(version="v1", kind="Cache", group="apps", validation=True)
    execute(create_webhook(root, options))
    before = content(root)
    switch(root, multigroup=True)
    assert (root / "web_operator/webhooks/apps/v1/cache_webhook.py").exists()
    switch(root, multigroup=False)
    assert content(root) == before


def test_edits_move_along_and_imports_follow(root):
    types, controller = root / APPS, root / "web_operator/controllers/cache_controller.py"
    types.write_text(types.read_text() + "# mine\n")
    controller.write_text(
        controller.read_text().replace("from opgen.k8s", "from . import helpers\nfrom opgen.k8s")
    )
    (root / "web_operator/controllers/helpers.py").write_text(
        "from web_operator.api.v1 import cache_types, plain_types as p  # both\n"
        "from ..api.v1.cache_types import Cache\n"
        "import web_operator.api.v1.cache_types as c\n"
        'NAME = "web_operator.api.v1.cache_types:Cache"\n'
    )
    switch(root, multigroup=True)
    assert (root / MOVED).read_text().endswith("# mine\n")
    moved = (root / "web_operator/controllers/apps/cache_controller.py").read_text()
    assert "from web_operator.controllers import helpers\n" in moved
    assert "from web_operator.api.apps.v1.cache_types import Cache\n" in moved
    assert (root / "web_operator/controllers/helpers.py").read_text() == (
        "from web_operator.api.apps.v1 import cache_types\n"
        "from web_operator.api.v1 import plain_types as p  # both\n"
        "from web_operator.api.apps.v1.cache_types import Cache\n"
        "import web_operator.api.apps.v1.cache_types as c\n"
        'NAME = "web_operator.api.apps.v1.cache_types:Cache"\n'
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_module_whose_name_is_no_text_is_told(root, content):
    (root / "web_operator/api/v1/\udcff.py").write_text("")
    before = content(root)
    with pytest.raises(Problems) as caught:
        edit(root, {"multigroup": True})
    assert str(caught.value) == (
        r"error: the name 'web_operator/api/v1/\udcff.py' holds bytes that are no text"
        "\n  hint: rename it, or move it away"
    )
    assert content(root) == before


def test_a_persons_modules_go_where_their_package_goes(root):
    execute(create_api(root, ApiOptions(version="v2", kind="Only", group="apps")))
    (root / "web_operator/api/v2/mine.py").write_text("from .only_types import Only\n")
    switch(root, multigroup=True)
    assert (root / "web_operator/api/apps/v2/mine.py").read_text() == (
        "from web_operator.api.apps.v2.only_types import Only\n"
    )
    assert not (root / "web_operator/api/v2").exists()


def test_the_same_again_changes_nothing(root):
    switch(root, multigroup=True)
    assert not edit(root, {"multigroup": True}).changes


def test_other_options_change_only_what_follows_from_them(root):
    plan = edit(root, {"ha": True})
    assert sorted(action.path for action in plan.changes) == [
        "PROJECT",
        "config/manager/kustomization.yaml",
        "config/manager/manager.yaml",
        "config/manager/pod_disruption_budget.yaml",
    ]


def test_edited_files_are_merged_with_what_an_option_changes(root):
    manager = root / "config/manager/manager.yaml"
    manager.write_text(manager.read_text().replace("cpu: 500m", "cpu: 750m"))
    switch(root, ha=True)
    assert "cpu: 750m" in manager.read_text()
    assert "replicas: 2" in manager.read_text()


def test_a_file_in_the_way_is_a_conflict(root, content):
    (root / MOVED).parent.mkdir(parents=True)
    (root / MOVED).write_text("mine\n")
    before = content(root)
    with pytest.raises(Conflicts, match=f"{MOVED} is in the way: it exists, and {APPS} moves"):
        switch(root, multigroup=True)
    assert content(root) == before


def test_one_layout_for_equal_kinds_of_two_groups_is_refused(root, content):
    switch(root, multigroup=True)
    execute(create_api(root, ApiOptions(version="v1", kind="Cache", group="other")))
    before = content(root)
    with pytest.raises(Problems) as caught:
        switch(root, multigroup=False)
    assert str(caught.value) == (
        "error: --no-multigroup: groups 'apps' and 'other' both have the kind Cache, and their "
        "files would be the same\n"
        "  hint: leave --no-multigroup out"
    )
    assert content(root) == before


def test_what_does_not_go_with_one_namespace_is_refused(root):
    options = WebhookOptions(version="v1", kind="Plain", validation=True)
    execute(create_webhook(root, options))
    wide = ApiOptions(version="v1", kind="Wide", scope="Cluster", pattern="blank")
    execute(create_api(root, wide))
    with pytest.raises(Problems) as caught:
        switch(root, namespaced=True)
    assert [problem.message for problem in caught.value.problems] == [
        "--namespaced: Wide belong to no namespace, and an operator with rights in one namespace "
        "only cannot look at them",
    ]


def test_PROJECT_records_the_layout_and_the_files(root):
    switch(root, multigroup=True)
    project = Project.load(root)
    assert project.multigroup
    assert MOVED in project.files
    assert APPS not in project.files


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from p.old import m\n", "from p.new import m\n"),
        ("if x: from p.old import m, n; y = 1  # z\n",
         "if x: from p.new import m; from p.old import n; y = 1  # z\n"),
        ("def f():\n    from p.old import (\n        m,\n        n,\n    )  # c\n",
         "def f():\n    from p.new import m\n    from p.old import n  # c\n"),
        ("from p.older import m\np_old = 'xp.old.m p.old.mm'\n",
         "from p.older import m\np_old = 'xp.old.m p.old.mm'\n"),
        ("no python at all (p.old.m\n", "no python at all (p.old.m\n"),
        ("import p.old.m\np.old.m.f()\n", "import p.new.m\np.new.m.f()\n"),
    ],
)  # fmt: skip
def test_imports_follow(source, expected):
    assert reimport(source, "p/x.py", {"p.old.m": "p.new.m"}, moved=False) == expected
