"""From kinds to CRD documents.

Classes of one group and kind are versions of one CRD. Each class is walked into nodes, the nodes
are rendered as its version's schema, and the document is checked against the API server's own
rules. All problems of all kinds are collected; a kind with errors has no document.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from opgen.api.errors import Location, Problem
from opgen.api.markers import MarkerError
from opgen.api.resources import CustomResource, ResourceInfo, resource_info
from opgen.schema import arguments, descriptions
from opgen.schema.columns import column, extras
from opgen.schema.nodes import Object, Place
from opgen.schema.preflight import check, conflicts, findings, once
from opgen.schema.preflight.base import root
from opgen.schema.preflight.beside import Beside, Checks
from opgen.schema.preflight.sharing import Sharing
from opgen.schema.render import RULES, Renderer
from opgen.schema.source import class_source, remember
from opgen.schema.walk import Walker

__all__ = ["Ahead", "Derived", "Options", "check", "crds"]

Document = dict[str, Any]
_ROOT = ("apiVersion", "kind", "metadata")


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How CRDs are made.

    Attributes:
        max_description: The greatest length of a description in bytes; 0 leaves all out.
        preflight: Whether the API server's own rules are checked.
        kube_version: The oldest version of Kubernetes that the CRDs are for, such as `1.30`; what
            it does not know is an error. The newest if left out.
        converted: Group and kind of what has converters: its CRD names the conversion webhook.
    """

    max_description: int | None = None
    preflight: bool = True
    kube_version: str | None = None
    converted: frozenset[tuple[str, str]] = frozenset()


class Derived(NamedTuple):
    """CRD documents in the order of their names, and what is wrong.

    Equal parts of a document are one and the same object, which nobody may change.
    """

    documents: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]


class Version(NamedTuple):
    """One version of a kind: its class, what `@resource` was told, its nodes and its schema."""

    cls: type[CustomResource[Any, Any]]
    info: ResourceInfo
    root: Object
    document: dict[str, Any]

    @property
    def place(self) -> Place:
        """The decorator."""
        return Place(self.info.kind.kind, self.info.location)


class Kind(NamedTuple):
    """A kind: its versions, its CRD, how that is checked, and what is wrong so far."""

    versions: list[Version]
    document: Document
    checks: Checks
    problems: list[Problem]


class Begun:
    """The versions of a kind that are derived already, and how they are checked."""

    def __init__(self, options: Options, beside: Beside | None) -> None:
        """Prepare; arguments as of `Ahead`."""
        self.sharing, self.checks = Sharing(), Checks(beside, options.kube_version)
        self._options = options
        self._versions: list[tuple[Version, list[Problem]]] = []

    def begin(self, cls: type) -> None:
        """Derive a version and have it checked, where versions have come in their order so far."""
        problems: list[Problem] = []
        version = _version(cls, self._options, self.sharing, problems)
        if self._options.preflight and not _has_errors(problems):
            self.checks.begin(root(version.document, len(self._versions)))
        self._versions.append((version, problems))

    def version(self, cls: type, index: int, problems: list[Problem]) -> Version:
        """The version at a position, whose problems are added to those of the versions before.

        What had errors when it was derived is derived again: what it lacked may be there by now.
        """
        if index < len(self._versions):
            version, own = self._versions[index]
            if version.cls is cls and not _has_errors(own):
                problems.extend(own)
                return version
        version = _version(cls, self._options, self.sharing, problems)
        if self._options.preflight and not _has_errors(problems):
            self.checks.begin(root(version.document, index))
        return version


