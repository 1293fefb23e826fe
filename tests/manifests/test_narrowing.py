"""The rights of an operator that looks at its own namespace only."""

from __future__ import annotations

from opgen.manifests.narrowing import narrowed


def cluster_role(*rules):
    return {"kind": "ClusterRole", "metadata": {"name": "manager-role"}, "rules": list(rules)}


def test_the_cluster_role_becomes_a_role():
    rule = {"apiGroups": ["", "apps"], "resources": ["pods", "deployments/scale"], "verbs": ["get"]}
    elsewhere = {"kind": "Role", "metadata": {"name": "x", "namespace": "kube-system"}, "rules": []}
    roles, problems = narrowed([cluster_role(rule), elsewhere])
    assert problems == []
    assert roles == [cluster_role(rule) | {"kind": "Role"}, elsewhere]


def test_what_belongs_to_no_namespace_is_told():
    nodes = {"apiGroups": [""], "resources": ["nodes/status"], "verbs": ["get"]}
    url = {"nonResourceURLs": ["/version"], "verbs": ["get"]}
    _, problems = narrowed([cluster_role(nodes, url)])
    hint = "leave it out of the controllers, or run: opgen edit --no-namespaced"
    assert [(problem.message, problem.hint) for problem in problems] == [
        (
            "a namespaced operator cannot have rights to nodes/status, which belong to no "
            "namespace",
            hint,
        ),
        ("a namespaced operator cannot have rights to the URL /version", hint),
    ]
