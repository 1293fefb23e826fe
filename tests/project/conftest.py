"""Generated projects, made in this process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.manifests.generate import Options, generate
from opgen.scaffold.execute import execute
from opgen.scaffold.generated import generated_plan
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.new_webhook import WebhookOptions, create_webhook
from opgen.scaffold.project import Project

Document = dict[str, Any]


class Made:
    """A project in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def init(self, **options: Any) -> None:
        execute(init(self.root, InitOptions(**options)))

    def create(self, kind: str = "WebServer", version: str = "v1", **options: Any) -> None:
        execute(create_api(self.root, ApiOptions(kind=kind, version=version, **options)))

    def webhook(self, kind: str = "WebServer", version: str = "v1", **options: Any) -> None:
        execute(create_webhook(self.root, WebhookOptions(kind=kind, version=version, **options)))

    def make_manifests(self) -> None:
        project = Project.load(self.root)
        assert project is not None
        options = Options(namespaced=project.namespaced, webhook_service=project.webhook_service)
        generated = generate(self.root, project.package, options)
        assert not generated.problems
        execute(generated_plan(self.root, generated.files, generated.removed))

    def read(self, path: str) -> str:
        return (self.root / path).read_text()

    def kustomize(self, folder: str = "config/default") -> list[Document]:
        """The objects of a kustomization; there must be no warning."""
        command = ["kubectl", "kustomize", folder]
        finished = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        assert (finished.returncode, finished.stderr) == (0, "")
        return [document for document in yaml.safe_load_all(finished.stdout) if document]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A folder for a project; nothing is made yet."""
    root = tmp_path / "web-operator"
    root.mkdir()
    return Made(root)


@pytest.fixture
def named() -> Callable[[list[Document], str, str], Document]:
    """Picks the object of a kind and name out of many."""

    def pick(documents: list[Document], kind: str, name: str) -> Document:
        found = [one for one in documents if (one["kind"], one["metadata"]["name"]) == (kind, name)]
        assert len(found) == 1, f"{kind} {name}: {json.dumps(found)}"
        return found[0]

    return pick
