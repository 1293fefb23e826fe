"""In which form a client gets its answer: what `Accept` asks for, and what is refused.

Source: NegotiateMediaTypeOptions of Kubernetes' apiserver. Built-in kinds are served by a router
that looks at the header first and knows but `*/*` and whole types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from opgen.testing.errors import StatusError, not_acceptable
from opgen.testing.resources.registry import ResourceType

JSON, YAML = "application/json", "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
READABLE = (JSON, YAML, PROTOBUF)
"""Media types of bodies."""
STREAMS = tuple(f"{kind};stream=watch" for kind in (JSON, PROTOBUF))
_OF_LISTS = (*READABLE, *STREAMS)
TABLE, PARTIAL, PARTIAL_LIST = "Table", "PartialObjectMetadata", "PartialObjectMetadataList"
_SHAPES = (TABLE, PARTIAL, PARTIAL_LIST)
_VERSIONS = ("v1", "v1beta1")
_META = "meta.k8s.io"


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an answer.

    Attributes:
        media_type: JSON or YAML.
        shape: What objects are turned into: a table or their metadata; nothing if empty.
        version: The version of the shape, with its group.
    """

    media_type: str = JSON
    shape: str = ""
    version: str = f"{_META}/v1"


@dataclass(frozen=True, slots=True)
class _Clause:
    media_type: str
    parameters: Mapping[str, str]
    weight: float


def _weight(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 1.0


@lru_cache(maxsize=64)
def _clauses(accept: str) -> tuple[_Clause, ...]:
    return tuple(_clause(part) for part in accept.split(","))


def _clause(text: str) -> _Clause:
    media_type, *rest = (item.strip() for item in text.split(";"))
    pairs = (item.partition("=") for item in rest)
    parameters = {key.strip(): value.strip() for key, _, value in pairs}
    weight = _weight(parameters.pop("q", "1"))
    return _Clause(media_type, parameters, weight)


def _media_type(clause: _Clause) -> str | None:
    """The type that the server would write for a clause."""
    if clause.media_type in ("*/*", "application/*"):
        return JSON
    return clause.media_type if clause.media_type in (JSON, YAML) else None


def _form(clause: _Clause, *, watch: bool) -> Form | None:
    media_type = _media_type(clause)
    if media_type is None or (watch and media_type != JSON):
        return None
    if clause.parameters.get("stream", "watch") != "watch":
        return None
    shape = clause.parameters.get("as", "")
    if not shape:
        return Form(media_type)
    version = clause.parameters.get("v", "")
    if shape not in _SHAPES or version not in _VERSIONS or clause.parameters.get("g") != _META:
        return None
    return Form(media_type, shape, f"{_META}/{version}")


@lru_cache(maxsize=64)
def negotiate(accept: str, *, watch: bool = False) -> Form | None:
    """The form that a client likes best of those that there are; None if there is none."""
    if not accept.strip():
        return Form()
    clauses = sorted(_clauses(accept), key=lambda clause: -clause.weight)
    forms = (_form(clause, watch=watch) for clause in clauses)
    return next((form for form in forms if form is not None), None)


def wants_aggregated(accept: str) -> bool:
    """Whether a client asks for discovery in its aggregated form, before any other."""
    for clause in _clauses(accept):
        if {**clause.parameters, "type": clause.media_type} == _AGGREGATED:
            return True
        if _form(clause, watch=False) is not None:
            return False
    return False


_AGGREGATED = {"type": JSON, "as": "APIGroupDiscoveryList", "g": "apidiscovery.k8s.io", "v": "v2"}


def form_of(accept: str, resource_type: ResourceType, verb: str, subresource: str) -> Form:
    """The form of the answer to a request for a resource.

    Raises:
        StatusError: 406, the client takes nothing that the server writes.
    """
    if subresource == "log":
        _check_route(accept, ("text/plain", *READABLE))
        return Form()
    if not resource_type.custom:
        lists = verb in ("list", "watch", "deletecollection") and not subresource
        _check_route(accept, _OF_LISTS if lists else READABLE)
    form = negotiate(accept, watch=verb == "watch")
    if form is None:
        unstreamed = verb == "watch" and negotiate(accept) is not None
        raise not_acceptable(STREAMS if unstreamed else READABLE)
    return form


@lru_cache(maxsize=64)
def _is_produced(accept: str, produced: tuple[str, ...]) -> bool:
    """Whether a client takes any of the types that a route has."""
    asked = [clause.media_type for clause in _clauses(accept)] if accept.strip() else ["*/*"]
    return any(item == "*/*" or item in produced for item in asked)


def _check_route(accept: str, produced: tuple[str, ...]) -> None:
    if not _is_produced(accept, produced):
        listed = ", ".join(produced)
        text = f"406: Not Acceptable\n\nAvailable representations: {listed}"
        raise StatusError(406, "NotAcceptable", text, {})


def misshapen(shape: str, resource_type: ResourceType, *, is_list: bool) -> StatusError:
    """A list was asked for as one object, or the other way round."""
    if is_list and resource_type.custom:
        name = "*unstructured.UnstructuredList"
    else:
        package = resource_type.group.partition(".")[0] or "core"
        kind = resource_type.list_kind if is_list else resource_type.kind.kind
        name = f"*{package}.{kind}"
    what = "a list" if is_list else "not a list"
    text = f"you requested {shape}, but the requested object is {what} ({name})"
    if not is_list and resource_type.custom:
        return StatusError(500, "", "content is not a list")
    return StatusError(406, "NotAcceptable", text)
