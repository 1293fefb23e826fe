"""What checkov says of a generated project: nothing but what is said here with its reason.

checkov pins everything that it needs, so it is installed into an environment of its own in the
user's cache, once for each version.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from opgen.chart import objects
from opgen.chart.files import Facts, chart_files, collect
from opgen.scaffold.project import Project

VERSION = "3.3.30"
FRAMEWORKS = ("dockerfile", "github_actions", "kubernetes")
ACCEPTED = {
    "CKV_DOCKER_2": "the kubelet probes the operator, and has no use for HEALTHCHECK",
    "CKV_DOCKER_7": "FROM has a variable, whose default has a tag; it is there to pin a digest",
    "CKV_K8S_15": "an image that was loaded into kind is nowhere to be pulled from",
    "CKV_K8S_38": "an operator speaks to the API server with the token of its ServiceAccount",
    "CKV_K8S_40": "the image has the user 65532, and OpenShift chooses another one",
    "CKV_K8S_43": "the image is that of the person, who passes it with a digest or without one",
    "CKV_K8S_49": "the role `admin` of a kind is there to allow everything with this kind",
    "CKV2_K8S_6": "network policies are an option",
}
"""The findings, and why they stay."""

pytestmark = pytest.mark.skipif(
    os.environ.get("OPGEN_TEST_INDEX") != "1",
    reason="OPGEN_TEST_INDEX=1 is not set: no package index may be asked",
)


@pytest.fixture(scope="session")
def checkov() -> Path:
    """The interpreter of an environment with checkov."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    version = "{}.{}".format(*sys.version_info)
    folder = cache / f"opgen/checkov/{VERSION}-python{version}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        quiet = ("--quiet", "--disable-pip-version-check", "--only-binary", ":all:")
        command = [python, "-m", "pip", "install", *quiet, f"checkov=={VERSION}"]
        subprocess.run(command, check=True)
        (folder / "complete").touch()
    return python


def rendered(made, helm: Path, folder: Path) -> None:
    """All that is deployed of a project, and what builds it."""
    project = Project.load(made.root)
    documents = objects.build(made.root)
    facts = Facts(
        name=project.name,
        namespaced=project.namespaced,
        ha=project.ha,
        prometheus=project.prometheus,
        network_policy=project.network_policy,
    )
    chart = folder.parent / f"{folder.name}-chart"
    for path, content in chart_files(facts, collect(made.root, project.name)).items():
        (chart / path).parent.mkdir(parents=True, exist_ok=True)
        (chart / path).write_bytes(content if isinstance(content, bytes) else content.encode())
    installed = subprocess.run(
        [helm, "template", "mine", chart, "--namespace", "mine"], check=True, capture_output=True
    )
    folder.mkdir()
    (folder / "chart.yaml").write_bytes(installed.stdout)
    (folder / "install.yaml").write_text(objects.as_yaml(objects.with_image(documents, "x:v1")))
    (folder / "default.yaml").write_text(objects.as_yaml(documents))
    shutil.copy(made.root / "Dockerfile", folder)
    shutil.copytree(made.root / ".github", folder / ".github")


def findings(checkov: Path, folder: Path) -> dict[str, set[str]]:
    """The files that each check refuses; every kind of file must have been looked at."""
    asked = ("--skip-download", "--compact", "--quiet", "-o", "json", "--framework", *FRAMEWORKS)
    command = [checkov, "-m", "checkov.main", "-d", folder, *asked]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    reports = json.loads(done.stdout)
    assert {one["check_type"] for one in reports} == set(FRAMEWORKS), done.stderr
    for one in reports:
        assert one["summary"]["passed"] > 50, one["summary"]
        assert one["summary"]["parsing_errors"] == 0
    found: dict[str, set[str]] = {}
    for failed in (failed for one in reports for failed in one["results"]["failed_checks"]):
        found.setdefault(failed["check_id"], set()).add(Path(failed["file_path"]).name)
    return found


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
@pytest.mark.parametrize("everything", [False, True], ids=["plain", "everything"])
def test_checkov_finds_nothing_new(made, checkov, helm, tmp_path, everything):
    names = ("ha", "prometheus", "network_policy", "namespaced", "multigroup", "cert_manager")
    made.init(owner="Jane Roe", **dict.fromkeys(names, everything))
    made.create(group="web")
    if everything:
        made.webhook(group="web", validation=True)
    made.make_manifests()
    rendered(made, helm, tmp_path / "look")
    found = findings(checkov, tmp_path / "look")
    expected = set(ACCEPTED) - ({"CKV2_K8S_6"} if everything else set())
    assert set(found) == expected, found
