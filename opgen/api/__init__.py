"""What people write types and controllers with.

This room is the vocabulary of a user's project: the `resource` decorator and the `CustomResource`
base class for kinds, the markers of `typing.Annotated` for validation, the scalar types of
Kubernetes, and the `controller` decorator. It imports nothing but the standard library, so that a
project's declarations can be read in milliseconds by tools that have none of its dependencies.

Nothing here does any work. Declarations are plain frozen data: `opgen.schema` turns them into
OpenAPI schemas, `opgen.manifests` into RBAC, and `opgen.runtime` runs them. The JSON names of
fields are decided in one place, `opgen.api.fields`, because the schema and the codec of the
runtime must never disagree.

Start reading at `opgen.api.resources`.
"""

from opgen.api.controllers import (
    ControllerInfo,
    PolicyRule,
    Result,
    TerminalError,
    Watch,
    controller,
    rbac,
)
from opgen.api.errors import Location, Problem, Problems
from opgen.api.fields import JsonField, json_fields
from opgen.api.markers import Marker, Name
from opgen.api.meta import ObjectMeta, OwnerReference
from opgen.api.resources import (
    CustomResource,
    ResourceInfo,
    ResourceKind,
    kind_of,
    resource,
    resource_info,
)

__all__ = [
    "ControllerInfo",
    "CustomResource",
    "JsonField",
    "Location",
    "Marker",
    "Name",
    "ObjectMeta",
    "OwnerReference",
    "PolicyRule",
    "Problem",
    "Problems",
    "ResourceInfo",
    "ResourceKind",
    "Result",
    "TerminalError",
    "Watch",
    "controller",
    "json_fields",
    "kind_of",
    "rbac",
    "resource",
    "resource_info",
]
