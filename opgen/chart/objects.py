"""The Kubernetes objects of a project, as kustomize puts them together."""

from __future__ import annotations

import copy
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from opgen.api.errors import Location, Problem, Problems

Document = dict[str, Any]

DEFAULT = "config/default"
CRD = "CustomResourceDefinition"
MANAGER = "manager"
"""The container of the operator."""
_IMAGE = re.compile(
    r"[a-zA-Z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@[a-z0-9+._-]+:[0-9a-fA-F]{32,})?"
)
"""A reference as registries read it. Source: distribution/reference, `ReferenceRegexp`."""


def kubectl_program() -> str:
    """The kubectl that is called: that of the variable KUBECTL, or the one on PATH."""
    return os.environ.get("KUBECTL") or "kubectl"


def without_kubectl() -> Problems:
    """The problem that there is no kubectl."""
    return Problems.of(
        f"{kubectl_program()} cannot be started: it is not on PATH",
        hint="install kubectl (https://kubernetes.io/docs/tasks/tools), or set KUBECTL",
    )


def build(root: Path, folder: str = DEFAULT) -> list[Document]:
    """The objects of a kustomization of a project, in kustomize's order.

    Raises:
        Problems: kubectl is missing, or kustomize refuses; says why.
    """
    import yaml

    command = [kubectl_program(), "kustomize", folder]
    try:
        finished = subprocess.run(
            command, cwd=root, capture_output=True, text=True, check=False, encoding="utf-8"
        )
    except FileNotFoundError as error:
        raise without_kubectl() from error
    if finished.returncode:
        message = finished.stderr.strip().removeprefix("error: ")
        raise Problems.of(f"kustomize refuses {folder}: {message}", location=Location(folder))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load_all(finished.stdout, Loader=loader)
    return [document for document in loaded if document]


def check_image(image: str, flag: str = "--image") -> Iterator[Problem]:
    """What is wrong with a reference to an image."""
    if not _IMAGE.fullmatch(image):
        yield Problem(
            f"{flag} {image!r} is no reference to an image: it must be like "
            "registry.example.com/name:tag",
            hint=f"pass {flag} with a name in lower case, and a tag or a digest",
        )


def with_image(documents: Iterable[Document], image: str) -> list[Document]:
    """The objects with another image of the operator.

    Raises:
        Problems: the image is none, or no Deployment has the operator's container.
    """
    if problems := list(check_image(image)):
        raise Problems(problems)
    changed = copy.deepcopy(list(documents))
    found = list(containers(changed))
    if not found:
        raise Problems.of(
            f"no Deployment of {DEFAULT} has a container named {MANAGER!r}, whose image could be "
            "set",
            location=Location("config/manager/manager.yaml"),
            hint=f"name the operator's container {MANAGER}",
        )
    for container in found:
        container["image"] = image
    return changed


def containers(documents: Iterable[Document]) -> Iterator[Document]:
    """The operator's containers."""
    for document in documents:
        if document["kind"] == "Deployment":
            for container in document["spec"]["template"]["spec"]["containers"]:
                if container["name"] == MANAGER:
                    yield container


def split(documents: Iterable[Document]) -> tuple[list[Document], list[Document]]:
    """The CRDs, and the other objects."""
    found = list(documents)
    crds = [document for document in found if document["kind"] == CRD]
    return crds, [document for document in found if document["kind"] != CRD]


def as_yaml(documents: Iterable[Document]) -> str:
    """The objects as one YAML text; equal objects give equal texts."""
    from opgen.manifests.emitter import dump_all

    return dump_all(list(documents))
