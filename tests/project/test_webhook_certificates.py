"""Who makes the certificate of the webhooks, and which rights that takes, as kustomize has it."""

from __future__ import annotations

import shutil

import pytest

from opgen.scaffold.edit import edit
from opgen.scaffold.execute import execute
from opgen.scaffold.new_project import InitOptions, init

pytestmark = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")

SYSTEM = "web-operator-system"
SERVICE = "web-operator-webhook-service"
SECRET = "web-operator-webhook-server-cert"
INJECTION = {"cert-manager.io/inject-ca-from": f"{SYSTEM}/web-operator-serving-cert"}
CONFIGURATIONS = (
    ("MutatingWebhookConfiguration", "web-operator-mutating-webhook-configuration"),
    ("ValidatingWebhookConfiguration", "web-operator-validating-webhook-configuration"),
)


def with_webhooks(made, **options):
    """A project with all kinds of webhooks, and a kind without any."""
    made.init(domain="my.domain", **options)
    made.create()
    made.create(version="v2", controller=False)
    made.create(kind="Plain")
    made.webhook(defaulting=True, validation=True, conversion=True)
    made.make_manifests()
    return made.kustomize()


def switch(made, **switches):
    execute(edit(made.root, switches))
    made.make_manifests()
    return made.kustomize()


def manager(documents, named):
    (container,) = pod(documents, named)["containers"]
    return container


def pod(documents, named):
    found = named(documents, "Deployment", "web-operator-controller-manager")
    return found["spec"]["template"]["spec"]


def secret_rules(role):
    return [rule for rule in role["rules"] if "secrets" in rule["resources"]]


