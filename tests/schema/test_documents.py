"""Documents of several versions, and what decorators of several versions must agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from opgen.api import CEL, ConversionWebhook, CustomResource, resource
from opgen.schema import Options, crds
from opgen.schema.descriptions import cut


@dataclass
class Spec:
    x: str = "a"


def kind(**said: Any) -> type:
    @resource(**{"group": "example.com", "version": "v1", **said})
    @dataclass
    class Thing(CustomResource[Spec, None]):
        pass

    return Thing


def test_versions_are_in_the_order_of_their_names() -> None:
    classes = [kind(version="v2alpha1"), kind(storage=True), kind(version="v1beta1")]
    (document,) = crds(classes).documents
    assert [version["name"] for version in document["spec"]["versions"]] == [
        "v1",
        "v1beta1",
        "v2alpha1",
    ]


def test_the_order_of_classes_does_not_matter() -> None:
    @resource(group="example.com", version="v1")
    @dataclass
    class Another(CustomResource[Spec, None]):
        pass

    both = [kind(), Another]
    assert crds(both).documents == crds(both[::-1]).documents


def test_a_single_version_is_stored() -> None:
    (document,) = crds([kind()]).documents
    assert document["spec"]["versions"][0]["storage"] is True


def test_one_of_several_versions_must_be_stored() -> None:
    (problem,) = crds([kind(), kind(version="v2")]).problems
    assert problem.message == ("must have exactly one version marked as storage version, not none")
    assert problem.hint == "say storage=True in @resource of one version"


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"plural": "thingies"},
            "plural is 'thingies' here and 'things' in version v1, but a kind has only one",
        ),
        (
            {"scope": "Cluster"},
            "scope is 'Cluster' here and 'Namespaced' in version v1, but a kind has only one",
        ),
        (
            {"short_names": ["t"]},
            "short_names is ['t'] here and ['th'] in version v1, but a kind has only one",
        ),
        (
            {"labels": {"a": "2"}},
            "label a is '2' here and '1' in version v1, but a kind has only one",
        ),
    ],
)
def test_versions_must_agree(said: dict[str, Any], message: str) -> None:
    first = kind(storage=True, short_names=["th"], labels={"a": "1"})
    (problem,) = crds([first, kind(version="v2", **said)]).problems
    assert problem.message == message
    assert problem.location is not None


def test_rules_of_the_decorator_stand_at_the_root() -> None:
    (document,) = crds([kind(rules=[CEL("self.metadata.name != 'x'")])]).documents
    root = document["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert root["x-kubernetes-validations"] == [{"rule": "self.metadata.name != 'x'"}]


def test_conversion_by_a_webhook() -> None:
    (document,) = crds([kind(conversion=ConversionWebhook(port=9443))]).documents
    assert document["spec"]["conversion"] == {
        "strategy": "Webhook",
        "webhook": {
            "clientConfig": {
                "service": {
                    "name": "webhook-service",
                    "namespace": "system",
                    "path": "/convert",
                    "port": 9443,
                }
            },
            "conversionReviewVersions": ["v1"],
        },
    }


def test_conversion_by_a_url_of_one_version_of_two() -> None:
    webhook = ConversionWebhook(url="https://example.com/convert", ca_bundle="Q0E=")
    classes = [kind(storage=True), kind(version="v2", conversion=webhook)]
    (document,) = crds(classes).documents
    assert document["spec"]["conversion"]["webhook"]["clientConfig"] == {
        "url": "https://example.com/convert",
        "caBundle": "Q0E=",
    }


def test_a_bad_webhook_is_told() -> None:
    bad = ConversionWebhook(namespace="", review_versions=["v3"])
    problems = crds([kind(conversion=bad)]).problems
    assert [problem.message for problem in problems] == [
        "service namespace is required",
        "must include at least one of v1, v1beta1",
    ]
    assert all(problem.location for problem in problems)


def test_two_kinds_with_one_plural() -> None:
    @resource(group="example.com", version="v1", plural="things", short_names=["t"])
    @dataclass
    class Other(CustomResource[Spec, None]):
        pass

    derived = crds([kind(short_names=["t"]), Other])
    assert [document["spec"]["names"]["kind"] for document in derived.documents] == ["Thing"]
    assert [(problem.field, problem.message) for problem in derived.problems] == [
        ("spec.names.plural", 'plural: "things" is already in use by Thing'),
        ("spec.names.shortNames", 'shortNames: "t" is already in use by Thing'),
    ]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("1.24", "a CEL rule needs Kubernetes 1.25, and 1.24 is to be supported"),
        ("v1.27.3", "the reason of a CEL rule needs Kubernetes 1.28, and 1.27 is to be supported"),
    ],
)
def test_old_versions_of_kubernetes(version: str, message: str) -> None:
    ruled = kind(rules=[CEL("true", reason="FieldValueInvalid")])
    assert crds([ruled], Options(kube_version="1.28")).problems == ()
    problems = crds([ruled], Options(kube_version=version)).problems
    assert message in [problem.message for problem in problems]


def test_functions_that_older_versions_do_not_know() -> None:
    newer = "quantity('1').isInteger() && ip('::1').family() == 6"
    ruled = kind(rules=[CEL(newer, message_expression="'%d'.format([1])")])
    assert crds([ruled], Options(kube_version="1.31")).problems == ()
    problems = crds([ruled], Options(kube_version="1.30")).problems
    assert [(problem.message, problem.hint) for problem in problems] == [
        (
            f"{name} needs Kubernetes 1.31, and 1.30 is to be supported",
            "leave it out, or raise --kube-version",
        )
        for name in ("family()", "ip()")
    ]
    assert all(problem.location for problem in problems)
    oldest = {problem.message for problem in crds([ruled], Options(kube_version="1.28")).problems}
    assert "format() needs Kubernetes 1.30, and 1.28 is to be supported" in oldest
    assert "quantity() needs Kubernetes 1.29, and 1.28 is to be supported" in oldest


def test_no_version_of_kubernetes() -> None:
    with pytest.raises(ValueError, match=r"'2.0' is no version of Kubernetes; write it like 1.30"):
        crds([kind()], Options(kube_version="2.0"))


def test_preflight_can_be_left_out() -> None:
    bad = kind(group="nodot")
    assert crds([bad]).documents == ()
    assert len(crds([bad], Options(preflight=False)).documents) == 1


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("Exactly fifty characters long, no more and no less",) * 2,
        ("A sentence. Then another one that is cut off somewhere here.", "A sentence."),
        (
            "No full stop at all so that the cut is after a word",
            "No full stop at all so that the cut is after a...",
        ),
        ("0123456789" * 6, "0123456789" * 5 + "..."),
        ("☃" * 20, "☃" * 16 + "..."),
    ],
)
def test_long_descriptions_are_cut(text: str, short: str) -> None:
    assert cut(text, 50) == short
