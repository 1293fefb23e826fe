"""What the options of `opgen init` change in the manifests, as kustomize puts them together."""

from __future__ import annotations

import shutil

import pytest

from opgen.api import Problems
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.plan import Verb

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")

SYSTEM = "web-operator-system"
MANAGER = "web-operator-controller-manager"
SELECTOR = {"app.kubernetes.io/name": "web-operator", "control-plane": "controller-manager"}


def manager(documents, named):
    return named(documents, "Deployment", MANAGER)["spec"]


def test_by_default_one_replica_looks_at_all_namespaces(made, named):
    made.init()
    made.create()
    made.make_manifests()
    documents = made.kustomize()
    kinds = {document["kind"] for document in documents}
    assert not kinds & {"PodDisruptionBudget", "NetworkPolicy", "ServiceMonitor", "PrometheusRule"}
    assert manager(documents, named)["replicas"] == 1
    assert "affinity" not in manager(documents, named)["template"]["spec"]
    assert named(documents, "ClusterRole", "web-operator-manager-role")["rules"]
    for document in documents:
        assert document["metadata"].get("namespace", SYSTEM) == SYSTEM


def test_metrics_are_served_to_a_service_over_tls(made, named):
    made.init()
    documents = made.kustomize()
    (container,) = manager(documents, named)["template"]["spec"]["containers"]
    assert {"name": "OPGEN_METRICS_BIND_ADDRESS", "value": ":8443"} in container["env"]
    service = named(documents, "Service", f"{MANAGER}-metrics-service")["spec"]
    assert service["selector"] == SELECTOR
    (port,) = service["ports"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports[port["targetPort"]] == 8443
    assert named(documents, "ClusterRole", "web-operator-metrics-auth-role")
    binding = named(documents, "ClusterRoleBinding", "web-operator-metrics-auth-rolebinding")
    account = {"kind": "ServiceAccount", "name": MANAGER, "namespace": SYSTEM}
    assert binding["subjects"] == [account]
    reader = named(documents, "ClusterRole", "web-operator-metrics-reader")
    assert reader["rules"] == [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}]


def test_ha_means_two_replicas_apart_and_a_disruption_budget(made, named):
    made.init(ha=True)
    documents = made.kustomize()
    spec = manager(documents, named)
    assert spec["replicas"] == 2
    assert "--leader-elect" in spec["template"]["spec"]["containers"][0]["args"]
    rules = spec["template"]["spec"]["affinity"]["podAntiAffinity"]
    (term,) = rules["preferredDuringSchedulingIgnoredDuringExecution"]
    assert term["podAffinityTerm"]["labelSelector"]["matchLabels"] == SELECTOR
    budget = named(documents, "PodDisruptionBudget", MANAGER)["spec"]
    assert budget["selector"]["matchLabels"] == SELECTOR
    assert budget["minAvailable"] == 1


