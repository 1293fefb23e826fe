"""The Helm chart: what it makes with which values, by helm itself, and what becomes of edits."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.chart.files import Facts, chart_files, collect
from opgen.scaffold.beside import editable_plan, left_beside
from opgen.scaffold.edit import edit
from opgen.scaffold.execute import execute
from opgen.scaffold.paths import Tree
from opgen.scaffold.plan import Verb
from opgen.scaffold.project import Project
from opgen.scaffold.status import status
from opgen.scaffold.update import update

Document = dict[str, Any]
Render = Callable[..., list[Document]]
CHART = "dist/chart"
MANAGER = "web-operator-controller-manager"
INJECTION = "cert-manager.io/inject-ca-from"


def plan(made, **options):
    tree = Tree(made.root)
    project = Project.load(tree)
    switches = ("name", "namespaced", "ha", "prometheus", "network_policy")
    facts = Facts(**{name: getattr(project, name) for name in switches})
    files = chart_files(facts, collect(made.root, project.name))
    return editable_plan(tree, project, CHART, files, **options)


@pytest.fixture
def project(made):
    made.init()
    made.create()
    made.make_manifests()
    execute(plan(made))
    return made


@pytest.fixture
def render(project, helm: Path) -> Render:
    """`helm template` with values, after `helm lint` with the same."""

    def run(*values: str, release: str = "web-operator") -> list[Document]:
        sets = [word for value in values for word in ("--set", value)]
        lint = [helm, "lint", "--strict", "--quiet", CHART, *sets]
        linted = subprocess.run(lint, cwd=project.root, capture_output=True, text=True)
        assert linted.returncode == 0, linted.stdout + linted.stderr
        command = [helm, "template", release, CHART, "--namespace", "web-operator-system", *sets]
        made = subprocess.run(command, cwd=project.root, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        return [document for document in yaml.safe_load_all(made.stdout) if document]

    return run


def pod(documents: list[Document]) -> Document:
    (deployment,) = [one for one in documents if one["kind"] == "Deployment"]
    spec: Document = deployment["spec"]["template"]["spec"]
    return spec


def names(documents: list[Document], kind: str) -> set[str]:
    return {one["metadata"]["name"] for one in documents if one["kind"] == kind}


def plain(value: Any) -> Any:
    """A value without what a chart adds: labels of Helm and the variable for namespaces."""
    if isinstance(value, list):
        items = [plain(item) for item in value]
        return [one for one in items if not (isinstance(one, dict) and one.get("name") == "X")]
    if not isinstance(value, dict):
        return value
    added = ("helm.sh/", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by")
    return {key: plain(item) for key, item in value.items() if not key.startswith(added)}


WITH_WEBHOOKS: dict[str, dict[str, bool]] = {
    "self-signed": {},
    "cert-manager": {"cert_manager": True},
    "namespaced": {"namespaced": True},
    "namespaced-cert-manager": {"namespaced": True, "cert_manager": True},
}


def add_webhooks(project, **switches: bool) -> None:
    """All kinds of webhooks, options of the project, and a chart made anew."""
    project.create(version="v2", controller=False)
    project.webhook(defaulting=True, validation=True, conversion=True)
    execute(edit(project.root, switches))
    project.make_manifests()
    execute(plan(project, force=True))


@pytest.mark.parametrize("switches", [None, *WITH_WEBHOOKS.values()], ids=["none", *WITH_WEBHOOKS])
def test_by_default_it_is_what_config_default_deploys(
    project, render: Render, switches: dict[str, bool] | None
) -> None:
    if switches is not None:
        add_webhooks(project, **switches)
    ours = {(one["kind"], one["metadata"]["name"]): one for one in project.kustomize()}
    theirs = {(one["kind"], one["metadata"]["name"]): one for one in render()}
    del ours["Namespace", "web-operator-system"]
    assert ours.keys() == theirs.keys()
    for key, document in ours.items():
        if key[0] == "Deployment":
            continue
        expected, found = plain(document), plain(theirs[key])
        metadata = found["metadata"]
        found["metadata"] = {k: v for k, v in metadata.items() if v or k in expected["metadata"]}
        assert found == expected, key
    container = pod(list(theirs.values()))["containers"][0]
    (wanted,) = pod(list(ours.values()))["containers"]
    variables = {one["name"]: one.get("value") for one in wanted["env"]}
    assert variables.items() <= {one["name"]: one.get("value") for one in container["env"]}.items()
    assert sorted(container["args"]) == sorted(wanted["args"])
    extra = {"imagePullPolicy", "env", "args"}
    assert {k: v for k, v in container.items() if k not in extra | {"ports"}} == {
        k: v for k, v in wanted.items() if k not in extra | {"ports"}
    }
    assert {port["name"]: port for port in container["ports"]} == {
        port["name"]: port for port in wanted["ports"]
    }


def test_another_release_has_a_certificate_of_its_own(project, render: Render) -> None:
    add_webhooks(project, cert_manager=True)
    documents = render(release="other")
    (certificate,) = [one for one in documents if one["kind"] == "Certificate"]
    assert certificate["metadata"]["name"] == "other-web-operator-serving-cert"
    service = "other-web-operator-webhook-service.web-operator-system.svc"
    (volume,) = pod(documents)["volumes"]
    assert certificate["spec"] == {
        "dnsNames": [service, f"{service}.cluster.local"],
        "issuerRef": {"kind": "Issuer", "name": "other-web-operator-selfsigned-issuer"},
        "secretName": volume["secret"]["secretName"],
    }
    assert volume["secret"]["secretName"] == "other-web-operator-webhook-server-cert"
    injected = f"web-operator-system/{certificate['metadata']['name']}"
    annotations = [one["metadata"].get("annotations", {}) for one in documents]
    found = [one[INJECTION] for one in annotations if INJECTION in one]
    assert found == [injected] * 3


def test_crds_stay_when_the_release_goes(render: Render) -> None:
    def policy(documents: list[Document]) -> str | None:
        (crd,) = [one for one in documents if one["kind"] == "CustomResourceDefinition"]
        found: str | None = crd["metadata"].get("annotations", {}).get("helm.sh/resource-policy")
        return found

    assert policy(render()) == "keep"
    assert policy(render("crd.keep=false")) is None
    assert not names(render("crd.enabled=false"), "CustomResourceDefinition")


def test_image_replicas_and_resources_are_values(render: Render) -> None:
    assert pod(render())["containers"][0]["image"] == "web-operator:v0.1.0"
    registry = "image.repository=registry.example.com:5000/web"
    tagged = pod(render(registry, "image.tag=v2", "image.pullPolicy=Always"))["containers"][0]
    assert tagged["image"] == "registry.example.com:5000/web:v2"
    assert tagged["imagePullPolicy"] == "Always"
    digest = f"sha256:{'a' * 64}"
    pinned = pod(render(registry, f"image.digest={digest}"))["containers"][0]
    assert pinned["image"] == f"registry.example.com:5000/web@{digest}"
    several = render("replicas=3", "podDisruptionBudget.enabled=true", "resources.limits.cpu=2")
    (deployment,) = [one for one in several if one["kind"] == "Deployment"]
    assert deployment["spec"]["replicas"] == 3
    assert pod(several)["containers"][0]["resources"]["limits"]["cpu"] == 2
    assert "podAntiAffinity" in pod(several)["affinity"]
    assert names(several, "PodDisruptionBudget") == {MANAGER}
    more = pod(render("extraArgs[0]=--log-level=debug", "extraEnv[0].name=A", "nodeSelector.a=b"))
    assert more["containers"][0]["args"][-1] == "--log-level=debug"
    assert more["containers"][0]["env"][-1] == {"name": "A"}
    assert more["nodeSelector"] == {"a": "b"}


def test_namespaced_takes_the_cluster_roles_away(render: Render) -> None:
    documents = render("rbac.namespaced=true")
    metrics = {"web-operator-metrics-auth-role", "web-operator-metrics-reader"}
    assert names(documents, "ClusterRole") == metrics
    assert "web-operator-manager-role" in names(documents, "Role")
    assert "web-operator-manager-rolebinding" in names(documents, "RoleBinding")
    for document in documents:
        if document["kind"] in ("Role", "RoleBinding"):
            assert document["metadata"]["namespace"] == "web-operator-system"
        elif document["kind"].startswith("ClusterRole"):
            assert "namespace" not in document["metadata"]
    assert "--namespace=$(WATCH_NAMESPACE)" in pod(documents)["containers"][0]["args"]
    assert not names(render("rbac.helpers=false"), "ClusterRole") & {
        "web-operator-webserver-admin-role"
    }


def test_metrics_can_be_moved_or_left_out(render: Render) -> None:
    none = render("metrics.enabled=false", "prometheus.enabled=true")
    assert not names(none, "Service") | names(none, "ServiceMonitor")
    assert [port["name"] for port in pod(none)["containers"][0]["ports"]] == ["health"]
    assert names(none, "ClusterRole") & {"web-operator-metrics-reader"} == set()
    on = ("prometheus.enabled=true", "networkPolicy.enabled=true", "metrics.port=9000")
    moved = render(*on, "metrics.secure=false")
    (service,) = [one for one in moved if one["kind"] == "Service"]
    (policy,) = [one for one in moved if one["kind"] == "NetworkPolicy"]
    (monitor,) = [one for one in moved if one["kind"] == "ServiceMonitor"]
    assert service["spec"]["ports"][0]["port"] == 9000
    assert policy["spec"]["ingress"][0]["ports"][0]["port"] == 9000
    assert monitor["spec"]["endpoints"][0]["scheme"] == "http"
    variables = {one["name"]: one.get("value") for one in pod(moved)["containers"][0]["env"]}
    assert variables["OPGEN_METRICS_BIND_ADDRESS"] == ":9000"
    assert variables["OPGEN_METRICS_SECURE"] == "false"


def test_alerts_and_dashboard_come_out_as_they_were(project, render: Render) -> None:
    """Prometheus and Grafana use Helm's braces for purposes of their own."""
    documents = render("prometheus.enabled=true")
    (rules,) = [one for one in documents if one["kind"] == "PrometheusRule"]
    ours = yaml.safe_load(project.read("config/prometheus/alerts.yaml"))
    assert rules["spec"] == ours["spec"]
    (dashboard,) = [one for one in documents if one["kind"] == "ConfigMap"]
    assert dashboard["data"]["dashboard.json"] == project.read("config/prometheus/dashboard.json")


