"""Rights in a namespace that is not the operator's, as docs/deploying.md has them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.manifests.generate import generate
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
