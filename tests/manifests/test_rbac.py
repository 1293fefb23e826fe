"""Roles: what a declaration needs and no more; uniting rules loses none."""

from __future__ import annotations

import itertools
import json
import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from opgen.api import CustomResource, PolicyRule, Watch, controller, rbac, resource
from opgen.api.controllers import ControllerInfo, controller_info
from opgen.k8s import apps_v1, core_v1
from opgen.manifests import emitter
from opgen.manifests import rbac as roles


@dataclass(kw_only=True)
class Spec:
    size: int = 1


@dataclass(kw_only=True)
class Status:
    ready: int = 0


@resource(group="shop.example.org", version="v1")
@dataclass(kw_only=True)
class Shop(CustomResource[Spec, Status]):
    pass


@resource(group="shop.example.org", version="v1")
@dataclass(kw_only=True)
class Box(CustomResource[Spec, None]):
    pass


def info(kind: Any = Shop, **declared: Any) -> ControllerInfo:
    @controller(kind, **declared)
    class Reconciler:
        async def reconcile(self, obj: object, ctx: object) -> None: ...

    found = controller_info(Reconciler)
    assert found is not None
    return found


def lines(document: dict[str, Any]) -> list[str]:
    """The rules in a short form: groups/resources: verbs."""
    return [
        f"{','.join(rule['apiGroups'])}/{','.join(rule['resources'])}: {' '.join(rule['verbs'])}"
        for rule in document["rules"]
    ]


EVENTS = "events.k8s.io/events: create patch"


def test_what_a_controller_needs() -> None:
    declared = info(
        owns=(apps_v1.Deployment, core_v1.Service),
        watches=[Watch(core_v1.Secret, lambda secret: ())],
        finalizer="shop.example.org/till",
    )
    (role,) = roles.role([declared], "manager-role")
    assert role["kind"] == "ClusterRole"
    assert role["metadata"] == {"name": "manager-role"}
    assert lines(role) == [
        "/secrets: get list watch",
        "/services: create delete get list patch watch",
        "apps/deployments: create delete get list patch watch",
        EVENTS,
        "shop.example.org/shops: get list patch watch",
        "shop.example.org/shops/finalizers: update",
        "shop.example.org/shops/status: patch",
    ]


def test_no_rights_on_a_status_that_is_not_there() -> None:
    (role,) = roles.role([info(Box)], "manager-role")
    assert lines(role) == [
        EVENTS,
        "shop.example.org/boxes: get list watch",
        "shop.example.org/boxes/finalizers: update",
    ]


@pytest.mark.parametrize(
    ("kind", "has_status"), [(apps_v1.Deployment, True), (core_v1.ConfigMap, False)]
)
def test_a_controller_of_a_built_in_kind(kind: Any, has_status: bool) -> None:
    (role,) = roles.role([info(kind)], "manager-role")
    assert any("/status: patch" in line for line in lines(role)) is has_status


def test_no_controllers_no_rules() -> None:
    (role,) = roles.role([], "manager-role")
    assert role["rules"] == []


def test_rules_with_a_namespace_become_roles() -> None:
    lease = rbac(groups=["coordination.k8s.io"], resources=["leases"], verbs=["get"], namespace="b")
    pods = rbac(groups=["core"], resources=["pods"], verbs=["list", "get"], namespace="a")
    documents = roles.role([info(rbac=[lease, pods])], "manager-role")
    assert [(d["kind"], d["metadata"].get("namespace")) for d in documents] == [
        ("ClusterRole", None),
        ("Role", "a"),
        ("Role", "b"),
    ]
    assert lines(documents[1]) == ["/pods: get list"]


