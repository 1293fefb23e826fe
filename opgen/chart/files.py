"""The files of a project's Helm chart."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from opgen.api.errors import Location, Problems
from opgen.chart import manager, objects, text
from opgen.chart.naming import Naming
from opgen.chart.objects import Document
from opgen.chart.places import Place, place_of

KEPT = ("Chart.yaml", "values.yaml", ".helmignore", "templates/NOTES.txt")
"""Files that a person is expected to edit: they are written once."""
OPTIONAL = ("config/prometheus", "config/network-policy")
"""Kustomizations that a value switches on, whether or not config/default has them."""
_PLACE = re.compile(r"^ *@(\w+)@\n", re.M)
_WORD = re.compile(r"@(\w+)@")
_KEEP = "    {{- if .Values.crd.keep }}\n    helm.sh/resource-policy: keep\n    {{- end }}\n"
_REFUSAL = (
    "{{- if .Values.rbac.namespaced }}\n"
    '{{- fail "rbac.namespaced must be false: the operator needs rights that belong to no '
    'namespace" }}\n'
    "{{- end }}\n"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What a chart has to know of a project besides its objects."""

    name: str
    version: str = "0.1.0"
    namespaced: bool = False
    ha: bool = False
    prometheus: bool = False
    network_policy: bool = False


def collect(root: Path, project: str) -> list[Document]:
    """The objects of config/default, and those that config/default may leave out.

    Raises:
        Problems: kustomize refuses.
    """
    found = objects.build(root)
    known = {_identity(one) for one in found}
    for folder in OPTIONAL:
        if not (root / folder / "kustomization.yaml").is_file():
            continue
        for document in objects.build(root, folder):
            metadata = document["metadata"]
            metadata["name"] = f"{project}-{metadata['name']}"
            metadata["namespace"] = f"{project}-system"
            if _identity(document) not in known:
                found.append(document)
    return found


def chart_files(facts: Facts, documents: Sequence[Document]) -> dict[str, str]:
    """The files of the chart by their path in it.

    Args:
        facts: What is known of the project.
        documents: What `collect` found.

    Raises:
        Problems: there is no Deployment of the operator, or there are several.
    """
    naming = Naming(facts.name, documents)
    deployment = _deployment(documents)
    blocks = manager.blocks(deployment, naming)
    found = {
        "Chart.yaml": _filled("Chart.yaml", _chart_words(facts, deployment)),
        "values.yaml": _filled("values.yaml", _value_words(facts, deployment)),
        ".helmignore": _part("helmignore"),
        "templates/NOTES.txt": _part("NOTES.txt"),
        "templates/_helpers.tpl": _part("_helpers.tpl"),
        "templates/manager/manager.yaml": _filled("manager.yaml", blocks),
        "templates/manager/pod-disruption-budget.yaml": _filled(
            "pod_disruption_budget.yaml", blocks
        ),
    }
    for document in documents:
        if document is deployment or document["kind"] in ("Namespace", "PodDisruptionBudget"):
            continue
        place = place_of(document["kind"], document["metadata"]["name"])
        path = f"templates/{place.folder}/{naming.rest(document)}.yaml"
        if path in found:
            path = path.replace(".yaml", f"-{document['kind'].lower()}.yaml")
        found[path] = _template(document, place, naming, _twin(document, documents))
    return dict(sorted(found.items()))


def _identity(document: Document) -> tuple[str, str]:
    return document["kind"], document["metadata"]["name"]


def _deployment(documents: Iterable[Document]) -> Document:
    found = [document for document in documents if manager.is_manager(document)]
    if len(found) != 1:
        raise Problems.of(
            f"{objects.DEFAULT} has {len(found)} Deployments with a container named "
            f"{objects.MANAGER!r}, and a chart is made for one",
            location=Location("config/manager/manager.yaml"),
            hint=f"name the operator's container {objects.MANAGER}, and no other",
        )
    return found[0]


def _twin(document: Document, documents: Iterable[Document]) -> bool:
    """Whether a Role stands beside a ClusterRole of the same name, or a binding likewise."""
    kind, name = _identity(document)
    return any(_identity(other) == (f"Cluster{kind}", name) for other in documents)


