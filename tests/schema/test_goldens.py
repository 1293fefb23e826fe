"""The same types as controller-gen's goldens make the same documents, parsed and compared.

Differences that are meant, and nothing else, are taken out by the functions in `DIFFERENCES`.
"""

import copy
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from opgen.schema import Options, crds

Document = dict[str, Any]


def without_generator(document: Document) -> None:
    """opgen does not add an annotation with its own name and version."""
    annotations = document["metadata"].get("annotations", {})
    annotations.pop("controller-gen.kubebuilder.io/version", None)
    if not annotations:
        document["metadata"].pop("annotations", None)


def without_empty_subresources(document: Document) -> None:
    """controller-gen writes `subresources: {}` when there are columns; it means nothing."""
    for version in document["spec"]["versions"]:
        if version.get("subresources") == {}:
            del version["subresources"]


def without_condition_texts(document: Document) -> None:
    """opgen describes Condition in its own words."""
    for schema in schemas(document):
        if "lastTransitionTime" in schema.get("properties", {}):
            for inner in (schema, *schema["properties"].values()):
                inner.pop("description", None)


def without_descriptions(document: Document) -> None:
    """Where Kubernetes' own texts occur, the description-free variant is compared."""
    for schema in schemas(document):
        schema.pop("description", None)


def without_status_subresource(document: Document) -> None:
    """A kind with a status always has the status subresource."""
    for version in document["spec"]["versions"]:
        version.get("subresources", {}).pop("status", None)
    without_empty_subresources(document)


def schemas(document: Document) -> Iterator[Document]:
    """All schemas of a document."""
    waiting = [v["schema"]["openAPIV3Schema"] for v in document["spec"]["versions"]]
    while waiting:
        schema = waiting.pop()
        yield schema
        waiting.extend(schema.get("properties", {}).values())
        for keyword in ("items", "additionalProperties"):
            if isinstance(schema.get(keyword), dict):
                waiting.append(schema[keyword])


ALWAYS = (without_generator, without_empty_subresources)
Differences = tuple[Callable[[Document], None], ...]
CASES: dict[str, tuple[tuple[str, ...], Differences]] = {
    "01-webserver": (("webserver.WebServer",), (without_condition_texts,)),
    "02-appservice": (("appservice.AppService",), (without_descriptions,)),
    "03-myapp": (("myapp.MyApp",), (without_status_subresource,)),
    "10-versions": (
        ("matrix_v1beta1.Matrix", "matrix_v1.Matrix", "matrix_v1alpha1.Matrix", "matrix_v1.Vector"),
        (),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_golden(
    case: str,
    kinds: Callable[[str], ModuleType],
    golden: Callable[[str], list[Document]],
) -> None:
    classes, differences = CASES[case]
    named = (name.split(".") for name in classes)
    derived = crds([getattr(kinds(module), cls) for module, cls in named])
    assert derived.problems == ()
    ours = [copy.deepcopy(document) for document in derived.documents]
    theirs = golden(case)
    for document in (*ours, *theirs):
        for drop in (*ALWAYS, *differences):
            drop(document)
    assert ours == theirs


def test_descriptions_can_be_left_out(kinds: Callable[[str], ModuleType]) -> None:
    derived = crds([kinds("webserver").WebServer], Options(max_description=0))
    assert all("description" not in schema for schema in schemas(derived.documents[0]))