def test_a_network_policy_opens_the_port_of_the_pod(made, named):
    made.init(network_policy=True)
    documents = made.kustomize()
    policy = named(documents, "NetworkPolicy", "web-operator-allow-metrics-traffic")["spec"]
    assert policy["podSelector"]["matchLabels"] == SELECTOR
    (rule,) = policy["ingress"]
    (container,) = manager(documents, named)["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert [port["port"] for port in rule["ports"]] == [ports["metrics"]]
    assert rule["from"] == [{"namespaceSelector": {"matchLabels": {"metrics": "enabled"}}}]


def test_prometheus_brings_monitor_alerts_and_dashboard(made, named):
    made.init(prometheus=True)
    documents = made.kustomize()
    monitor = named(documents, "ServiceMonitor", f"{MANAGER}-metrics-monitor")["spec"]
    service = named(documents, "Service", f"{MANAGER}-metrics-service")
    assert monitor["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert [end["port"] for end in monitor["endpoints"]] == [service["spec"]["ports"][0]["name"]]
    assert named(documents, "PrometheusRule", f"{MANAGER}-alerts")
    dashboard = named(documents, "ConfigMap", "web-operator-dashboard")
    assert dashboard["metadata"]["labels"] == {"grafana_dashboard": "1"}


def test_namespaced_means_roles_and_one_namespace(made, named):
    made.init(namespaced=True)
    made.create()
    made.make_manifests()
    documents = made.kustomize()
    role = named(documents, "Role", "web-operator-manager-role")
    assert role["metadata"]["namespace"] == SYSTEM
    binding = named(documents, "RoleBinding", "web-operator-manager-rolebinding")
    assert binding["roleRef"]["kind"] == "Role"
    wide = {doc["metadata"]["name"] for doc in documents if doc["kind"].startswith("ClusterRole")}
    assert wide == {
        "web-operator-metrics-auth-role",
        "web-operator-metrics-auth-rolebinding",
        "web-operator-metrics-reader",
    }
    (container,) = manager(documents, named)["template"]["spec"]["containers"]
    assert "--namespace=$(WATCH_NAMESPACE)" in container["args"]
    field = {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}
    watch = {
        "name": "WATCH_NAMESPACE",
        "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}},
    }
    assert watch in container["env"] or watch | {"valueFrom": field} in container["env"]


def contents(made):
    root = made.root
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_options_can_change_their_mind_and_back(made):
    made.init()
    before = contents(made)
    for option in ("ha", "namespaced", "prometheus", "network_policy", "multigroup"):
        plan = init(made.root, InitOptions(**{option: True}))
        assert plan.changes, option
        assert not plan.conflicts
        made.init(**{option: True})
        made.init(**{option: False})
    assert contents(made) == before


def test_groups_have_folders_of_their_own(made):
    made.init(multigroup=True)
    made.create(group="apps")
    made.create(group="db", pattern="blank")
    made.create("Plain", pattern="blank")
    made.create("Odd", group="my-class.import", pattern="blank")
    made.make_manifests()
    for path in (
        "web_operator/api/apps/v1/webserver_types.py",
        "web_operator/controllers/db/webserver_controller.py",
        "web_operator/api/v1/plain_types.py",
        "web_operator/api/my_class_import/v1/odd_types.py",
        "config/samples/apps_v1_webserver.yaml",
        "config/rbac/db_webserver_admin_role.yaml",
        "config/crd/bases/db.my.domain_webservers.yaml",
        "tests/test_apps_webserver_controller.py",
        "tests/test_plain_controller.py",
    ):
        assert (made.root / path).is_file(), path
    made.kustomize()
    assert len(made.kustomize("config/samples")) == 4
    plan = create_api(made.root, ApiOptions(kind="WebServer", version="v1", group="apps"))
    assert set(plan.counts()) == {Verb.IDENTICAL}


@pytest.mark.parametrize(
    ("group", "folder"),
    [("import", "group_import"), ("3d", "group_3d"), ("aux", "group_aux"), ("a-b.c", "a_b_c")],
)
def test_a_group_is_a_package_whatever_its_name(made, group, folder):
    made.init(multigroup=True)
    made.create(group=group, pattern="blank")
    assert (made.root / f"web_operator/api/{folder}/v1/webserver_types.py").is_file()
    made.make_manifests()


def refusal(call):
    with pytest.raises(Problems) as refused:
        call()
    (problem,) = refused.value.problems
    return problem.message, problem.hint


def test_kinds_do_not_move_by_init(made):
    made.init()
    made.create()
    assert refusal(lambda: made.init(multigroup=True)) == (
        "--multigroup: the project has kinds already, and their files would have to move",
        "run: opgen edit --multigroup",
    )


def test_a_cluster_wide_kind_and_a_namespaced_operator_do_not_go_together(made):
    made.init(namespaced=True)
    options = {"pattern": "blank", "scope": "Cluster"}
    assert refusal(lambda: made.create(**options)) == (
        "--scope Cluster: the project's operator has rights in its own namespace only, and a "
        "cluster-wide kind belongs to none",
        "leave --scope out, or run: opgen edit --no-namespaced",
    )
    made.init(namespaced=False)
    made.create(**options)
    assert refusal(lambda: made.init(namespaced=True)) == (
        "--namespaced: WebServer belong to no namespace, and an operator with rights in one "
        "namespace only cannot look at them",
        "leave --namespaced out",
    )


def test_the_same_kind_in_two_groups_needs_folders(made):
    made.init()
    made.create(group="apps")
    assert refusal(lambda: made.create(group="db", version="v2", pattern="blank")) == (
        "--group 'db': the project has WebServer v1 in group 'apps', and its files would be the "
        "same",
        "pass another --kind, or give each group a folder: opgen edit --multigroup",
    )
