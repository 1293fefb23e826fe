"""Kinds: the `CustomResource` base class and the `resource` decorator.

A kind is a dataclass that derives from `CustomResource[Spec, Status]` and is decorated with
`@resource`. The decorator attaches two frozen records and does nothing else: `ResourceKind` (group,
version, kind, plural, scope: what is needed to talk to the API server) and `ResourceInfo` (what
only the CRD needs). Built-in kinds of `opgen.k8s` carry a `ResourceKind` too, so `kind_of` works
for both.
"""

from __future__ import annotations

import sys
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from opgen.api.conversion import ConversionWebhook
from opgen.api.errors import Location
from opgen.api.fields import resolve_hints
from opgen.api.meta import ObjectMeta
from opgen.api.plurals import pluralize
from opgen.api.scale import Scale

Spec = TypeVar("Spec")
Status = TypeVar("Status")
Resource = TypeVar("Resource", bound="CustomResource[Any, Any]")
Scope = Literal["Namespaced", "Cluster"]


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """Group, version and kind with what is needed to build request paths."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True

    @property
    def __opgen_kind__(self) -> ResourceKind:
        """Itself, so that a kind without a class goes where a class goes."""
        return self

    @property
    def api_version(self) -> str:
        """`group/version`, or the version alone for the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def group_kind(self) -> tuple[str, str]:
        """What identifies the kind across versions."""
        return (self.group, self.kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class ResourceInfo:
    """What `@resource` was told: everything a CRD says beyond the schema.

    `storage` is None where the author did not say; a single version is the storage version.
    `deprecated` is False, True, or the warning that clients shall see.
    """

    kind: ResourceKind
    singular: str
    scope: str = "Namespaced"
    """As it was given; `kind.namespaced` is what follows from it."""
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    storage: bool | None = None
    served: bool = True
    deprecated: bool | str = False
    columns: tuple[Any, ...] = ()
    """Printer columns by path, in order; those marked on fields come before them."""
    rules: tuple[Any, ...] = ()
    """CEL rules on the kind as a whole."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    conversion: ConversionWebhook | None = None
    list_kind: str = ""
    """The kind of lists; empty for the usual one."""
    status: bool | None = None
    """Whether the status is a subresource; None if it is where there is a status."""
    scale: Scale | None = None
    """The scale subresource by paths; what is marked on fields needs none."""
    selectable: tuple[str, ...] = ()
    """Selectable fields by path, after those marked on fields."""
    root: Mapping[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """What the schema says of apiVersion, kind and metadata if not the usual; None: nothing."""
    location: Location


@dataclass(kw_only=True)
class CustomResource(Generic[Spec, Status]):
    """Base of all custom resources: metadata, spec and status.

    `CustomResource[WebServerSpec, None]` is a kind without status. `status` need not be given when
    all fields of the status class have defaults.
    """

    __opgen_kind__: ClassVar[ResourceKind]
    __opgen_resource__: ClassVar[ResourceInfo]

    metadata: ObjectMeta = field(default_factory=ObjectMeta)
    spec: Spec
    status: Status = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        """Give the object an empty status of its own."""
        if self.status is None:
            cls: type = type(self)
            status_type = _status_type(cls)
            if status_type is not None:
                self.status = status_type()

    @property
    def api_version(self) -> str:
        """`group/version` of the kind."""
        return self.__opgen_kind__.api_version

    @property
    def kind(self) -> str:
        """The kind's name."""
        return self.__opgen_kind__.kind


@cache
def _status_type(cls: type) -> Callable[[], Any] | None:
    """The class of a kind's status, or None if the kind has none."""
    annotation = resolve_hints(cls).get("status")
    if typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    is_class = isinstance(annotation, type) and annotation is not type(None)
    return annotation if is_class else None


def resource(
    *,
    group: str,
    version: str,
    plural: str | None = None,
    singular: str | None = None,
    scope: Scope = "Namespaced",
    short_names: Iterable[str] = (),
    categories: Iterable[str] = (),
    storage: bool | None = None,
    served: bool = True,
    deprecated: bool | str = False,
    columns: Iterable[Any] = (),
    rules: Iterable[Any] = (),
    annotations: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    conversion: ConversionWebhook | None = None,
    list_kind: str = "",
    status: bool | None = None,
    scale: Scale | None = None,
    selectable: Iterable[str] = (),
    root: Mapping[str, Mapping[str, Any] | None] | None = None,
) -> Callable[[type[Resource]], type[Resource]]:
    """Declare a dataclass to be a kind of the Kubernetes API.

    Args:
        group: The API group, such as `my.domain`.
        version: The version, such as `v1` or `v1alpha1`.
        plural: The resource name in URLs; derived from the class name if left out.
        singular: The singular name; the lower-cased class name if left out.
        scope: `Namespaced` or `Cluster`.
        short_names: Abbreviations for kubectl.
        categories: Groups of resources such as `all` for `kubectl get all`.
        storage: Whether this version is stored; needed only when there are several.
        served: Whether the API server offers this version.
        deprecated: True or a warning text if the version shall not be used any more.
        columns: `PrintColumn` objects with a path, for what no field can carry.
        rules: `CEL` rules on the kind as a whole.
        annotations: Annotations of the CRD.
        labels: Labels of the CRD.
        conversion: The webhook that converts between versions, if they differ.
        list_kind: The kind of lists; the kind with `List` behind it if left out.
        status: Whether the status is a subresource; if left out, it is where there is a status.
        scale: The scale subresource by paths, where no field can carry the markers.
        selectable: Selectable fields by path, where no field can carry the marker.
        root: Schemas of `apiVersion`, `kind` or `metadata` that differ from the usual ones, such as
            a rule for `metadata.name`; None leaves one out of the schema.

    Values are checked when manifests are made, together with everything else.

    Raises:
        TypeError: the class does not derive from `CustomResource`.
    """
    frame = sys._getframe(1)
    location = Location(frame.f_code.co_filename, frame.f_lineno)

    def decorate(cls: type[Resource]) -> type[Resource]:
        if not (isinstance(cls, type) and issubclass(cls, CustomResource)):
            name = getattr(cls, "__qualname__", cls)
            raise TypeError(
                f"{name} must derive from CustomResource, as in "
                f"class {name}(CustomResource[{name}Spec, {name}Status])"
            )
        name = cls.__name__
        cls.__opgen_kind__ = ResourceKind(
            group=group,
            version=version,
            kind=name,
            plural=plural or pluralize(name),
            namespaced=scope != "Cluster",
        )
        cls.__opgen_resource__ = ResourceInfo(
            kind=cls.__opgen_kind__,
            singular=singular or name.lower(),
            scope=scope,
            short_names=_listed(short_names),
            categories=_listed(categories),
            storage=storage,
            served=served,
            deprecated=deprecated,
            columns=_listed(columns),
            rules=_listed(rules),
            annotations={} if annotations is None else annotations,
            labels={} if labels is None else labels,
            conversion=conversion,
            list_kind=list_kind,
            status=status,
            scale=scale,
            selectable=_listed(selectable),
            root={} if root is None else root,
            location=location,
        )
        return cls

    return decorate


def _listed(values: Any) -> Any:
    """A tuple of what is a series of values; anything else stays, to be told of later."""
    several = isinstance(values, Iterable) and not isinstance(values, (str, Mapping))
    return tuple(values) if several else values


def kind_of(obj: Any) -> ResourceKind:
    """The `ResourceKind` of a custom resource, its class, or a built-in kind of `opgen.k8s`.

    Raises:
        TypeError: it has none; for a class of one's own, `@resource` is missing.
    """
    kind = getattr(obj, "__opgen_kind__", None)
    if not isinstance(kind, ResourceKind):
        name = getattr(obj, "__qualname__", repr(obj))
        raise TypeError(f"{name} is no kind of the Kubernetes API; decorate it with @resource(...)")
    return kind


def resource_info(cls: type) -> ResourceInfo | None:
    """What `@resource` was told about this very class, or None if it was not decorated."""
    info = cls.__dict__.get("__opgen_resource__")
    return info if isinstance(info, ResourceInfo) else None
