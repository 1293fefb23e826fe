"""Objects of other people's kinds, by their CRDs: Prometheus' operator and cert-manager."""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from conftest import Stage

CORPUS = Path(
    os.environ.get("OPGEN_CRD_CORPUS", Path(__file__).parents[3] / "shared/crd-corpus.tar.xz")
)
SERVICE_MONITORS = "prometheus-operator__prometheus-operator/servicemonitors.monitoring.coreos.com"
CERTIFICATES = "cert-manager__cert-manager/certificates.cert-manager.io"
SYSTEM = "webserver-operator-system"
TEXT = {"type": "string"}
TEXTS = {"type": "object", "additionalProperties": TEXT}
DURATION = {
    "type": "string",
    "pattern": "^(0|"
    + "".join(f"(([0-9]+){unit})?" for unit in ("y", "w", "d", "h", "m", "s", "ms"))
    + ")$",
}
RULE = {
    "type": "object",
    "required": ["expr"],
    "properties": {
        "alert": TEXT,
        "record": TEXT,
        "expr": {"x-kubernetes-int-or-string": True},
        "for": DURATION,
        "labels": TEXTS,
        "annotations": TEXTS,
    },
}
GROUP = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": TEXT | {"minLength": 1},
        "interval": DURATION,
        "rules": {"type": "array", "items": RULE},
    },
}
GROUPS = {
    "type": "array",
    "items": GROUP,
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
}


def definition(group: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """A CRD with what matters here of one that the corpus lacks."""
    schema = {"type": "object", "required": ["spec"], "properties": {"spec": spec}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": kind, "plural": f"{kind.lower()}s", "singular": kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{names['plural']}.{group}"},
        "spec": {"group": group, "names": names, "scope": "Namespaced", "versions": [version]},
    }


LACKING = (
    definition(
        "monitoring.coreos.com",
        "PrometheusRule",
        {"type": "object", "properties": {"groups": GROUPS}},
    ),
    definition(
        "cert-manager.io",
        "Issuer",
        {"type": "object", "properties": {"selfSigned": {"type": "object"}}},
    ),
)


@pytest.fixture(scope="session")
def foreign() -> list[dict[str, Any]]:
    if not CORPUS.is_file():
        pytest.skip(f"there is no corpus of real CRDs at {CORPUS}; see OPGEN_CRD_CORPUS")
    with tarfile.open(CORPUS) as archive:
        found = [
            archive.extractfile(f"crd-corpus/{one}.yaml")
            for one in (SERVICE_MONITORS, CERTIFICATES)
        ]
        return [*(yaml.safe_load(file) for file in found if file is not None), *LACKING]


@pytest.fixture
def with_kinds(stage: Stage, foreign: list[dict[str, Any]]) -> Iterator[Stage]:
    """A stage whose server knows the kinds, and a project that uses all of them."""
    file = stage.project.parent / "foreign.yaml"
    file.write_text(yaml.safe_dump_all(foreign))
    stage.kubectl("apply", "--server-side", "--validate=strict", "--filename", str(file))
    names = [f"crd/{one['metadata']['name']}" for one in foreign]
    stage.kubectl("wait", "--for=condition=Established", "--timeout=120s", *names)
    stage.opgen("init", "--domain", "my.domain", "--prometheus", "--cert-manager")
    kind = ("--version", "v1", "--kind", "WebServer")
    stage.opgen("create", "api", *kind)
    stage.opgen("create", "webhook", *kind, "--defaulting", "--validation")
    yield stage
    stage.kubectl("delete", "--ignore-not-found", "--kustomize", "config/default")
    stage.kubectl("delete", "--filename", str(file))


def apply(stage: Stage) -> str:
    return stage.kubectl("apply", "--server-side", "--validate=strict", "-k", "config/default")


def test_servers_take_every_object_without_a_warning(with_kinds: Stage) -> None:
    printed = apply(with_kinds)
    assert "Warning" not in printed
    for kind, name in (
        ("servicemonitor.monitoring.coreos.com", "controller-manager-metrics-monitor"),
        ("prometheusrule.monitoring.coreos.com", "controller-manager-alerts"),
        ("certificate.cert-manager.io", "serving-cert"),
        ("issuer.cert-manager.io", "selfsigned-issuer"),
    ):
        assert f"{kind}/webserver-operator-{name} serverside-applied" in printed
    rule = ("prometheusrules", "webserver-operator-controller-manager-alerts", "-n", SYSTEM)
    stored = json.loads(with_kinds.kubectl("get", *rule, "-o", "json"))
    (group,) = stored["spec"]["groups"]
    written = yaml.safe_load((with_kinds.project / "config/prometheus/alerts.yaml").read_text())
    assert group == written["spec"]["groups"][0]


def test_servers_would_tell_of_mistakes(with_kinds: Stage) -> None:
    folder = with_kinds.project / "config/prometheus"
    for name, old, new in (
        ("monitor", "  - path: /metrics", "  - pth: /metrics"),
        ("alerts", "for: 5m", "for: soon"),
    ):
        file = folder / f"{name}.yaml"
        file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(AssertionError) as caught:
        apply(with_kinds)
    assert ".spec.endpoints[0].pth: field not declared in schema" in str(caught.value)
    assert "spec.groups[0].rules[0].for" in str(caught.value)