def test_two_releases_do_not_mix(render: Render) -> None:
    one, other = render(release="first"), render(release="12345")
    for kind in ("Deployment", "ClusterRole", "ServiceAccount", "Service"):
        assert not names(one, kind) & names(other, kind)
    (deployment,) = [each for each in other if each["kind"] == "Deployment"]
    assert deployment["spec"]["selector"]["matchLabels"]["app.kubernetes.io/instance"] == "12345"
    (binding,) = [
        each
        for each in other
        if each["kind"] == "ClusterRoleBinding" and "manager" in each["metadata"]["name"]
    ]
    assert binding["roleRef"]["name"] in names(other, "ClusterRole")
    assert {subject["name"] for subject in binding["subjects"]} == names(other, "ServiceAccount")
    long = render(release="a-very-long-name-of-a-release-that-goes-on-and-on")
    assert max(len(each["metadata"]["name"]) for each in long if each["kind"] == "Service") <= 63


def test_webhooks_are_named_after_the_release(project, render: Render, helm: Path) -> None:
    project.webhook(defaulting=True)
    project.make_manifests()
    execute(plan(project))
    documents = render("networkPolicy.enabled=true", release="other")
    variables = {one["name"]: one.get("value") for one in pod(documents)["containers"][0]["env"]}
    service = "other-web-operator-webhook-service"
    assert variables["OPGEN_WEBHOOK_SERVICE"] == service
    assert service in names(documents, "Service")
    (mutating,) = [one for one in documents if one["kind"] == "MutatingWebhookConfiguration"]
    assert mutating["webhooks"][0]["clientConfig"]["service"]["name"] == service
    rules = [rule for one in documents if "rules" in one for rule in one["rules"]]
    named = {name for rule in rules for name in rule.get("resourceNames", ())}
    assert named == {mutating["metadata"]["name"], "other-web-operator-webhook-server-cert"}
    policies = [one for one in documents if one["kind"] == "NetworkPolicy"]
    opened = {port["port"] for one in policies for port in one["spec"]["ingress"][0]["ports"]}
    assert opened == {8443, 9443}
    command = [helm, "template", "x", CHART, "--set", "rbac.namespaced=true"]
    refused = subprocess.run(command, cwd=project.root, capture_output=True, text=True)
    assert refused.returncode == 1
    assert (
        "rbac.namespaced must be false: the operator needs rights that belong to no namespace"
        in refused.stderr
    )


