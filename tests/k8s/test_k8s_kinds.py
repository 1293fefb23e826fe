"""The table of built-in kinds."""

from __future__ import annotations

import pytest

from opgen.api import ResourceKind
from opgen.k8s.kinds import ALL_VERBS, BUILT_IN, by_definition, by_kind, by_plural
from opgen.k8s.schemas import definitions


def test_every_kind_has_its_definition() -> None:
    for built_in in BUILT_IN:
        definition = definitions()[built_in.definition]
        assert definition["x-kubernetes-group-version-kind"] == [
            {
                "group": built_in.kind.group,
                "version": built_in.kind.version,
                "kind": built_in.kind.kind,
            }
        ]


def test_only_kinds_with_a_status_field_have_the_subresource() -> None:
    for built_in in BUILT_IN:
        fields = definitions()[built_in.definition]["properties"]
        assert not built_in.has_status or "status" in fields, built_in.kind


@pytest.mark.parametrize(
    ("plural", "kind"),
    [
        ("endpoints", "Endpoints"),
        ("ingresses", "Ingress"),
        ("networkpolicies", "NetworkPolicy"),
        ("ingressclasses", "IngressClass"),
        ("ipaddresses", "IPAddress"),
    ],
)
def test_plurals_that_are_no_mere_s(plural: str, kind: str) -> None:
    group = "" if plural == "endpoints" else "networking.k8s.io"
    built_in = by_plural(group, plural)
    assert built_in is not None
    assert built_in.kind.kind == kind


def test_a_deployment() -> None:
    deployment = by_kind("apps", "Deployment")
    assert deployment is not None
    assert deployment == by_definition("io.k8s.api.apps.v1.Deployment")
    assert deployment.kind == ResourceKind("apps", "v1", "Deployment", "deployments")
    assert deployment.singular == "deployment"
    assert deployment.short_names == ("deploy",)
    assert deployment.categories == ("all",)
    assert deployment.has_status
    assert deployment.has_scale
    assert deployment.verbs == ALL_VERBS


def test_kinds_of_the_cluster_and_reviews() -> None:
    namespace = by_plural("", "namespaces")
    review = by_kind("authorization.k8s.io", "SubjectAccessReview")
    assert namespace is not None
    assert review is not None
    assert not namespace.kind.namespaced
    assert "deletecollection" not in namespace.verbs
    assert review.verbs == ("create",)


def test_the_preferred_version_comes_first() -> None:
    scaler = by_kind("autoscaling", "HorizontalPodAutoscaler")
    assert scaler is not None
    assert scaler.kind.version == "v2"


def test_what_is_not_there() -> None:
    assert by_kind("", "Deployment") is None
    assert by_plural("apps", "pods") is None
    assert by_definition("io.k8s.api.core.v1.EnvVar") is None
