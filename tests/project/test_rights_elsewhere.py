"""Rights in a namespace that is not the operator's, as docs/deploying.md has them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.manifests.generate import generate
from opgen.scaffold.execute import execute
from opgen.scaffold.generated import generated_plan
from opgen.scaffold.project import Project

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


def test_a_namespace_is_warned_of_where_it_is_asked_for(made):
    ask(made, 'namespace="other"')
    project = Project.load(made.root)
    assert project is not None
    (problem,) = generate(made.root, project.package).problems
    assert problem.severity == "warning"
    assert "rights in the namespace 'other' alone" in problem.message
    assert problem.location is not None
    assert problem.location.file == "web_operator/controllers/webserver_controller.py"


def files_of_the_page() -> dict[str, str]:
    """The files that the page names in their first line."""
    text = DOCUMENT.read_text(encoding="utf-8").split("## Rights in another namespace")[1]
    blocks = re.findall(r"```yaml\n# (config/\S+)\n(.*?)```", text.split("\n## ")[0], re.S)
    return dict(blocks)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
@pytest.mark.parametrize("prefix", ["web-operator", "ours"])
def test_the_files_of_the_page_keep_a_role_where_it_was_asked_for(made, named, prefix):
    ask(made, 'namespace="other"')
    generated = generate(made.root, "web_operator")
    execute(generated_plan(made.root, generated.files))
    files = files_of_the_page()
    default = made.root / "config/default/kustomization.yaml"
    text = default.read_text().replace(" web-operator-", f" {prefix}-")
    default.write_text(text + files.pop("config/default/kustomization.yaml"))
    rbac = made.root / "config/rbac/kustomization.yaml"
    rbac.write_text(rbac.read_text() + "- other_role_binding.yaml\n")
    for path, content in files.items():
        (made.root / path).parent.mkdir(exist_ok=True)
        (made.root / path).write_text(content)
    documents = made.kustomize()
    role = named(documents, "Role", f"{prefix}-manager-role")
    binding = named(documents, "RoleBinding", f"{prefix}-other-rolebinding")
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "other"
    assert role["rules"] == [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}]
    assert binding["roleRef"]["name"] == role["metadata"]["name"]
    account = named(documents, "ServiceAccount", f"{prefix}-controller-manager")
    (subject,) = binding["subjects"]
    place = {name: account["metadata"][name] for name in ("name", "namespace")}
    assert subject == {"kind": "ServiceAccount", **place}
    others = [one for one in documents if one["metadata"].get("namespace") == "other"]
    assert len(others) == 2