def _template(document: Document, place: Place, naming: Naming, twin: bool) -> str:
    released = naming.released(copy.deepcopy(document))
    metadata = released["metadata"]
    metadata["labels"] = {"helm.sh/chart": "OPGENCHART", **metadata.get("labels", {})}
    _link_account(released)
    if place.scoped and not twin:
        _scope(released)
    written = text.template(released).replace("OPGENCHART", '{{ include "chart.label" . }}')
    if document["kind"] == objects.CRD:
        written = _kept(written)
    if document["kind"] == "ServiceAccount":
        written = written.replace(
            "metadata:\n",
            "metadata:\n  {{- with .Values.serviceAccount.annotations }}\n"
            "  annotations:\n    {{- toYaml . | nindent 4 }}\n  {{- end }}\n",
            1,
        )
    refusal = _REFUSAL if twin and document["kind"] == "Role" else ""
    return refusal + text.when(place.condition, _ports(written, place))


def _link_account(document: Document) -> None:
    """Name the service account as the values have it, where it is made and where it is bound."""
    if document["kind"] == "ServiceAccount":
        document["metadata"]["name"] = text.ACCOUNT
    for subject in document.get("subjects", ()):
        if subject["kind"] == "ServiceAccount":
            subject["name"] = text.ACCOUNT


def _scope(document: Document) -> None:
    """Make a role or a binding as wide as the values say."""
    document["metadata"].pop("namespace", None)
    document["metadata"][text.SCOPE] = "by values"
    is_binding = document["kind"].endswith("Binding")
    document["kind"] = f"{text.ROLE}Binding" if is_binding else text.ROLE
    if is_binding:
        document["roleRef"]["kind"] = text.ROLE


def _kept(written: str) -> str:
    """A CRD that can stay when the release goes."""
    if "\n  annotations:\n" in written:
        return written.replace("\n  annotations:\n", f"\n  annotations:\n{_KEEP}", 1)
    annotated = _KEEP.replace("\n", "\n  annotations:\n", 1)
    return written.replace("\nmetadata:\n", f"\nmetadata:\n{annotated}", 1)


def _ports(written: str, place: Place) -> str:
    """The port of the metrics as the values have it."""
    if place.folder == "metrics":
        return written.replace("port: 8443", "port: {{ .Values.metrics.port }}")
    if place.folder == "network-policy":
        return written.replace("port: 8443", "port: {{ .Values.metrics.port }}")
    if place.folder == "prometheus":
        scheme = "scheme: {{ if .Values.metrics.secure }}https{{ else }}http{{ end }}"
        return written.replace("scheme: https", scheme)
    return written


def _chart_words(facts: Facts, deployment: Document) -> dict[str, str]:
    _, tag, _ = _image(deployment)
    return {"name": facts.name, "version": facts.version, "app_version": tag or "v0.1.0"}


def _value_words(facts: Facts, deployment: Document) -> dict[str, str]:
    repository, _, digest = _image(deployment)
    container = next(iter(objects.containers([deployment])))
    pod = deployment["spec"]["template"]["spec"]
    switches = ("namespaced", "ha", "prometheus", "network_policy")
    return {
        "repository": repository,
        "digest": digest,
        "replicas": str(deployment["spec"].get("replicas", 1)),
        "resources": _indented(container.get("resources")),
        "pod_security_context": _indented(pod.get("securityContext")),
        "security_context": _indented(container.get("securityContext")),
        **{name: str(getattr(facts, name)).lower() for name in switches},
    }


def _image(deployment: Document) -> tuple[str, str, str]:
    """Repository, tag and digest of the operator's image."""
    image: str = next(iter(objects.containers([deployment])))["image"]
    name, _, digest = image.partition("@")
    found = re.fullmatch(r"(.*?)(?::([^:/]+))?", name)
    return (found[1], found[2] or "", digest) if found else (name, "", digest)


def _indented(value: Any) -> str:
    return text.template(value or {}, 2)


def _part(name: str) -> str:
    return resources("opgen.chart").joinpath("parts", name).read_text(encoding="utf-8")


def _filled(name: str, words: dict[str, str]) -> str:
    """A part with texts in its places: whole lines, or words within a line."""
    whole = _PLACE.sub(lambda found: words[found[1]], _part(name))
    return _WORD.sub(lambda found: words[found[1]], whole)
