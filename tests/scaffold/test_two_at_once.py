"""A command that another one overtakes writes nothing, so what the other wrote is not lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold import edit, new_api, new_project, new_webhook, removal, update
from opgen.scaffold.beside import editable_plan
from opgen.scaffold.execute import execute
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import Plan
from opgen.scaffold.project import Project
from opgen.scaffold.render import Template

FIRST = ("", "v1", "First")
ADMISSION = new_webhook.WebhookOptions(version="v1", kind="First", defaulting=True)


def chart(root: Path) -> Plan:
    tree = Tree(root)
    project = Project.load(tree)
    Template.render(None)  # where the others are overtaken
    return editable_plan(tree, project, "dist/chart", {"Chart.yaml": "name: web"})


COMMANDS: dict[str, Callable[[Path], Plan]] = {
    "init": lambda root: new_project.init(root, new_project.InitOptions(ha=True)),
    "create api": lambda root: new_api.create_api(root, kind("Third")),
    "create webhook": lambda root: new_webhook.create_webhook(root, ADMISSION),
    "destroy api": lambda root: removal.destroy_api(root, FIRST),
    "edit": lambda root: edit.edit(root, {"multigroup": True}),
    "update": lambda root: update.update(root).plan,
    "chart": chart,
}


def kind(name: str) -> new_api.ApiOptions:
    return new_api.ApiOptions(version="v1", kind=name)


@pytest.mark.parametrize("command", COMMANDS)
def test_what_another_command_wrote_is_not_lost(tmp_path, monkeypatch, content, command):
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    root = tmp_path / "web"
    root.mkdir()
    execute(new_project.init(root, new_project.InitOptions()))
    execute(new_api.create_api(root, kind("First")))
    if command == "update":  # which has to have something to do
        (root / "PROJECT").write_text((root / "PROJECT").read_text().replace("0.1.0", "0.0.9"))
    overtaking = new_api.create_api(root, kind("Second"))
    render = Template.render

    def overtaken(self: Template | None, *rest: object) -> object:
        monkeypatch.setattr(Template, "render", render)
        execute(overtaking)
        return render(self, *rest) if self else None

    monkeypatch.setattr(Template, "render", overtaken)
    plan = COMMANDS[command](root)
    assert any(one.path == "PROJECT" for one in plan.changes)
    before = content(root)
    with pytest.raises(Problems, match="PROJECT was changed while the command was running"):
        execute(plan)
    assert content(root) == before
    assert [one.kind for one in Project.load(root).resources] == ["First", "Second"]
