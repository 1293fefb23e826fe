"""What `@resource` can say by path, where no field can carry a marker."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from opgen.schema import crds

HEAD = """
from __future__ import annotations
from dataclasses import dataclass
from typing import Annotated
from opgen.api import CustomResource, Int32, Scale, SpecReplicas, StatusReplicas, resource


@dataclass(kw_only=True)
class Spec:
    replicas: Annotated[Int32, {marker}] = 1
    size: str = ""


@dataclass(kw_only=True)
class Status:
    replicas: Annotated[Int32, {status}] = 0


"""
KIND = """
@resource(group="my.domain", version="v1", {arguments})
@dataclass(kw_only=True)
class Thing(CustomResource[Spec, Status]):
    pass
"""
PATHS = 'Scale(spec=".spec.replicas", status=".status.replicas", selector=".status.selector")'

Load = Callable[[str], ModuleType]


def derived(module: Load, arguments: str, marker: str = "", status: str = "") -> Any:
    head = HEAD.format(marker=marker or "int", status=status or "int")
    return crds([module(head + KIND.format(arguments=arguments)).Thing])


def version(module: Load, arguments: str) -> Any:
    result = derived(module, arguments)
    assert result.problems == ()
    return result.documents[0]["spec"]["versions"][0]


def test_scale_by_paths(module: Load) -> None:
    scale = 'scale=Scale(spec=".spec.replicas", status=".status.replicas")'
    assert version(module, scale)["subresources"] == {
        "status": {},
        "scale": {"specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"},
    }


def test_scale_is_said_once(module: Load) -> None:
    result = derived(module, f"scale={PATHS}", "SpecReplicas", "StatusReplicas")
    (problem,) = result.problems
    repeated = PATHS.replace(chr(34), chr(39))
    assert problem.message == f"{repeated} says again what markers on fields say"
    assert problem.hint == "leave out scale=... or the markers"


def test_no_status_subresource(module: Load) -> None:
    assert "subresources" not in version(module, "status=False")


def test_selectable_by_path(module: Load) -> None:
    fields = version(module, 'selectable=[".spec.size"]')["selectableFields"]
    assert fields == [{"jsonPath": ".spec.size"}]


def test_root_fields(module: Load) -> None:
    name = '{"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}}'
    said = version(module, f'root={{"kind": None, "metadata": {name}}}')
    properties = said["schema"]["openAPIV3Schema"]["properties"]
    assert list(properties) == ["apiVersion", "metadata", "spec", "status"]
    assert properties["metadata"]["properties"]["name"]["maxLength"] == 20


def test_other_root_fields(module: Load) -> None:
    (problem,) = derived(module, 'root={"spec": None}').problems
    assert problem.message == "root={'spec': ...} is about none of apiVersion, kind, metadata"
    assert problem.hint == "declare spec as a field of the class"


def test_list_kind(module: Load) -> None:
    (document,) = derived(module, 'list_kind="Things"').documents
    assert document["spec"]["names"]["listKind"] == "Things"
