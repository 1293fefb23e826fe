"""`opgen demo`: the life of an operator from an empty folder to self-healing, with no cluster.

The commands are the real ones, run as a person would run them; the API server is the in-process
one of `opgen.testing`; the operator has the rights of its generated role and no others. Every step
waits until what it promises is there, and the demo fails if it does not come.

Start reading at `STEPS`.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opgen.api import ResourceKind
from opgen.k8s import apps_v1, core_v1

if TYPE_CHECKING:
    from opgen.cli.demo_view import View
    from opgen.testing import Cluster

STEP_SECONDS = 30.0
"""How long a step may take before the demo has failed."""
PACKAGE = "webserver_operator"
NAME = "webserver-sample"
WEBSERVER = ResourceKind("my.domain", "v1", "WebServer", "webservers")
SAMPLE = {
    "apiVersion": WEBSERVER.api_version,
    "kind": WEBSERVER.kind,
    "metadata": {"name": NAME, "namespace": "default"},
    "spec": {"image": "nginx:1.23.1", "replicas": 3},
}
OTHER_PORT = [{"op": "replace", "path": "/spec/ports/0/port", "value": 8080}]
COMMANDS = (
    ("init", "--domain", "my.domain"),
    ("create", "api", "--version", "v1", "--kind", "WebServer", "--resource", "--controller"),
    ("make", "manifests"),
)


@dataclass(frozen=True)
class Objects:
    """The three objects of the demo as they are now; None where there is none."""

    webserver: dict[str, Any] | None
    deployment: dict[str, Any] | None
    service: dict[str, Any] | None

    @classmethod
    def read(cls, cluster: Cluster) -> Objects:
        """Ask the API server for them."""
        return cls(
            cluster.find(WEBSERVER, NAME),
            cluster.find(apps_v1.Deployment, NAME),
            cluster.find(core_v1.Service, f"{NAME}-service"),
        )

    @property
    def image(self) -> str:
        """The image of the Deployment."""
        containers = value(self.deployment, "spec", "template", "spec", "containers", default=[{}])
        return str(containers[0].get("image", ""))

    @property
    def ready(self) -> int:
        """The ready pods as the WebServer's status tells them."""
        return int(value(self.webserver, "status", "readyReplicas", default=0))

    @property
    def available(self) -> bool:
        """Whether the WebServer says that it is available, of its newest spec."""
        status = value(self.webserver, "status", default={})
        current = status.get("observedGeneration") == value(
            self.webserver, "metadata", "generation", default=None
        )
        return current and any(
            condition["type"] == "Available" and condition["status"] == "True"
            for condition in status.get("conditions", [])
        )

    @property
    def port(self) -> int:
        """The port of the Service."""
        ports = value(self.service, "spec", "ports", default=[{}])
        return int(ports[0].get("port", 0))

    @property
    def service_uid(self) -> str:
        """The uid of the Service, another one after it was made anew."""
        return str(value(self.service, "metadata", "uid", default=""))


def value(document: dict[str, Any] | None, *path: str, default: Any) -> Any:
    """What stands at a path of a JSON object, or the default."""
    here: Any = document or {}
    for key in path:
        here = here.get(key) if isinstance(here, dict) else None
        if here is None:
            return default
    return here


Done = Callable[[Objects, Objects], bool]
"""Whether a step is done, from the objects before it and now."""


@dataclass(frozen=True)
class Step:
    """One thing that happens: what a person would type, the same as a request, and its outcome."""

    command: str
    act: Callable[[Cluster], object]
    done: Done
    outcome: str


STEPS = (
    Step(
        "kubectl create -f webserver-sample.yaml   # image nginx:1.23.1, replicas 3",
        lambda cluster: cluster.create(SAMPLE),
        lambda _, now: now.available and now.ready == 3 and now.service is not None,
        "a Deployment with 3 pods, a Service, and a status that says so",
    ),
    Step(
        f"kubectl scale webserver/{NAME} --replicas=4",
        lambda cluster: cluster.scale(WEBSERVER, NAME, 4),
        lambda _, now: now.available and now.ready == 4,
        "4 pods are ready",
    ),
    Step(
        f"kubectl patch webserver {NAME} --type=merge -p "
        """'{"spec": {"image": "nginx:1.23.0"}}'""",
        lambda cluster: cluster.patch(WEBSERVER, NAME, {"spec": {"image": "nginx:1.23.0"}}),
        lambda _, now: now.available and now.ready == 4 and now.image == "nginx:1.23.0",
        "all pods run nginx:1.23.0",
    ),
    Step(
        f"kubectl delete service {NAME}-service",
        lambda cluster: cluster.delete(core_v1.Service, f"{NAME}-service"),
        lambda before, now: now.service_uid not in ("", before.service_uid),
        "the Service is back",
    ),
    Step(
        f"kubectl edit service {NAME}-service   # port 80 becomes 8080",
        lambda cluster: cluster.patch(core_v1.Service, f"{NAME}-service", OTHER_PORT),
        lambda _, now: now.port == 80,
        "the port is 80 again",
    ),
    Step(
        f"kubectl delete webserver {NAME}",
        lambda cluster: cluster.delete(WEBSERVER, NAME),
        lambda _, now: now == Objects(None, None, None),
        "Deployment and Service are gone as well",
    ),
)


def run(folder: Path, view: View) -> int:
    """Run the demo in a folder, which is made if need be; returns an exit code."""
    project = folder / "webserver-operator"
    project.mkdir(parents=True, exist_ok=True)
    for arguments in COMMANDS:
        view.command("opgen " + " ".join(arguments))
        finished = subprocess.run(
            [sys.executable, "-m", "opgen", *arguments], cwd=project, capture_output=True, text=True
        )
        view.output(finished.stderr + finished.stdout)
        if finished.returncode:
            return view.fail(f"`opgen {' '.join(arguments)}` ended with {finished.returncode}")
    sys.path.insert(0, str(project))
    exit_code = _operate(project, view)
    if exit_code == 0:
        view.end(project)
    return exit_code


def _operate(project: Path, view: View) -> int:
    from opgen.testing import Cluster

    with Cluster.start() as cluster:
        view.command("opgen install")
        cluster.install(project / "config/crd/bases")
        view.command("opgen run   # with the rights of config/rbac/role.yaml only")
        with cluster.operator(PACKAGE, role=project / "config/rbac/role.yaml"):
            for step in STEPS:
                if not _take(step, cluster, view):
                    return view.fail(f"it did not happen that {step.outcome}")
    return 0


def _take(step: Step, cluster: Cluster, view: View) -> bool:
    """Take one step and wait for its outcome."""
    view.command(step.command)
    before = Objects.read(cluster)
    started = time.monotonic()
    step.act(cluster)

    def done() -> bool:
        now = Objects.read(cluster)
        view.objects(now)
        return step.done(before, now)

    try:
        cluster.eventually(done, timeout=STEP_SECONDS)
    except AssertionError:
        return False
    view.outcome(step.outcome, time.monotonic() - started, Objects.read(cluster))
    return True
