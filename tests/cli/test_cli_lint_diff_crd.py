"""`opgen lint crd` and `opgen diff crd`: results, formats, exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from opgen.scaffold.crd_lint import lint

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
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, minimum: 1}
              mode: {type: string}
"""
WRONG = CRD.replace("scope: Namespaced", "scope: Global").replace("type: string", "type: text")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(CRD)
    (tmp_path / "wrong.yaml").write_text("---\n" + WRONG)
    narrowed = CRD.replace("minimum: 1", "minimum: 2")
    narrowed = narrowed.replace("mode: {type: string}", "new: {type: string}")
    (tmp_path / "narrowed.yaml").write_text(narrowed)
    return tmp_path


def test_lint_good(opgen, files):
    finished = opgen("lint", "crd", "good.yaml")
    assert (finished.returncode, finished.stdout) == (0, "")
    assert finished.stderr == "1 CRD, 0 errors, 0 warnings\n"


def test_lint_wrong(opgen, files):
    finished = opgen("lint", "crd", "good.yaml", "wrong.yaml")
    assert finished.returncode == 1
    first = 'error: Unsupported value: \'Global\': supported values: "Cluster", "Namespaced"'
    assert finished.stdout.startswith(
        f"{first}\n  --> wrong.yaml:9 things.my.domain spec.scope\n  hint: "
    )
    assert "--> wrong.yaml:22 things.my.domain spec.versions[0].schema" in finished.stdout
    assert finished.stderr == "2 CRDs, 2 errors, 0 warnings\n"


def test_lint_as_json(opgen, files):
    finished = opgen("lint", "crd", "wrong.yaml", "--output", "json")
    scope, kind = json.loads(finished.stdout)
    assert scope | {"hint": ""} == {
        "crd": "things.my.domain",
        "rule": "R3",
        "severity": "error",
        "message": 'Unsupported value: \'Global\': supported values: "Cluster", "Namespaced"',
        "file": "wrong.yaml",
        "line": 9,
        "field": "spec.scope",
        "hint": "",
    }
    assert (kind["line"], kind["rule"]) == (22, "R23")


def test_lint_tells_once_what_concerns_the_run(files, monkeypatch):
    monkeypatch.setattr("opgen.cel.installed", lambda: False)
    ruled = CRD.replace("minimum: 1", "x-kubernetes-validations: [{rule: self > 0}]")
    sources = []
    for name in ("thing", "stuff"):
        path = files / f"{name}.yaml"
        path.write_text(ruled.replace("thing", name).replace("Thing", name.capitalize()))
        sources.append(str(path))
    count, found = lint(sources)
    assert count == 2
    assert [(one.crd, one.rule, one.problem.severity) for one in found] == [
        ("things.my.domain", "R47", "warning")
    ]


def test_lint_warnings_fail_when_strict(opgen, files):
    (files / "float.yaml").write_text(CRD.replace("type: integer, minimum: 1", "type: number"))
    big = CRD.replace("type: string}", f'type: string, description: "{"x" * 300_000}"}}')
    (files / "big.yaml").write_text(big)
    plain = opgen("lint", "crd", "big.yaml")
    assert (plain.returncode, plain.stderr) == (0, "1 CRD, 0 errors, 1 warning\n")
    assert plain.stdout.startswith("warning: the CRD has 3")
    strict = opgen("lint", "crd", "big.yaml", "--strict")
    assert (strict.returncode, strict.stdout) == (1, plain.stdout)


def test_lint_for_an_older_kubernetes(opgen, files):
    fields = "    storage: true\n    selectableFields: [{jsonPath: .spec.mode}]\n"
    (files / "new.yaml").write_text(CRD.replace("    storage: true\n", fields))
    assert opgen("lint", "crd", "new.yaml").returncode == 0
    older = opgen("lint", "crd", "new.yaml", "--kube-version", "1.29")
    assert older.returncode == 1
    assert "--> new.yaml:13 things.my.domain spec.versions[0].selectableFields" in older.stdout
    wrong = opgen("lint", "crd", "new.yaml", "--kube-version", "new")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "error: --kube-version: 'new' is no version of Kubernetes\n"
        "  hint: write a minor version of Kubernetes, such as 1.30\n",
    )


def test_lint_tells_all_unreadable_files(opgen, files):
    (files / "old.yaml").write_text(CRD.replace("io/v1", "io/v1beta1"))
    finished = opgen("lint", "crd", "good.yaml", "no.yaml", "old.yaml")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith("error: no.yaml does not exist\n")
    assert "is of apiextensions.k8s.io/v1beta1, which" in finished.stderr


def test_lint_tells_what_is_wrong_with_all_files(opgen, files):
    (files / "a.yaml").write_text(CRD.replace("  group: my.domain\n", ""))
    (files / "b.yaml").write_text(CRD.replace("storage: true", "storage: yes please"))
    (files / "c.yaml").write_text(CRD.replace("kind: Thing,", "kind: None,"))
    finished = opgen("lint", "crd", "a.yaml", "b.yaml", "c.yaml")
    assert finished.returncode == 1
    assert "--> a.yaml:5 things.my.domain spec.group" in finished.stdout
    assert "'yes please': cannot unmarshal into a field of type boolean" in finished.stdout
    assert "c.yaml" not in finished.stdout
    assert finished.stderr == "3 CRDs, 3 errors, 0 warnings\n"