CORE = [""]
GOLDEN_RULES = [
    rbac(groups=["apps"], resources=["deployments"], verbs=["get", "list", "watch"]),
    rbac(groups=["apps"], resources=["deployments"], verbs=["update", "patch", "get"]),
    rbac(
        groups=["apps"],
        resources=["statefulsets", "daemonsets"],
        verbs=["patch", "get", "list", "update", "watch"],
    ),
    rbac(groups=["apps"], resources=["deployments/status"], verbs=["get"]),
    rbac(
        groups=["apps"],
        resources=["deployments/scale", "statefulsets/scale"],
        verbs=["get", "update"],
    ),
    rbac(groups=CORE, resources=["services"], verbs=["get", "list", "watch", "create"]),
    rbac(groups=["core"], resources=["endpoints"], verbs=["get", "list", "watch", "create"]),
    rbac(groups=["core", ""], resources=["configmaps"], verbs=["create", "watch", "list", "get"]),
    rbac(groups=CORE, resources=["secrets"], resource_names=["tls", "token"], verbs=["get"]),
    rbac(groups=CORE, resources=["secrets"], resource_names=["token", "tls"], verbs=["update"]),
    rbac(groups=CORE, resources=["secrets"], verbs=["list", "watch"]),
    rbac(
        groups=CORE,
        resources=["serviceaccounts"],
        resource_names=["tls", "token"],
        verbs=["update", "get"],
    ),
    rbac(urls=["/metrics"], verbs=["get"]),
    rbac(urls=["/healthz", "/readyz"], verbs=["get"]),
    rbac(urls=["/logs/*"], verbs=["get", "post"]),
    rbac(groups=["networking.k8s.io"], resources=["ingresses"], verbs=["get", "list"]),
    rbac(groups=["extensions"], resources=["ingresses"], verbs=["list", "get"]),
    rbac(groups=["events.k8s.io", ""], resources=["events"], verbs=["create", "patch"]),
    rbac(groups=["batch"], resources=["jobs"], verbs=["get", "list"]),
    rbac(groups=["batch"], resources=["jobs"], verbs=["*"]),
    rbac(groups=["batch"], resources=["cronjobs"], verbs=["*"]),
    rbac(groups=["*"], resources=["*"], verbs=["get"]),
    rbac(
        groups=["rbac.authorization.k8s.io"],
        resources=["roles", "roles", "rolebindings"],
        verbs=["list", "get", "get"],
    ),
    rbac(
        groups=["example.org"],
        resources=["widgets", "gadgets"],
        verbs=["get", "list", "watch", "create", "update", "patch", "delete"],
    ),
    rbac(
        groups=["example.org"],
        resources=["widgets/status", "gadgets/status"],
        verbs=["get", "update", "patch"],
    ),
    rbac(groups=["example.org"], resources=["widgets/finalizers"], verbs=["update"]),
    rbac(groups=["example.org"], resources=["widgets/finalizers"], verbs=["update"]),
    rbac(groups=["policy"], resources=["poddisruptionbudgets"], verbs=["get"]),
    rbac(groups=["policy", "extra"], resources=["poddisruptionbudgets"], verbs=["get", "list"]),
    rbac(groups=CORE, resources=["nodes"], verbs=["get"]),
    rbac(groups=["example.org"], resources=["beforetype"], verbs=["get"]),
    rbac(groups=["example.org"], resources=["atend"], verbs=["get"]),
]


ELSEWHERE = [
    rbac(
        groups=["coordination.k8s.io"],
        resources=["leases"],
        verbs=["get", "create", "update"],
        namespace="system",
    ),
    rbac(groups=CORE, resources=["events"], verbs=["create", "patch"], namespace="system"),
    rbac(groups=CORE, resources=["pods"], verbs=["get"], namespace="alpha"),
    rbac(
        groups=CORE,
        resources=["pods", "pods/log"],
        verbs=["get", "list"],
        namespace="system",
        role="reader",
    ),
    rbac(groups=CORE, resources=["pods"], verbs=["list"], namespace="alpha", role="reader"),
    rbac(
        groups=CORE,
        resources=["nodes"],
        verbs=["get", "list", "watch"],
        role="another-cluster-role",
    ),
]