def contents(made):
    return {
        path.relative_to(made.root).as_posix(): path.read_bytes()
        for path in made.root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_cert_manager_makes_a_certificate_for_the_service(made, named):
    documents = with_webhooks(made, cert_manager=True)
    certificate = named(documents, "Certificate", "web-operator-serving-cert")
    service = named(documents, "Service", SERVICE)
    assert certificate["metadata"]["namespace"] == service["metadata"]["namespace"] == SYSTEM
    issuer = named(documents, "Issuer", "web-operator-selfsigned-issuer")
    assert certificate["spec"] == {
        "dnsNames": [f"{SERVICE}.{SYSTEM}.svc", f"{SERVICE}.{SYSTEM}.svc.cluster.local"],
        "issuerRef": {"kind": "Issuer", "name": issuer["metadata"]["name"]},
        "secretName": SECRET,
    }
    assert issuer["metadata"]["namespace"] == SYSTEM
    assert issuer["spec"] == {"selfSigned": {}}


def test_cert_manager_tells_the_API_server_whom_to_trust(made, named):
    documents = with_webhooks(made, cert_manager=True)
    for kind, name in CONFIGURATIONS:
        assert named(documents, kind, name)["metadata"]["annotations"] == INJECTION
    converted = named(documents, "CustomResourceDefinition", "webservers.my.domain")
    assert converted["metadata"]["annotations"].items() >= INJECTION.items()
    plain = named(documents, "CustomResourceDefinition", "plains.my.domain")
    assert not INJECTION.keys() & plain["metadata"].get("annotations", {}).keys()


def test_the_certificate_of_cert_manager_is_mounted_and_self_signing_is_off(made, named):
    documents = with_webhooks(made, cert_manager=True)
    (volume,) = pod(documents, named)["volumes"]
    assert volume["secret"] == {"secretName": SECRET}
    container = manager(documents, named)
    (mount,) = container["volumeMounts"]
    assert (mount["name"], mount["readOnly"]) == (volume["name"], True)
    variables = {one["name"]: one.get("value") for one in container["env"]}
    assert variables["OPGEN_WEBHOOK_CERT_DIR"] == mount["mountPath"]
    assert "OPGEN_WEBHOOK_SERVICE" not in variables
    roles = [one for one in documents if one["kind"] in ("Role", "ClusterRole")]
    for role in roles:
        assert not secret_rules({"rules": [r for r in role["rules"] if "resources" in r]})
    assert "admissionregistration.k8s.io" not in str(roles)


def test_with_an_admission_webhook_alone_no_CRD_is_touched(made, named):
    made.init(domain="my.domain", cert_manager=True)
    made.create()
    made.webhook(validation=True)
    made.make_manifests()
    documents = made.kustomize()
    kind, name = CONFIGURATIONS[1]
    assert named(documents, kind, name)["metadata"]["annotations"] == INJECTION
    definition = named(documents, "CustomResourceDefinition", "webservers.my.domain")
    assert not INJECTION.keys() & definition["metadata"].get("annotations", {}).keys()


def test_cert_manager_means_nothing_without_webhooks(made):
    made.init(cert_manager=True)
    made.create()
    made.make_manifests()
    assert not {"Certificate", "Issuer"} & {one["kind"] for one in made.kustomize()}


@pytest.mark.parametrize("namespaced", [False, True])
def test_cert_manager_on_and_off_leaves_the_project_as_it_was(made, namespaced):
    with_webhooks(made, namespaced=namespaced)
    before = contents(made)
    switch(made, cert_manager=True)
    assert contents(made) != before
    switch(made, cert_manager=False)
    assert contents(made) == before


def test_init_and_edit_switch_cert_manager_alike(made):
    with_webhooks(made)
    switch(made, cert_manager=True)
    edited = contents(made)
    execute(init(made.root, InitOptions(cert_manager=False)))
    execute(init(made.root, InitOptions(cert_manager=True)))
    made.make_manifests()
    assert contents(made) == edited


@pytest.mark.parametrize("cert_manager", [False, True])
def test_a_CRD_that_is_converted_names_the_service_that_is_deployed(made, named, cert_manager):
    documents = with_webhooks(made, cert_manager=cert_manager)
    definition = named(documents, "CustomResourceDefinition", "webservers.my.domain")
    client = definition["spec"]["conversion"]["webhook"]["clientConfig"]
    service = named(documents, "Service", SERVICE)["metadata"]
    assert client["service"]["name"] == service["name"]
    assert client["service"]["namespace"] == service["namespace"]


def test_a_namespaced_operator_may_patch_what_trusts_its_webhooks_and_no_more(made, named):
    documents = with_webhooks(made, namespaced=True)
    trust = named(documents, "ClusterRole", "web-operator-webhook-trust-role")
    allowed = {
        (rule["apiGroups"][0], rule["resources"][0]): (rule["resourceNames"], rule["verbs"])
        for rule in trust["rules"]
    }
    admission, verbs = "admissionregistration.k8s.io", ["get", "patch"]
    assert allowed == {
        (admission, "mutatingwebhookconfigurations"): ([CONFIGURATIONS[0][1]], verbs),
        (admission, "validatingwebhookconfigurations"): ([CONFIGURATIONS[1][1]], verbs),
        ("apiextensions.k8s.io", "customresourcedefinitions"): (["webservers.my.domain"], verbs),
    }
    binding = named(documents, "ClusterRoleBinding", "web-operator-webhook-trust-rolebinding")
    assert binding["roleRef"]["name"] == trust["metadata"]["name"]
    (subject,) = binding["subjects"]
    assert subject["name"] == pod(documents, named)["serviceAccountName"]
    role = named(documents, "Role", "web-operator-manager-role")
    assert [rule.get("resourceNames") for rule in secret_rules(role)] == [None, [SECRET]]
    names = [doc["metadata"]["name"] for doc in documents if doc["kind"] == "RoleBinding"]
    assert sorted(names) == [
        "web-operator-leader-election-rolebinding",
        "web-operator-manager-rolebinding",
    ]


def test_with_cert_manager_a_namespaced_operator_has_no_rights_beyond(made):
    documents = with_webhooks(made, namespaced=True, cert_manager=True)
    wide = {doc["metadata"]["name"] for doc in documents if doc["kind"] == "ClusterRole"}
    assert not {name for name in wide if "webhook" in name or "manager" in name}


def test_namespaced_on_and_off_leaves_a_project_with_webhooks_as_it_was(made):
    with_webhooks(made)
    before = contents(made)
    switch(made, namespaced=True)
    assert contents(made) != before
    switch(made, namespaced=False)
    assert contents(made) == before