NO_CRDS = {
    "broken": ("a: [1\n", "x.yaml is no YAML: did not find expected ',' or ']'\n  --> x.yaml:2\n"),
    "empty": ("", "x.yaml has no CustomResourceDefinition: it is empty\n  --> x.yaml\n"),
    "another kind": (
        "kind: ConfigMap\n",
        "x.yaml has no CustomResourceDefinition, but ConfigMap\n  --> x.yaml\n",
    ),
    "several, one of them old": (
        f"kind: ConfigMap\n---\n- a\n---\n{CRD.replace('io/v1', 'io/v1beta1')}",
        "CustomResourceDefinition things.my.domain is of apiextensions.k8s.io/v1beta1, which "
        "Kubernetes has not served since 1.22\n  --> x.yaml:5 apiVersion\n",
    ),
    "no text": ("\udcff", "x.yaml is not in UTF-8\n  --> x.yaml:1\n"),
}


@pytest.mark.parametrize("case", NO_CRDS)
def test_lint_of_what_is_no_crd(opgen, tmp_path, case):
    text, message = NO_CRDS[case]
    (tmp_path / "x.yaml").write_bytes(text.encode(errors="surrogateescape"))
    finished = opgen("lint", "crd", "x.yaml")
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith(f"error: {message}  hint: "), finished.stderr
    assert finished.stderr.count("error: ") == 1


TABLE = """\
CHANGE       CRD                FIELD            WHAT
breaking     things.my.domain   v1: .spec.mode   the field is gone
compatible   things.my.domain   v1: .spec.new    the field is new
breaking     things.my.domain   v1: .spec.size   minimum was 1 and is 2
"""
MARKDOWN = """\
### things.my.domain

| change | field | what |
|---|---|---|
| **breaking** | `v1: .spec.mode` | the field is gone |
| compatible | `v1: .spec.new` | the field is new |
| **breaking** | `v1: .spec.size` | minimum was 1 and is 2 |
"""


def test_diff(opgen, files):
    finished = opgen("diff", "crd", "good.yaml", "narrowed.yaml")
    assert (finished.returncode, finished.stdout) == (3, TABLE)
    assert finished.stderr == "2 breaking, 1 compatible changes\n"


def test_diff_as_markdown(opgen, files):
    finished = opgen("diff", "crd", "good.yaml", "narrowed.yaml", "-o", "markdown")
    assert (finished.returncode, finished.stdout) == (3, MARKDOWN)
    same = opgen("diff", "crd", "good.yaml", "good.yaml", "-o", "markdown")
    assert (same.returncode, same.stdout) == (0, "No changes.\n")


def test_diff_as_json(opgen, files):
    finished = opgen("diff", "crd", "good.yaml", "narrowed.yaml", "-o", "json")
    assert json.loads(finished.stdout)[0] == {
        "crd": "things.my.domain",
        "severity": "breaking",
        "path": "v1: .spec.mode",
        "message": "the field is gone",
    }


def test_diff_of_what_is_gone_and_new(opgen, files):
    other = CRD.replace("things", "others").replace("hing", "ther")
    (files / "other.yaml").write_text(other)
    finished = opgen("diff", "crd", "good.yaml", "other.yaml")
    assert finished.returncode == 3
    assert "compatible   others.my.domain   -       the CRD is new\n" in finished.stdout
    assert "breaking     things.my.domain   -       the CRD is gone\n" in finished.stdout


def test_compatible_changes_end_with_0(opgen, files):
    (files / "wider.yaml").write_text(CRD.replace("minimum: 1", "minimum: 0"))
    finished = opgen("diff", "crd", "good.yaml", "wider.yaml")
    assert (finished.returncode, finished.stderr) == (0, "0 breaking, 1 compatible changes\n")


def test_diff_with_git(opgen, files):
    for arguments in (
        ("init", "-q"),
        ("add", "good.yaml"),
        ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "first"),
    ):
        subprocess.run(["git", *arguments], cwd=files, check=True)
    (files / "good.yaml").write_text((files / "narrowed.yaml").read_text())
    finished = opgen("diff", "crd", "HEAD:good.yaml", "good.yaml")
    assert (finished.returncode, finished.stdout) == (3, TABLE)
    wrong = opgen("diff", "crd", "nowhere:good.yaml", "good.yaml")
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "error: nowhere:good.yaml cannot be read: invalid object name 'nowhere'.\n  hint: pass a "
        "file, or a revision of git and a path in it, as in main:config/crd.yaml\n",
    )


def test_standard_input_serves_once(opgen, files):
    finished = opgen("diff", "crd", "-", "-")
    assert (finished.returncode, finished.stderr) == (
        2,
        "error: only one of OLD and NEW can be -\n  hint: pass a file for the other\n",
    )