class Ahead:
    """Versions that are derived while the rest of a project is still being imported.

    So the process beside has something to check early. It changes nothing else.
    """

    def __init__(self, options: Options, beside: Beside | None = None) -> None:
        """Prepare.

        Args:
            options: How CRDs are made.
            beside: A process that helps with preflight.
        """
        self._options, self._beside = options, beside
        self._kinds: dict[tuple[str, str], Begun] = {}

    def begin(self, cls: type) -> None:
        """Derive the version that a class is, if the decorator has sound arguments."""
        info = _info(cls)
        if not any(True for _ in arguments.problems_of(info)):
            self.kind(info.kind.group_kind).begin(cls)

    def kind(self, group_kind: tuple[str, str]) -> Begun:
        """What has been begun of a kind."""
        if not self._kinds and self._beside is not None:
            remember(self._beside.sources)
        if group_kind not in self._kinds:
            self._kinds[group_kind] = Begun(self._options, self._beside)
        return self._kinds[group_kind]


def crds(
    classes: Iterable[type],
    options: Options | None = None,
    draft: Callable[[list[Document]], None] | None = None,
    ahead: Ahead | None = None,
) -> Derived:
    """One CRD document per group and kind, from the classes of all its versions.

    Args:
        classes: The classes of kinds.
        options: How; the defaults if left out.
        draft: Is told the documents before preflight, as they will be if nothing is wrong.
        ahead: What has been derived already, with the same options but for `converted`.

    Raises:
        TypeError: a class is not decorated with `@resource`.
        ValueError: `kube_version` is no version of Kubernetes.
    """
    options = options or Options()
    problems: list[Problem] = []
    ahead = ahead or Ahead(options)
    sound = _grouped(_sound(classes, problems))
    kinds = [_kind(versions, options, ahead) for versions in sound]
    if draft is not None:
        draft(sorted((kind.document for kind in kinds), key=_name))
    for kind in kinds:
        if options.preflight and not _has_errors(kind.problems):
            kind.problems.extend(_findings(kind, options))
        problems.extend(kind.problems)
    kinds = [kind for kind in kinds if not _has_errors(kind.problems)]
    documents = [kind.document for kind in kinds]
    if options.preflight:
        places = [kind.versions[0].info.location for kind in kinds]
        documents = _without_taken_names(documents, places, problems)
    problems = list(once(problems, lambda problem: problem.message))
    return Derived(tuple(sorted(documents, key=_name)), tuple(problems))


def _kind(classes: list[type], options: Options, ahead: Ahead) -> Kind:
    """The versions of a kind and its document; their checks are begun."""
    from opgen.schema.document import assemble

    problems: list[Problem] = []
    group_kind = _info(classes[0]).kind.group_kind
    begun = ahead.kind(group_kind)
    versions = [begun.version(cls, index, problems) for index, cls in enumerate(classes)]
    has_converter = group_kind in options.converted
    document = begun.sharing.shared(assemble(versions, problems, has_converter=has_converter))
    return Kind(versions, document, begun.checks, problems)


def _findings(kind: Kind, options: Options) -> list[Problem]:
    """What preflight has against a kind."""
    roots = [version.root for version in kind.versions]
    location = kind.versions[0].info.location
    return findings(kind.document, roots, location, options.kube_version, kind.checks.examine)


def _name(document: Document) -> str:
    return str(document["metadata"]["name"])


def _without_taken_names(
    documents: list[dict[str, Any]], places: list[Location], problems: list[Problem]
) -> list[dict[str, Any]]:
    """The documents whose names no other has; of the rest the places are told."""
    refused = set()
    for position, problem in conflicts(documents, places):
        refused.add(position)
        problems.append(problem)
    return [document for position, document in enumerate(documents) if position not in refused]


def _sound(classes: Iterable[type], problems: list[Problem]) -> list[type]:
    """The classes of the kinds whose decorators have arguments of the right kind."""
    classes = list(classes)
    broken = set()
    for info in map(_info, classes):
        faults = list(arguments.problems_of(info))
        problems.extend(faults)
        broken |= {info.kind.group_kind for _ in faults}
    return [cls for cls in classes if _info(cls).kind.group_kind not in broken]