def test_a_service_account_of_ones_own(render: Render) -> None:
    documents = render("serviceAccount.create=false", "serviceAccount.name=mine")
    assert not names(documents, "ServiceAccount")
    assert pod(documents)["serviceAccountName"] == "mine"
    bindings = [one for one in documents if one["kind"].endswith("Binding")]
    assert {s["name"] for one in bindings for s in one["subjects"]} == {"mine"}


def test_what_else_the_deployment_has_comes_along(project, render: Render) -> None:
    path = project.root / "config/manager/manager.yaml"
    text = path.read_text().replace(
        "      containers:\n",
        "      volumes:\n      - name: data\n        emptyDir: {}\n      containers:\n"
        "      - name: sidecar\n        image: sidecar:v1\n",
    )
    text = text.replace("- --leader-elect\n", "- --leader-elect\n        - --note={{ x }}\n")
    path.write_text(text)
    execute(plan(project))
    spec = pod(render())
    assert spec["volumes"] == [{"name": "data", "emptyDir": {}}]
    assert [one["name"] for one in spec["containers"]] == ["manager", "sidecar"]
    assert "--note={{ x }}" in spec["containers"][0]["args"]


def test_again_changes_nothing(project) -> None:
    assert set(plan(project).counts()) == {Verb.IDENTICAL}


