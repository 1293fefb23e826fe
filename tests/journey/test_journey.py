"""From an empty folder to a self-healing WebServer, on the in-process and on a real API server.

The operator runs as `opgen run` with the rights of the ServiceAccount that `config/default` makes,
and no others.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

import yaml

from opgen.api import ResourceKind
from opgen.k8s import apps_v1, core_v1

if TYPE_CHECKING:
    from conftest import Stage

WEBSERVER = ResourceKind("my.domain", "v1", "WebServer", "webservers")
TYPES = "webserver_operator/api/v1/webserver_types.py"
CRD = "config/crd/bases/my.domain_webservers.yaml"
ROLE = "config/rbac/role.yaml"


def scaffold(stage: Stage) -> None:
    stage.opgen("init", "--domain", "my.domain")
    stage.opgen("create", "api", "--version", "v1", "--kind", "WebServer")


def edit_types(stage: Stage) -> list[str]:
    """Add a validated field and change a default; returns the changed lines of the CRD."""
    types, crd = stage.project / TYPES, stage.project / CRD
    before = crd.read_text()
    text = types.read_text()
    text = text.replace(
        'SpecReplicas, PrintColumn("Replicas")] = 1\n',
        'SpecReplicas, PrintColumn("Replicas")] = 3\n',
    )
    text = text.replace(
        '    """How many pods shall run."""\n',
        '    """How many pods shall run."""\n\n'
        '    greeting: Annotated[str, MinLen(2)] = "hello"\n'
        '    """What the web server says."""\n',
    )
    types.write_text(text)
    stage.opgen("make", "manifests")
    difference = difflib.ndiff(before.splitlines(), crd.read_text().splitlines())
    return [" ".join(line.split()) for line in difference if line[0] in "+-"]


def status(stage: Stage, name: str) -> dict[str, Any]:
    found = stage.cluster.find(WEBSERVER, name)
    return (found or {}).get("status", {})


def available(stage: Stage, name: str, replicas: int) -> bool:
    now = status(stage, name)
    conditions = {c["type"]: c["status"] for c in now.get("conditions", [])}
    return now.get("readyReplicas") == replicas and conditions.get("Available") == "True"


def image(stage: Stage, name: str) -> str:
    deployment = stage.cluster.get(apps_v1.Deployment, name)
    found: str = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    return found


def service_uid(stage: Stage, name: str) -> str | None:
    found = stage.cluster.find(core_v1.Service, f"{name}-service")
    return found["metadata"]["uid"] if found else None


def test_the_journey(stage: Stage) -> None:
    scaffold(stage)
    assert edit_types(stage) == [
        "+ greeting:",
        "+ default: hello",
        "+ description: What the web server says.",
        "+ minLength: 2",
        "+ type: string",
        "- default: 1",
        "+ default: 3",
    ]
    stage.opgen("make", "manifests", "--check")
    stage.opgen("install")
    stage.opgen("deploy")
    with stage.running(stage.kubeconfig_of_operator()):
        live(stage)
    stage.opgen("undeploy")
    stage.opgen("uninstall")
    stage.kubectl("wait", "--for=delete", "crd/webservers.my.domain", "--timeout=120s")
    served = ("api-resources", "--api-group=my.domain")
    stage.eventually(lambda: "webservers" not in stage.kubectl(*served))


def live(stage: Stage) -> None:
    """What a person does with a WebServer, and what the operator answers."""
    name = "webserver-sample"
    stage.kubectl("apply", "-k", "config/samples")
    stage.eventually(lambda: available(stage, name, 2))
    assert service_uid(stage, name)

    stage.kubectl("scale", f"webserver/{name}", "--replicas=3")
    stage.eventually(lambda: available(stage, name, 3))
    stage.kubectl("scale", f"webserver/{name}", "--replicas=4")
    stage.eventually(lambda: available(stage, name, 4))

    patch = json.dumps({"spec": {"image": "nginx:1.23.0"}})
    stage.kubectl("patch", "webserver", name, "--type=merge", "-p", patch)
    stage.eventually(lambda: image(stage, name) == "nginx:1.23.0")
    stage.kubectl("rollout", "status", f"deployment/{name}", "--timeout=120s")
    stage.eventually(lambda: available(stage, name, 4))

    before = service_uid(stage, name)
    stage.kubectl("delete", "service", f"{name}-service")
    stage.eventually(lambda: service_uid(stage, name) not in (None, before))

    edit = json.dumps([{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}])
    stage.kubectl("patch", "service", f"{name}-service", "--type=json", "-p", edit)
    stage.eventually(
        lambda: (
            stage.cluster.get(core_v1.Service, f"{name}-service")["spec"]["ports"][0]["port"] == 80
        )
    )

    sample = yaml.safe_load((stage.project / "config/samples/v1_webserver.yaml").read_text())
    sample["metadata"]["name"] = "second"
    sample["metadata"]["namespace"] = "default"
    stage.cluster.create(sample)
    stage.eventually(lambda: available(stage, "second", 2))
    stage.eventually(lambda: available(stage, name, 4))

    stage.kubectl("delete", "webserver", name, "second")
    stage.eventually(lambda: not children(stage, name) and not children(stage, "second"))


def children(stage: Stage, name: str) -> list[dict[str, Any]]:
    found = (
        stage.cluster.find(apps_v1.Deployment, name),
        stage.cluster.find(core_v1.Service, f"{name}-service"),
    )
    return [child for child in found if child is not None]


def test_a_verb_taken_out_of_the_role_is_missed(stage: Stage) -> None:
    scaffold(stage)
    role = stage.project / ROLE
    document = yaml.safe_load(role.read_text())
    for rule in document["rules"]:
        if rule["resources"] == ["services"]:
            rule["verbs"].remove("create")
    role.write_text(yaml.safe_dump(document))
    stage.opgen("deploy")
    refused = stage.run_refused(stage.kubeconfig_of_operator())
    assert "create services" in refused
    stage.opgen("undeploy", "--crds")