def _has_errors(problems: list[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _grouped(classes: Iterable[type]) -> list[list[type]]:
    kinds: dict[tuple[str, str], list[type]] = {}
    for cls in classes:
        kinds.setdefault(_info(cls).kind.group_kind, []).append(cls)
    for versions in kinds.values():
        versions.sort(key=lambda cls: _info(cls).kind.version)
    return list(kinds.values())


def _info(cls: type) -> ResourceInfo:
    info = resource_info(cls)
    if info is None:
        raise TypeError(f"{cls.__qualname__} is not decorated with @resource(...)")
    return info


def _version(cls: type, options: Options, sharing: Sharing, problems: list[Problem]) -> Version:
    info = _info(cls)
    walker = Walker()
    source = class_source(cls)
    place = Place(info.kind.kind, source.location or info.location)
    top = walker.object(cls, place)
    if not isinstance(top, Object):
        top = Object(info.kind.kind, place, ())  # a generic class, which has been complained about
    renderer = Renderer()
    schema = renderer.render(top)
    renderer.problems[:0] = walker.problems
    beside = extras(top, schema, renderer.problems)
    columns = [*beside.columns, *(column(entry) for entry in info.columns)]
    _add_rules(schema, info, renderer.problems)
    renderer.problems.extend(_misplaced(info, beside.scale))
    _complete_root(schema, info)
    if options.max_description is not None:
        descriptions.limit(schema, options.max_description)
    problems.extend(renderer.problems)
    document: dict[str, Any] = {
        "name": info.kind.version,
        "served": info.served,
        "storage": bool(info.storage),
        "schema": {"openAPIV3Schema": sharing.shared(schema)},
    }
    if columns:
        document["additionalPrinterColumns"] = columns
    selectable = [*beside.selectable, *({"jsonPath": path} for path in info.selectable)]
    if selectable:
        document["selectableFields"] = selectable
    subresources = _subresources(schema, beside.scale, info)
    if subresources:
        document["subresources"] = subresources
    if info.deprecated:
        document["deprecated"] = True
    if isinstance(info.deprecated, str):
        document["deprecationWarning"] = info.deprecated
    return Version(cls, info, top, document)


def _add_rules(schema: dict[str, Any], info: ResourceInfo, problems: list[Problem]) -> None:
    """Put the rules of the decorator on the root."""
    for rule in info.rules:
        try:
            rule.check()
            rule.apply(schema)
        except MarkerError as error:
            problems.append(Problem(error.message, info.location, info.kind.kind, error.hint))
    if not schema.get(RULES, True):
        del schema[RULES]


def _misplaced(info: ResourceInfo, marked_scale: dict[str, Any] | None) -> Iterator[Problem]:
    """What `@resource` says and something else says as well, or cannot say at all."""
    for name in sorted(info.root.keys() - _ROOT):
        yield Problem(
            f"root={{{name!r}: ...}} is about none of {', '.join(_ROOT)}",
            info.location,
            info.kind.kind,
            f"declare {name} as a field of the class",
        )
    if info.scale and marked_scale:
        yield Problem(
            f"{info.scale!r} says again what markers on fields say",
            info.location,
            info.kind.kind,
            "leave out scale=... or the markers",
        )


def _complete_root(schema: dict[str, Any], info: ResourceInfo) -> None:
    """Add the fields that every object has, and what `@resource` says about them."""
    usual: dict[str, dict[str, Any]] = {
        "apiVersion": {"type": "string", "description": descriptions.API_VERSION},
        "kind": {"type": "string", "description": descriptions.KIND},
        "metadata": {"type": "object"},
    }
    said = {**usual, **info.root}
    fields = {name: deepcopy(part) for name, part in said.items() if part is not None}
    schema["properties"] = {**fields, **schema.get("properties", {})}


def _subresources(
    schema: dict[str, Any], scale: dict[str, Any] | None, info: ResourceInfo
) -> dict[str, Any]:
    subresources: dict[str, Any] = {}
    has_status = "status" in schema["properties"] if info.status is None else info.status
    if has_status:
        subresources["status"] = {}
    scale = info.scale.as_json() if info.scale else scale
    if scale:
        subresources["scale"] = scale
    return subresources