def test_edits_stay_and_news_goes_beside_them(project) -> None:
    values = project.root / CHART / "values.yaml"
    notes = project.root / CHART / "templates/NOTES.txt"
    values.write_text(values.read_text() + "mine: 1\n")
    notes.write_text("mine\n")
    project.init(ha=True)
    again = plan(project)
    execute(again)
    assert values.read_text().endswith("mine: 1\n")
    assert notes.read_text() == "mine\n"
    news = values.with_name("values.yaml.opgen-new")
    assert "replicas: 2" in news.read_text()
    (problem,) = left_beside(again)
    assert problem.message == (
        "dist/chart/values.yaml was edited, and opgen has something new for it"
    )
    assert problem.hint == (
        "take over what you want of dist/chart/values.yaml.opgen-new, then delete it"
    )
    news.unlink()
    quiet = plan(project)
    assert not left_beside(quiet)
    assert not quiet.changes
    execute(plan(project, force=True))
    assert "mine" not in values.read_text()
    assert values.with_name("values.yaml.opgen-old").read_text().endswith("mine: 1\n")


def test_templates_of_kinds_that_are_gone_go_too(project) -> None:
    project.create("Other", pattern="blank")
    project.make_manifests()
    execute(plan(project))
    template = project.root / CHART / "templates/crd/others.my.domain.yaml"
    assert template.is_file()
    for path in ("config/crd/kustomization.yaml", "config/rbac/kustomization.yaml"):
        lines = project.read(path).splitlines(keepends=True)
        (project.root / path).write_text("".join(one for one in lines if "other" not in one))
    execute(plan(project))
    assert not template.exists()
    assert set(plan(project).counts()) == {Verb.IDENTICAL}


def test_an_update_leaves_the_chart_alone(project) -> None:
    assert CHART + "/Chart.yaml" in Project.load(project.root).files
    assert not update(project.root).plan.changes
    (project.root / CHART / "values.yaml").unlink()
    (missing,) = [one for one in status(project.root).files if one.state == "missing"]
    assert (missing.path, missing.note) == (
        f"{CHART}/values.yaml",
        "opgen chart --force brings it back",
    )
    assert not update(project.root).plan.changes
    execute(plan(project, force=True))
    assert {one.state for one in status(project.root).files} == {"pristine"}