def golden() -> str:
    archive = Path(__file__).parent / "goldens" / "controller-gen.json.xz"
    text: str = json.loads(lzma.decompress(archive.read_bytes()))["11-rbac/role.yaml"]
    return text


@pytest.mark.parametrize("order", [1, -1])
def test_roles_are_those_of_controller_gen(order: int) -> None:
    documents = roles.roles([*GOLDEN_RULES, *ELSEWHERE][::order], "manager-role")
    assert documents == list(yaml.safe_load_all(golden()))
    assert emitter.dump_all(documents) == golden()


def test_explicit_rules_stand_beside_those_of_the_declaration() -> None:
    declared = info(rbac=[*GOLDEN_RULES, *ELSEWHERE])
    names = [document["metadata"]["name"] for document in roles.role([declared], "manager-role")]
    assert names == [document["metadata"]["name"] for document in yaml.safe_load_all(golden())]
    explicit = info(core_v1.ConfigMap, rbac=[rbac(groups=["apps"], resources=["a"], verbs=["get"])])
    (document,) = roles.role([explicit], "manager-role")
    assert "apps/a: get" in lines(document)


def test_a_role_needs_a_name() -> None:
    rule = rbac(groups=[""], resources=["pods"], verbs=["get"], role="My Role")
    (problem,) = roles.check([info(rbac=[rule])])
    assert problem.message == "'My Role' is no name of a role"


def test_no_rule_is_lost_whatever_their_order() -> None:
    rules = [
        rbac(groups=["a"], resources=["x"], verbs=["get"]),
        rbac(groups=["b"], resources=["x"], verbs=["get"]),
        rbac(groups=["a", "b"], resources=["x"], verbs=["list"]),
    ]
    for order in itertools.permutations(rules):
        assert roles.united(order) == [
            PolicyRule(groups=("a", "b"), resources=("x",), verbs=("get", "list"))
        ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (rbac(groups=[""], resources=["pods"], verbs=[]), "rbac(...) has no verbs"),
        (
            rbac(groups=[""], resources=["pods"], urls=["/x"], verbs=["get"]),
            "rbac(...) has both resources and urls",
        ),
        (
            rbac(urls=["/x"], verbs=["get"], namespace="a"),
            "rbac(...) has urls and a namespace, but URLs belong to no namespace",
        ),
        (
            rbac(groups=[""], resources=["pods"], verbs=["get"], namespace="My_Space"),
            "'My_Space' is no namespace",
        ),
        (rbac(verbs=["get"]), "rbac(...) has neither resources nor urls"),
        (rbac(resources=["pods"], verbs=["get"]), "rbac(...) has resources without groups"),
        (
            rbac(groups=[""], resources=["pods"], resource_names=["a"], verbs=["list", "create"]),
            "rbac(...) has resource_names, which have no meaning for create, list",
        ),
    ],
)
def test_rules_that_cannot_be_meant(rule: PolicyRule, message: str) -> None:
    declared = info(rbac=[rule])
    (problem,) = roles.check([declared])
    assert problem.message == message
    assert problem.location == declared.location
    assert problem.hint


def test_sound_rules_have_no_problems() -> None:
    assert roles.check([info(rbac=GOLDEN_RULES)]) == []


def test_verbs_that_nobody_knows() -> None:
    declared = info(
        rbac=[rbac(groups=[""], resources=["pods"], verbs=["get", "lst", "frobnicate"])]
    )
    typo, unknown = roles.check([declared])
    assert typo.message == "rbac(...) has the verb 'lst', which Kubernetes does not know"
    assert (typo.hint, typo.severity) == ("is list meant?", "warning")
    assert unknown.hint.startswith("use one of *, get, list, watch, ")


def test_what_python_refuses() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'group'"):
        rbac(group="apps", resources=["deployments"], verbs=["get"])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r'verbs must be a list of strings, as in verbs=\["get'):
        rbac(groups=["apps"], resources=["deployments"], verbs="get,list")
