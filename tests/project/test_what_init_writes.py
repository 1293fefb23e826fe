"""Files beside the manifests: the image, the licence, what helps people and machines to work."""

from __future__ import annotations

import json
import re

import pytest
import yaml


def test_the_image_has_a_base_to_pin_labels_and_a_user_of_no_rights(made):
    made.init(license="mit", owner="Some One")
    text = made.read("Dockerfile")
    base, build, image = re.findall(r"^(?:ARG BASE_IMAGE=|FROM )(.+)$", text, re.M)
    assert base.startswith("python:3.")
    assert (build, image) == ("${BUILD_IMAGE} AS build", "${BASE_IMAGE}")
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', text))
    assert labels == {
        "title": "web-operator",
        "description": "A Kubernetes operator",
        "vendor": "Some One",
        "licenses": "MIT",
        "version": "${VERSION}",
        "revision": "${REVISION}",
    }
    assert re.search(r"^USER 65532:65532$", text, re.M)
    last = text[text.rindex("\nFROM ") :]
    assert not re.search(r"^RUN ", last, re.M), "nothing is run in the image itself"


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({"license": "none"}, ""),
        ({"license": "mit", "owner": "A"}, "# Copyright A\n# SPDX-License-Identifier: MIT\n"),
        ({"license": "apache2"}, "# SPDX-License-Identifier: Apache-2.0\n"),
    ],
    ids=lambda value: value["license"] if isinstance(value, dict) else "",
)
def test_every_module_says_the_licence_that_was_chosen(made, options, header):
    made.init(**options)
    made.create()
    made.webhook(defaulting=True, validation=True)
    modules = [path for path in made.root.rglob("*.py") if "vendor" not in path.parts]
    assert len(modules) > 10
    for module in modules:
        text = module.read_text()
        assert text.startswith(header), module
        assert header or "SPDX" not in text, module


def test_workflows_hooks_and_updates_of_dependencies(made):
    made.init()
    workflows = {path.name for path in (made.root / ".github/workflows").iterdir()}
    assert workflows == {"lint.yml", "test.yml", "test-e2e.yml", "release.yml"}
    for name in workflows:
        assert yaml.safe_load(made.read(f".github/workflows/{name}"))["jobs"]
    updates = yaml.safe_load(made.read(".github/dependabot.yml"))["updates"]
    ecosystems = {one["package-ecosystem"] for one in updates}
    assert {"github-actions", "uv", "docker"} <= ecosystems
    assert yaml.safe_load(made.read(".pre-commit-config.yaml"))["repos"]
    assert json.loads(made.read(".devcontainer/devcontainer.json"))["name"]


def test_pages_for_contributors_name_commands_that_exist(made):
    made.init()
    targets = set(re.findall(r"^([a-z0-9-]+):", made.read("Makefile"), re.M))
    for page in ("AGENTS.md", "CONTRIBUTING.md", "README.md"):
        named = set(re.findall(r"`make ([a-z0-9-]+)", made.read(page)))
        named |= set(re.findall(r"^make ([a-z0-9-]+)", made.read(page), re.M))
        assert named, page
        assert named <= targets, page
