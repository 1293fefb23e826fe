"""`opgen create api --from-crd`: a working project around a kind that exists already."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.shop.my.domain
spec:
  group: shop.my.domain
  names: {kind: Thing, listKind: ThingList, plural: things, singular: thing, shortNames: [th]}
  scope: Cluster
  versions:
  - name: v1beta1
    served: true
    storage: false
    schema: &schema
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          apiVersion: {type: string}
          kind: {type: string}
          metadata: {type: object}
          spec:
            type: object
            required: [size, zones]
            properties:
              size: {type: integer, minimum: 3}
              zones:
                type: array
                minItems: 2
                items: {type: string, pattern: '^zone-[a-z]$'}
                x-kubernetes-list-type: atomic
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
    subresources: &subresources {status: {}}
  - name: v1
    served: true
    storage: true
    schema: *schema
    subresources: *subresources
"""


@pytest.fixture
def crd(tmp_path: Path) -> Path:
    path = tmp_path / "thing.yaml"
    path.write_text(CRD)
    return path


def test_a_project_around_it(opgen, project, crd):
    finished = opgen("create", "api", "--from-crd", str(crd), cwd=project)
    assert finished.returncode == 0, finished.stderr
    assert "  edit webserver_operator/controllers/thing_controller.py\n" in finished.stderr
    same = opgen("diff", "crd", str(crd), "config/crd/bases/shop.my.domain_things.yaml",
                 "-o", "json", cwd=project)  # fmt: skip
    assert (same.returncode, json.loads(same.stdout)) == (0, [])
    resources = yaml.safe_load((project / "PROJECT").read_text())["resources"]
    told = [(one["version"], one["controller"], one["pattern"]) for one in resources]
    assert told == [("v1", True, "imported"), ("v1beta1", False, "imported")]
    sample = yaml.safe_load((project / "config/samples/v1_thing.yaml").read_text())
    assert sample["spec"] == {"size": 3, "zones": ["zone-a", "zone-a"]}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_again_and_after_edits(opgen, project, crd):
    create = ("create", "api", "--from-crd", str(crd), "--no-make")
    assert opgen(*create, cwd=project).returncode == 0
    again = opgen(*create, cwd=project)
    assert again.returncode == 0
    assert " unchanged (" in again.stderr
    assert not any(word in again.stderr for word in ("created", "updated", "extended"))
    controller = project / "webserver_operator/controllers/thing_controller.py"
    controller.write_text(controller.read_text() + "# mine\n")
    edited = opgen(*create, cwd=project)
    assert edited.returncode == 3
    updated = opgen("update", cwd=project)
    assert updated.returncode == 0, updated.stderr
    assert controller.read_text().endswith("# mine\n")
    assert (project / "webserver_operator/api/v1/thing_types.py").is_file()


def test_another_version_and_no_controller(opgen, project, crd):
    create = ("create", "api", "--from-crd", str(crd), "--no-make")
    assert opgen(*create, "--version", "v1beta1", cwd=project).returncode == 0
    text = (project / "webserver_operator/controllers/thing_controller.py").read_text()
    assert "from webserver_operator.api.v1beta1.thing_types import Thing" in text


def test_types_alone(opgen, project, crd):
    create = ("create", "api", "--from-crd", str(crd), "--no-make", "--no-controller")
    assert opgen(*create, cwd=project).returncode == 0
    assert not (project / "webserver_operator/controllers/thing_controller.py").exists()
    assert not (project / "tests/test_thing_controller.py").exists()


def test_dry_run(opgen, project, crd):
    before = sorted(project.rglob("*"))
    finished = opgen("create", "api", "--from-crd", str(crd), "--dry-run", cwd=project)
    assert finished.stderr.endswith("Dry run: nothing was written\n")
    assert sorted(project.rglob("*")) == before


REFUSED = [
    (
        CRD.replace("shop.my.domain", "shop.example.com"),
        (),
        1,
        "error: the group shop.example.com of things.shop.example.com is not below the project's "
        "domain my.domain\n  --> thing.yaml:1 spec.group\n  hint: make a project for it: opgen "
        "init --domain shop.example.com; or import the types alone: opgen import crd\n",
    ),
    (
        CRD,
        ("--version", "v7"),
        1,
        "error: --version v7: things.shop.my.domain has no such version, but v1beta1, v1\n"
        "  hint: pass one of them, or leave --version out\n",
    ),
    (
        CRD,
        ("--group", "x", "--plural", "y"),
        2,
        "error: --group does not go with --from-crd, which answers it\n"
        "  hint: leave it out; what is not as it should be is edited in the types\n"
        "error: --plural does not go with --from-crd, which answers it\n"
        "  hint: leave it out; what is not as it should be is edited in the types\n",
    ),
    (
        CRD + "---\n" + CRD.replace("things", "others").replace("hing", "ther"),
        (),
        1,
        "error: thing.yaml has 2 CRDs: things.shop.my.domain, others.shop.my.domain\n"
        "  hint: choose one with --kind\n",
    ),
    (
        CRD,
        ("--kind", "Other"),
        1,
        "error: --kind Other: there is no such CRD, but things.shop.my.domain\n"
        "  hint: pass one of them, or its kind\n",
    ),
    (
        "kind: Service\n",
        (),
        1,
        "error: thing.yaml has no CustomResourceDefinition, but Service\n  --> thing.yaml\n"
        "  hint: pass the manifest of a CustomResourceDefinition\n",
    ),
]


@pytest.mark.parametrize(("text", "options", "code", "message"), REFUSED)
def test_refused(opgen, project, text, options, code, message):
    (project / "thing.yaml").write_text(text)
    before = sorted(project.rglob("*"))
    finished = opgen("create", "api", "--from-crd", "thing.yaml", *options, cwd=project)
    assert (finished.returncode, finished.stderr) == (code, message)
    assert sorted(project.rglob("*")) == before


def test_a_kind_that_the_project_has(opgen, operator, crd):
    text = CRD.replace("shop.", "").replace("things", "webservers").replace("Thing", "WebServer")
    crd.write_text(text.replace("singular: thing", "singular: webserver"))
    finished = opgen("create", "api", "--from-crd", str(crd), cwd=operator)
    assert (finished.returncode, finished.stderr) == (
        1,
        "error: the project has WebServer v1 already, with types of its own\n"
        "  hint: compare the two with: opgen diff crd\n",
    )
