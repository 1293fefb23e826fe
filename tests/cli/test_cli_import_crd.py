"""`opgen import crd`: into a project, a folder or standard output, and what it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from opgen.testing.faults import Fault

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.my.domain
spec:
  group: my.domain
  names: {kind: Thing, listKind: ThingList, plural: things, singular: thing}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: &schema
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            description: ThingSpec says what is wanted.
            required: [size]
            properties:
              size: {type: integer, format: int32, minimum: 1}
              env:
                type: array
                items:
                  type: object
                  required: [name]
                  properties: {name: {type: string}, value: {type: string}}
        required: [spec]
"""
TYPES = '''\
"""The Thing API, version v1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Ge, Int32, resource


@dataclass(kw_only=True)
class ThingSpec:
    """ThingSpec says what is wanted."""

    size: Annotated[Int32, Ge(1)]
    env: list[Env] | None = None


@dataclass(kw_only=True)
class Env:
    name: str
    value: str | None = None
'''
SECOND = CRD.replace("things", "stuffs").replace("Thing", "Stuff").replace("thing", "stuff")
VERSION = """\
  - name: v2
    served: true
    storage: false
    schema: *schema
"""


@pytest.fixture
def crd(tmp_path: Path) -> Path:
    path = tmp_path / "thing.yaml"
    path.write_text(CRD)
    return path


def test_into_the_project_and_back(opgen, project, crd):
    finished = opgen("import", "crd", str(crd), cwd=project)
    assert finished.returncode == 0, finished.stderr
    package = next(path.parent for path in project.glob("*/__main__.py"))
    types = package / "api/v1/thing_types.py"
    assert f"    create  {types.relative_to(project)}\n" in finished.stderr
    assert TYPES.partition("\n\n\n")[2] in types.read_text()
    made = opgen("make", "manifests", cwd=project)
    assert made.returncode == 0, made.stderr
    again = project / "config/crd/bases/my.domain_things.yaml"
    compared = opgen("diff", "crd", str(crd), str(again), "--output", "json")
    assert (compared.returncode, json.loads(compared.stdout)) == (0, [])
    second = opgen("import", "crd", str(crd), cwd=project)
    assert (second.returncode, second.stderr.split(" (")[0]) == (0, "2 unchanged")


def test_edited_files_stay(opgen, project, crd):
    assert opgen("import", "crd", str(crd), cwd=project).returncode == 0
    (types,) = project.glob("*/api/v1/thing_types.py")
    types.write_text(types.read_text() + "# mine\n")
    crd.write_text(CRD.replace("minimum: 1", "minimum: 2"))
    finished = opgen("import", "crd", str(crd), cwd=project)
    assert finished.returncode == 3
    assert "thing_types.py  (it exists and opgen did not write it)" in finished.stderr
    assert types.read_text().endswith("# mine\n")


@pytest.mark.parametrize("flag", ["--dry-run", "--diff"])
def test_nothing_is_written(opgen, project, crd, flag):
    before = sorted(project.rglob("*"))
    finished = opgen("import", "crd", str(crd), flag, cwd=project)
    assert finished.returncode == 0
    assert finished.stderr.endswith("Dry run: nothing was written\n")
    assert sorted(project.rglob("*")) == before


def test_into_a_folder(opgen, crd, tmp_path):
    crd.write_text(CRD + VERSION + "---\n" + SECOND)
    finished = opgen("import", "crd", str(crd), "--to", "types", "--output", "json")
    assert [action["path"] for action in json.loads(finished.stdout)["actions"]] == [
        "stuff_v1.py", "thing_v1.py", "thing_v2.py",
    ]  # fmt: skip
    assert (tmp_path / "types/thing_v1.py").read_text().startswith("# ruff: noqa: D101\n" + TYPES)
    again = opgen("import", "crd", str(crd), "--to", "types")
    assert again.stderr.startswith("3 unchanged (")
    (tmp_path / "types/thing_v1.py").write_text("mine")
    kept = opgen("import", "crd", str(crd), "--to", "types")
    assert kept.returncode == 3
    assert (tmp_path / "types/thing_v1.py").read_text() == "mine"


