"""The same types as controller-gen's goldens make the same documents, parsed and compared.

Differences that are meant, and nothing else, are taken out by the functions named in `CASES`.
Where none is needed, the YAML is compared byte by byte.
"""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from opgen.manifests.emitter import dump_all
from opgen.schema import Options, crds

Document = dict[str, Any]
GOLDENS = Path(__file__).parent / "goldens"


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


def without_clashing(document: Document) -> None:
    """What clashes is an error in opgen, not an allOf; `test_clashes` has it."""
    if document["spec"]["names"]["kind"] == "Clashing":
        document.clear()


def with_exact_numbers(document: Document) -> None:
    """controller-gen rounds bounds and `+default` to what a float can hold."""
    for schema in schemas(document):
        for keyword, value in schema.items():
            if value == 9007199254740993:
                schema[keyword] = 9007199254740992


def without_embedded_metadata(document: Document) -> None:
    """opgen always says what metadata below the root holds, or the server would prune it."""
    for schema in schemas(document):
        if schema.get("properties", {}).get("metadata", {}).get("properties"):
            del schema["properties"]["metadata"]["properties"]


def without_broken_characters(document: Document) -> None:
    """controller-gen cuts in the middle of a character; opgen cuts before or after it."""
    for schema in schemas(document):
        for field in ("cutIdeographs", "cutRune"):
            schema.get("properties", {}).get(field, {}).pop("description", None)


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
    "04-scalars": (("scalars.Scalars",), ()),
    "04-floats": (("scalars.Floats",), ()),
    "05-validation": (
        (
            *("validation.OnField", "validation.OnItems", "validation.OnType", "validation.OneOf"),
            *("rules.Presence", "rules.Rules", "rules.Special"),
        ),
        (without_clashing, with_exact_numbers),
    ),
    "05-optional": (("rules.Lenient",), ()),
    "06-defaults": (("defaults.Defaulted",), (with_exact_numbers,)),
    "07-lists-maps": (("shapes.Shapes",), ()),
    "08-embedding": (("nesting.Nesting", "nesting.RootShadow"), ()),
    "09-k8s-types": (
        ("pieces.Jobs", "pieces.Pieces", "pieces.Pods"),
        (without_descriptions, without_embedded_metadata),
    ),
    "10-versions": (
        ("matrix_v1beta1.Matrix", "matrix_v1.Matrix", "matrix_v1alpha1.Matrix", "matrix_v1.Vector"),
        (),
    ),
    "13-descriptions": (("prose.Prose",), (without_status_subresource,)),
}
SAME_BYTES = [case for case, (_, differences) in CASES.items() if not differences]


@pytest.fixture
def derived(kinds: Callable[[str], ModuleType]) -> Callable[[str], list[Document]]:
    """The documents that opgen makes of the kinds of a case, of which nothing is wrong."""

    def derive(case: str) -> list[Document]:
        named = (name.split(".") for name in CASES[case][0])
        found = crds([getattr(kinds(module), cls) for module, cls in named])
        assert [p for p in found.problems if p.severity == "error"] == []
        return [copy.deepcopy(document) for document in found.documents]

    return derive


def prepare(document: Document, differences: Differences) -> Document:
    """The document without the differences that are meant."""
    for drop in (*ALWAYS, *differences):
        if document:
            drop(document)
    return document


@pytest.mark.parametrize("case", CASES)
def test_golden(
    case: str,
    derived: Callable[[str], list[Document]],
    golden: Callable[[str], list[Document]],
) -> None:
    differences = CASES[case][1]
    ours = [prepare(document, differences) for document in derived(case)]
    theirs = [prepare(document, differences) for document in golden(case)]
    assert ours == sorted(filter(None, theirs), key=lambda document: document["metadata"]["name"])


@pytest.mark.parametrize("case", SAME_BYTES)
def test_golden_byte_by_byte(case: str, derived: Callable[[str], list[Document]]) -> None:
    documents = derived(case)
    for document in documents:
        annotations = document["metadata"].setdefault("annotations", {})
        annotations["controller-gen.kubebuilder.io/version"] = "v0.22.0"
    text = (GOLDENS / f"{case}.yaml").read_text()
    assert dump_all(documents) == text.replace("    subresources: {}\n", "")


CLASHES = {
    "shorter": ("MaxLen(20)", "maxLength is already 40"),
    "both": ("MinLen(3)", "minLength is already 1"),
    "otherPattern": ("Pattern('^team-')", "pattern is already '^[a-z-]+$'"),
    "numbers": ("Ge(10)", "minimum is already 0"),
    "threeLevels": ("MaxLen(12)", "maxLength is already 40"),
    "items[]": ("MinLen(4)", "minLength is already 1"),
    "otherPoint": ("MinLen(2)", "minProperties is already 1"),
    "otherFormat": ("Format('int64')", "format is already 'int32'"),
    "tiny": ("MaxLen(3)", "maxLength is already 40"),
}


@pytest.mark.parametrize("field", CLASHES)
def test_clashes(field: str, kinds: Callable[[str], ModuleType]) -> None:
    marker, already = CLASHES[field]
    problems = crds([kinds("clashing").Clashing]).problems
    problem = next(p for p in problems if p.field == f"Clashing.spec.{field}")
    assert problem.message == (
        f"{marker} contradicts what the type or another marker says: {already}"
    )
    assert problem.hint.endswith("only once, on the alias or on the field")


def test_saying_the_same_twice_is_no_clash(kinds: Callable[[str], ModuleType]) -> None:
    found = crds([kinds("clashing").Agreeing])
    assert found.problems == ()
    root = found.documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    fields = root["properties"]["spec"]["properties"]
    assert fields["same"] == {"type": "string", "minLength": 1, "maxLength": 40}
    assert fields["otherMapType"]["x-kubernetes-map-type"] == "granular"


@pytest.mark.parametrize("limit", [0, 50])
def test_descriptions_are_cut_as_controller_gen_does(
    limit: int,
    kinds: Callable[[str], ModuleType],
    golden: Callable[[str], list[Document]],
) -> None:
    (ours,) = crds([kinds("prose").Prose], Options(max_description=limit)).documents
    (theirs,) = golden(f"13-maxdesclen-{limit}")
    for document in (ours, theirs):
        prepare(document, (without_status_subresource, without_broken_characters))
    assert ours == theirs


def test_descriptions_can_be_left_out(kinds: Callable[[str], ModuleType]) -> None:
    derived = crds([kinds("webserver").WebServer], Options(max_description=0))
    assert all("description" not in schema for schema in schemas(derived.documents[0]))
