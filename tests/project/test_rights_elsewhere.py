"""Rights in a namespace that is not the operator's, as docs/deploying.md has them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.chart.files import Facts, chart_files
from opgen.manifests import elsewhere
from opgen.manifests.generate import ROLE

DOCUMENT = Path(__file__).parents[2] / "docs/deploying.md"
ASKED = 'rbac(groups=[""], resources=["configmaps"], verbs=["get"], {})'


def ask(made, more: str) -> None:
    """Let the controller of a new project ask for a right."""
    made.init()
    made.create()
    path = made.root / "web_operator/controllers/webserver_controller.py"
    text = path.read_text()
    for old, new in (
        ("import Context, controller\n", "import Context, controller, rbac\n"),
        ("@controller(WebServer, ", f"@controller(WebServer, rbac=[{ASKED.format(more)}], "),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def binding() -> dict[str, Any]:
    text = DOCUMENT.read_text(encoding="utf-8").split("## Rights in another namespace")[1]
    found = re.search(r"```yaml\n(.*?)```", text, re.S)
    assert found
    assert ASKED.format('role="reader"') in text
    document: dict[str, Any] = yaml.safe_load(found[1])
    return document


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
def test_the_binding_of_the_page_fits_what_kustomize_makes(made, named):
    ask(made, 'role="reader"')
    made.make_manifests()
    documents = made.kustomize()
    bound = binding()
    role = named(documents, "ClusterRole", bound["roleRef"]["name"])
    assert role["rules"] == [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    (subject,) = bound["subjects"]
    account = named(documents, "ServiceAccount", subject["name"])
    assert account["metadata"]["namespace"] == subject["namespace"]
    refs = [one["roleRef"]["name"] for one in documents if one["kind"].endswith("Binding")]
    assert role["metadata"]["name"] not in refs


def kept(made, prefix: str = "web-operator") -> list[dict[str, Any]]:
    """The objects of a project whose controller asks for a right in another namespace."""
    ask(made, 'namespace="other"')
    made.make_manifests()
    default = made.root / "config/default/kustomization.yaml"
    default.write_text(default.read_text().replace(" web-operator-", f" {prefix}-"))
    documents: list[dict[str, Any]] = made.kustomize()
    return documents


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
@pytest.mark.parametrize("prefix", ["web-operator", "ours"])
def test_a_role_stays_where_it_was_asked_for_and_is_bound(made, named, prefix):
    documents = kept(made, prefix)
    name = f"{prefix}-manager-role-other"
    role, binding = named(documents, "Role", name), named(documents, "RoleBinding", name)
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "other"
    assert role["rules"] == [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    assert binding["roleRef"]["name"] == name
    account = named(documents, "ServiceAccount", f"{prefix}-controller-manager")
    (subject,) = binding["subjects"]
    place = {key: account["metadata"][key] for key in ("name", "namespace")}
    assert subject == {"kind": "ServiceAccount", **place}
    others = [one for one in documents if one["metadata"].get("namespace") == "other"]
    assert len(others) == 2


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
def test_the_chart_leaves_it_there_too(made):
    files = chart_files(Facts(name="web-operator"), kept(made))
    role, binding = (
        files[f"templates/rbac/manager-role-other{end}.yaml"] for end in ("", "-rolebinding")
    )
    for text, kind in ((role, "Role"), (binding, "RoleBinding")):
        assert f"kind: {kind}\n" in text
        assert "\n  namespace: other\n" in text
    assert "\n  namespace: {{ .Release.Namespace }}\n" in binding


def test_when_nobody_asks_any_more_nothing_is_left(made):
    ask(made, 'namespace="other"')
    empty = made.read(elsewhere.PATH)
    made.make_manifests()
    assert "other" in made.read(ROLE)
    assert made.read(elsewhere.PATH) != empty
    code = made.root / "web_operator/controllers/webserver_controller.py"
    code.write_text(code.read_text().replace(f"rbac=[{ASKED}], ".format('namespace="other"'), ""))
    made.make_manifests()
    assert "other" not in made.read(ROLE)
    assert made.read(elsewhere.PATH) == empty


def test_a_project_without_the_file_gets_it_when_it_is_needed(made):
    """Those that an older opgen made."""
    made.init()
    (made.root / elsewhere.PATH).unlink()
    made.make_manifests()
    assert not (made.root / elsewhere.PATH).exists()
    ask(made, 'namespace="other"')
    (made.root / elsewhere.PATH).unlink()
    made.make_manifests()
    assert "back-to-other" in made.read(elsewhere.PATH)