def test_to_standard_output(opgen, crd):
    finished = opgen("import", "crd", str(crd), "--to", "-")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.startswith("# ruff: noqa: D101\n" + TYPES)


def test_from_standard_input_and_lists(tmp_path):
    items = json.dumps({"kind": "List", "apiVersion": "v1", "items": [yaml.safe_load(CRD)]})
    finished = subprocess.run(
        [sys.executable, "-m", "opgen", "import", "crd", "-", "--to", "-"],
        input=items, capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    assert "class ThingSpec:" in finished.stdout


def test_one_of_several(opgen, crd):
    crd.write_text(CRD + VERSION + "---\n" + SECOND)
    both = opgen("import", "crd", str(crd), "--to", "-")
    assert (both.returncode, both.stderr) == (
        2,
        "error: --to -: there are 3 modules: things.my.domain v1, things.my.domain v2, "
        "stuffs.my.domain v1\n  hint: choose one with --name and --version, or pass a folder\n",
    )
    for name in ("Stuff", "stuffs.my.domain"):
        one = opgen("import", "crd", str(crd), "--to", "-", "--name", name)
        assert '"""The Stuff API, version v1."""' in one.stdout
    second = opgen("import", "crd", str(crd), "--to", "-", "--name", "Thing", "--version", "v2")
    assert '"""The Thing API, version v2."""' in second.stdout


BAD = [
    (
        "kind: Service\n---\nkind: Deployment\n",
        "error: x.yaml has no CustomResourceDefinition, but Service, Deployment\n  --> x.yaml\n"
        "  hint: pass the manifest of a CustomResourceDefinition\n",
    ),
    (
        "",
        "error: x.yaml has no CustomResourceDefinition: it is empty\n  --> x.yaml\n"
        "  hint: pass the manifest of a CustomResourceDefinition\n",
    ),
    (
        "- 1\n",
        "error: x.yaml has no CustomResourceDefinition, but a list\n  --> x.yaml\n"
        "  hint: pass the manifest of a CustomResourceDefinition\n",
    ),
    (
        CRD.replace("io/v1\n", "io/v1beta1\n"),
        "error: CustomResourceDefinition things.my.domain is of apiextensions.k8s.io/v1beta1, "
        "which Kubernetes has not served since 1.22\n  --> x.yaml:1 apiVersion\n"
        "  hint: turn it into v1: put spec.validation into spec.versions[].schema.openAPIV3Schema, "
        "or apply it to a cluster of 1.16 to 1.21 and take what `kubectl get crd NAME -o yaml` "
        "prints\n",
    ),
    (
        CRD.replace("apiextensions.k8s.io/v1\n", "v1\n"),
        "error: CustomResourceDefinition things.my.domain has the apiVersion 'v1'\n"
        "  --> x.yaml:1 apiVersion\n  hint: write apiVersion: apiextensions.k8s.io/v1\n",
    ),
    (
        CRD.replace("  group: my.domain\n", "").replace("kind: Thing,", "kind: 3-Thing,"),
        "error: things.my.domain has no spec.group\n  --> x.yaml:1 spec.group\n"
        "  hint: write spec.group\n\n"
        "error: the kind '3-Thing' of things.my.domain is no name of a class in Python\n"
        "  --> x.yaml:1 spec.names.kind\n  hint: rename the kind\n",
    ),
    (
        CRD.partition("    schema:")[0],
        "error: things.my.domain has no spec.versions[0].schema.openAPIV3Schema\n"
        "  --> x.yaml:1 spec.versions[0].schema.openAPIV3Schema\n"
        "  hint: write spec.versions[0].schema.openAPIV3Schema with type: object\n",
    ),
    (
        CRD.replace("size: {type: integer, format: int32, minimum: 1}", "size: integer"),
        "error: properties.size: 'integer': cannot unmarshal into a field of type object\n"
        "  --> x.yaml:17 things.my.domain spec.versions[0].schema.openAPIV3Schema"
        ".properties[spec]\n  hint: write an object\n",
    ),
    (
        CRD.replace("storage: true", "storage: 'true'").replace("plural: things", "plural: [a]"),
        "error: ['a']: cannot unmarshal into a field of type string\n"
        "  --> x.yaml:7 things.my.domain spec.names.plural\n"
        "  hint: write a text, if need be in quotes\n\n"
        "error: 'true': cannot unmarshal into a field of type boolean\n"
        "  --> x.yaml:12 things.my.domain spec.versions[0].storage\n"
        "  hint: write true or false, no quotes\n",
    ),
    (
        CRD.replace("size: {type: integer, format: int32, minimum: 1}", "size:").replace(
            "    schema:", "    additionalPrinterColumns: [{name: A, type: date}]\n    schema:"
        ),
        "error: spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[size] of "
        "things.my.domain is null\n"
        "  --> x.yaml:1 spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[size]\n"
        "  hint: write something else\n\n"
        "error: things.my.domain has no spec.versions[0].additionalPrinterColumns[0].jsonPath\n"
        "  --> x.yaml:1 spec.versions[0].additionalPrinterColumns[0].jsonPath\n"
        "  hint: write jsonPath\n",
    ),
    (
        CRD.replace("kind: Thing,", "kind: None,"),
        "error: the kind 'None' of things.my.domain is no name of a class in Python\n"
        "  --> x.yaml:1 spec.names.kind\n  hint: rename the kind\n",
    ),
    (
        CRD.replace("kind: Thing,", "kind: Int32,"),
        "error: the kind Int32 has the name of something that its module imports\n"
        "  --> spec.names.kind\n  hint: rename the kind in a copy of the CRD, and import that\n",
    ),
    (
        "a: [1\n",
        "error: x.yaml is no YAML: did not find expected ',' or ']'\n  --> x.yaml:2\n"
        "  hint: mend the file\n",
    ),
]


def test_null_is_nothing(opgen, tmp_path):
    nothing = CRD.replace("minimum: 1}", "minimum: 1, maximum: null, default: null}").replace(
        "storage: true", "storage: true\n    deprecated: null\n    additionalPrinterColumns: null"
    )
    for name, text in (("a", CRD), ("b", nothing)):
        (tmp_path / f"{name}.yaml").write_text(text)
        opgen("import", "crd", f"{name}.yaml", "--to", name)
    (with_nulls,) = (tmp_path / "b").iterdir()
    assert with_nulls.read_text() == (tmp_path / "a" / with_nulls.name).read_text()


@pytest.mark.parametrize(("text", "message"), BAD)
def test_bad_files(opgen, tmp_path, text, message):
    (tmp_path / "x.yaml").write_text(text)
    finished = opgen("import", "crd", "x.yaml", "--to", "types")
    assert (finished.returncode, finished.stderr.replace("\n\n", "\n")) == (
        1,
        message.replace("\n\n", "\n"),
    )
    assert not (tmp_path / "types").exists()


def test_a_name_that_no_file_can_have(opgen):
    long = "a" * 300
    finished = opgen("import", "crd", long, "--to", "types")
    assert (finished.returncode, finished.stderr) == (
        1,
        f"error: {long} cannot be read: File name too long\n  hint: check its permissions\n",
    )


def test_all_that_is_wrong_with_several_files(opgen, tmp_path):
    (tmp_path / "folder").mkdir()
    finished = opgen("import", "crd", "no.yaml", "folder", "--to", "types")
    assert (finished.returncode, finished.stderr) == (
        1,
        "error: no.yaml does not exist\n  hint: pass the path of a file, or - for standard input\n"
        "error: folder is a folder\n  hint: pass its files: folder/*.yaml\n",
    )


def test_wrong_choices(opgen, crd):
    name = opgen("import", "crd", str(crd), "--to", "-", "--name", "Other")
    assert (name.returncode, name.stderr) == (
        1,
        "error: --name Other: there is no such CRD, but things.my.domain\n"
        "  hint: pass one of them, or its kind\n",
    )
    version = opgen("import", "crd", str(crd), "--to", "-", "--version", "v9")
    assert (version.returncode, version.stderr) == (
        1,
        "error: --version v9: there is no such version, but v1\n"
        "  hint: pass one of them, or leave --version out\n",
    )


def test_outside_of_a_project(opgen, crd):
    finished = opgen("import", "crd", str(crd))
    assert finished.returncode == 1
    assert "PROJECT" in finished.stderr


KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: prod
contexts:
- {name: prod, context: {cluster: c, user: u}}
clusters:
- {name: c, cluster: {server: "http://127.0.0.1:1"}}
users:
- {name: u, user: {}}
"""
NO_CLUSTER = [
    (
        [],
        {"KUBECONFIG": ""},
        "error: no kubeconfig found, and this is not a pod\n  --> {home}/.kube/config\n"
        "  hint: name one with --kubeconfig or KUBECONFIG, or create a cluster first\n",
    ),
    (
        [],
        {"KUBECONFIG": "none.yaml"},
        "error: cannot read the kubeconfig: No such file or directory\n  --> none.yaml\n"
        "  hint: name another one with --kubeconfig or KUBECONFIG\n",
    ),
    (
        ["--context", "other"],
        {"KUBECONFIG": "config.yaml"},
        "error: there is no context 'other' in the kubeconfig\n  --> config.yaml --context\n"
        "  hint: choose one of: prod\n",
    ),
    (
        [],
        {"KUBECONFIG": "config.yaml"},
        "Cluster: http://127.0.0.1:1 (context 'prod' of config.yaml)\n"
        "error: cannot reach the API server at http://127.0.0.1:1: [Errno 111] Connect call failed "
        "('127.0.0.1', 1)\n"
        "  hint: start the cluster, or pass another --context or --kubeconfig\n",
    ),
]


@pytest.mark.parametrize(("options", "env", "message"), NO_CLUSTER)
def test_no_cluster(opgen, tmp_path, options, env, message):
    (tmp_path / "config.yaml").write_text(KUBECONFIG)
    outside = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": ""}
    finished = opgen(
        "import", "crd", "things.my.domain", "--to", "-", *options, env={**outside, **env}
    )
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == message.format(home=tmp_path)


@pytest.mark.parametrize("word", ["things", "Thing", "Things.my.domain"])
def test_a_word_that_is_neither_file_nor_name(opgen, word):
    finished = opgen("import", "crd", word, "--to", "-")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == (
        f"error: {word} does not exist\n"
        "  hint: pass the path of a file, - for standard input, or the name of a CRD in the "
        "cluster, as kubectl get crd tells it\n"
    )


def test_from_a_cluster(opgen, kube, tmp_path):
    kube.apply(yaml.safe_load(CRD))
    config = {"KUBECONFIG": str(kube.kubeconfig)}
    finished = opgen("import", "crd", "things.my.domain", "--to", "-", env=config)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("# ruff: noqa: D101\n" + TYPES)
    missing = opgen("import", "crd", "others.my.domain", "--to", "-", env=config)
    assert missing.returncode == 1
    cluster = f"Cluster: {kube.config.server} (context 'opgen' of {kube.kubeconfig})\n"
    hint = "  hint: see what it has: kubectl get crd; or pass the path of a file\n"
    assert missing.stderr == f"{cluster}error: the cluster has no CRD others.my.domain\n{hint}"
    several = opgen(
        *("import", "crd", "others.my.domain", "things.my.domain", "more.my.domain", "no.yaml"),
        *("--to", "-"),
        env=config,
    )
    assert several.stderr == (
        f"{cluster}error: the cluster has no CRD others.my.domain\n{hint}"
        f"error: the cluster has no CRD more.my.domain\n{hint}"
        "error: no.yaml does not exist\n  hint: pass the path of a file, or - for standard input\n"
    )
    kube.faults.add(Fault(verb="get", resource="customresourcedefinitions", code=403))
    forbidden = opgen("import", "crd", "things.my.domain", "--to", "-", env=config)
    assert (forbidden.returncode, forbidden.stdout) == (1, "")
    assert forbidden.stderr == (
        f"{cluster}error: the API server at {kube.config.server} does not allow you to do that: "
        "injected fault: 403 Forbidden\n"
        "  hint: ask for the right to get customresourcedefinitions\n"
    )
