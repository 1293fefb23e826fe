"""The Status errors of the API server, worded as kube-apiserver words them.

Clients act on code and reason, people read the message, and kubectl prints all three, so the texts
here are part of the contract that `tests/contract` compares with a real server.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from opgen.api.resources import ResourceKind

Document = dict[str, Any]


class StatusError(Exception):
    """An answer that is not the object asked for: a code, a reason, a message and details."""

    def __init__(
        self, code: int, reason: str, message: str, details: Document | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details
        self.metadata: Document = {}

    def document(self) -> Document:
        """The Status object."""
        status: Document = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "details": self.details,
            "code": self.code,
        }
        if self.details is None:
            del status["details"]
        if not self.reason:
            del status["reason"]
        return status


class Undecodable(StatusError):
    """400: a document does not fit the types of its kind.

    Args:
        kind: Of what, and in which version.
        detail: What the decoder says.
        document: What was decoded.
    """

    def __init__(self, kind: str, version: str, detail: str, document: Document) -> None:
        text = f'{kind} in version "{version}" cannot be handled as a {kind}: {detail}'
        super().__init__(400, "BadRequest", text)
        self._detail = detail
        self._document = document

    def of_patch(self) -> StatusError:
        """The same, if the document is what a patch makes of an object."""
        text = json.dumps(self._document, separators=(",", ":"), sort_keys=True)
        return invalid("", "", "", [invalid_value("patch", text, self._detail)])

    def of_apply(self, kind: ResourceKind, namespace: str, name: str) -> StatusError:
        """The same, if the document is what an apply makes of an object."""
        what = f"{kind.group}/{kind.version}, Kind={kind.kind}"
        return StatusError(
            500,
            "",
            f"failed to convert new object ({namespace}/{name}; {what}) to proper version: unable "
            f"to convert unstructured object to {what}: {self._detail}",
        )


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field. Source: apimachinery's field.Error."""

    reason: str
    field: str
    body: str

    def __str__(self) -> str:
        return f"{self.field}: {self.body}"

    def cause(self) -> Document:
        """The error as a cause of a Status."""
        return {"reason": self.reason, "message": self.body, "field": self.field}


def show(value: Any) -> str:
    """A value as field errors quote it: strings in quotes, objects as JSON."""
    if value is None:
        return '"null"'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def invalid_value(field: str, value: Any, detail: str) -> FieldError:
    """The value breaks a rule."""
    return FieldError("FieldValueInvalid", field, f"Invalid value: {show(value)}: {detail}")


def bare_invalid(field: str, detail: str) -> FieldError:
    """The value breaks a rule, and is too large to be shown."""
    return FieldError("FieldValueInvalid", field, f"Invalid value: {detail}")


def mismatched(field: str, value: Any, detail: str) -> FieldError:
    """The map breaks a rule; one that is not there is a bare null."""
    shown = "null" if value is None else show(value)
    return FieldError("FieldValueInvalid", field, f"Invalid value: {shown}: {detail}")


def type_invalid(field: str, value: Any, detail: str) -> FieldError:
    """The value has the wrong type."""
    return FieldError("FieldValueTypeInvalid", field, f"Invalid value: {show(value)}: {detail}")


def required(field: str, detail: str = "") -> FieldError:
    """The value is missing."""
    return FieldError(
        "FieldValueRequired", field, f"Required value: {detail}" if detail else "Required value"
    )


def forbidden_field(field: str, detail: str) -> FieldError:
    """The field must not be set."""
    return FieldError("FieldValueForbidden", field, f"Forbidden: {detail}")


def duplicate(field: str, value: Any) -> FieldError:
    """The value is in the list before."""
    return FieldError("FieldValueDuplicate", field, f"Duplicate value: {show(value)}")


def not_supported(field: str, value: Any, supported: Sequence[Any]) -> FieldError:
    """The value is not one of an enumeration."""
    values = ", ".join(show(choice) for choice in supported)
    shown = "null" if value is None else show(value)
    return FieldError(
        "FieldValueNotSupported", field, f"Unsupported value: {shown}: supported values: {values}"
    )


def too_long(field: str, limit: int) -> FieldError:
    """The string is too long."""
    return FieldError("FieldValueTooLong", field, f"Too long: may not be more than {limit} bytes")


def too_many(field: str, actual: int, limit: int) -> FieldError:
    """The list or map has too many entries."""
    return FieldError(
        "FieldValueTooMany", field, f"Too many: {actual}: must have at most {limit} items"
    )


def qualified(name: str, group: str) -> str:
    """A resource or kind with its group, as in `webservers.my.domain`."""
    return f"{name}.{group}" if group else name


def _details(group: str, kind: str, name: str = "", **more: Any) -> Document:
    named = {"name": name, "group": group, "kind": kind}
    return {key: value for key, value in named.items() if value} | more


def bad_request(message: str) -> StatusError:
    """400."""
    return StatusError(400, "BadRequest", message)


def unauthorized() -> StatusError:
    """401: the credentials are not known."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def forbidden(group: str, plural: str, name: str, why: str) -> StatusError:
    """403."""
    what = qualified(plural, group) + (f' "{name}"' if name else "")
    return StatusError(
        403, "Forbidden", f"{what} is forbidden: {why}", _details(group, plural, name)
    )


def forbidden_path(user: str, verb: str, path: str) -> StatusError:
    """403 for a path that is no resource."""
    message = f'forbidden: User "{user}" cannot {verb} path "{path}"'
    return StatusError(403, "Forbidden", message, {})


def not_found(group: str, plural: str, name: str) -> StatusError:
    """404: there is no such object."""
    message = f'{qualified(plural, group)} "{name}" not found'
    return StatusError(404, "NotFound", message, _details(group, plural, name))


def no_such_resource() -> StatusError:
    """404: there is no such resource type."""
    message = "the server could not find the requested resource"
    return StatusError(404, "NotFound", message, {})


def method_not_allowed() -> StatusError:
    """405."""
    message = "the server does not allow this method on the requested resource"
    return StatusError(405, "MethodNotAllowed", message, {})


def not_acceptable(accepted: Iterable[str]) -> StatusError:
    """406."""
    message = f"only the following media types are accepted: {', '.join(accepted)}"
    return StatusError(406, "NotAcceptable", message)


def already_exists(group: str, plural: str, name: str, *, going: bool = False) -> StatusError:
    """409: the name is taken, maybe by an object that is being deleted."""
    message = f'{qualified(plural, group)} "{name}" already exists'
    if going:
        message = f"object is being deleted: {message}"
    return StatusError(409, "AlreadyExists", message, _details(group, plural, name))


MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def conflict(group: str, plural: str, name: str, why: str = MODIFIED) -> StatusError:
    """409: somebody else was faster."""
    message = f'Operation cannot be fulfilled on {qualified(plural, group)} "{name}": {why}'
    return StatusError(409, "Conflict", message, _details(group, plural, name))


# Where etcd keeps objects, if not under their resource; only some groups have folders.
_KEPT = {
    "services": "services/specs",
    "endpoints": "services/endpoints",
    "ingresses": "ingress",
    "nodes": "minions",
    "replicationcontrollers": "controllers",
}
_WITH_GROUP = ("apiextensions.k8s.io", "apiregistration.k8s.io")


def lost(
    group: str,
    plural: str,
    namespace: str,
    name: str,
    wanted: str,
    found: str,
    root: str = "/registry",
) -> StatusError:
    """409: the object meant is not the one that is there; `root` is where etcd keeps objects."""
    text = (
        f"StorageError: invalid object, Code: 4, "
        f"Key: {_storage_key(root, group, plural, namespace, name)}, ResourceVersion: 0,"
        f" AdditionalErrorMsg: Precondition failed: UID in precondition: {wanted}, "
        f"UID in object meta: {found}"
    )
    return conflict(group, plural, name, text)


def outdated(group: str, plural: str, namespace: str, name: str, found: str) -> StatusError:
    """409: the object is not in the version meant any more."""
    text = (
        "StorageError: invalid object, Code: 4, "
        f"Key: {_storage_key('/registry', group, plural, namespace, name)}, ResourceVersion: 0,"
        " AdditionalErrorMsg: Precondition failed: ResourceVersion in precondition: , "
        f"ResourceVersion in object meta: {found}"
    )
    return conflict(group, plural, name, text)


def _storage_key(root: str, group: str, plural: str, namespace: str, name: str) -> str:
    """Where etcd keeps an object."""
    built_in = "." not in group or (group.endswith(".k8s.io") and group not in _WITH_GROUP)
    own = "" if built_in else group
    parts = (own, _KEPT.get(plural, plural), namespace, name)
    return "/".join([root, *filter(None, parts)])


def apply_conflict(message: str, causes: list[Document]) -> StatusError:
    """409: another manager owns fields with other values."""
    return StatusError(409, "Conflict", message, {"causes": causes})


def expired(message: str) -> StatusError:
    """410: what was asked for is not remembered any more."""
    return StatusError(410, "Expired", message)


def too_large(limit: int) -> StatusError:
    """413."""
    return StatusError(
        413, "RequestEntityTooLarge", f"Request entity too large: limit is {limit}", {}
    )


def unsupported_media_type(accepted: Iterable[str]) -> StatusError:
    """415."""
    message = (
        "the body of the request was in an unknown format - "
        f"accepted media types include: {', '.join(accepted)}"
    )
    return StatusError(415, "UnsupportedMediaType", message)


def unsupported_route() -> StatusError:
    """415, as the router of built-in kinds says it."""
    return StatusError(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def invalid(
    group: str,
    kind: str,
    name: str,
    errors: Sequence[FieldError],
    again: Sequence[FieldError] = (),
) -> StatusError:
    """422: fields are wrong; `again` are causes that the server lists twice."""
    # What one part of this server and another find is one error; of metadata each counts.
    found = [
        error
        for index, error in enumerate(errors)
        if error.field.startswith("metadata.") or error not in errors[:index]
    ]
    texts = list(dict.fromkeys(str(error) for error in found))
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    message = f'{qualified(kind, group)} "{name}" is invalid: {listed}'
    causes = [error.cause() for error in (*found, *again)]
    return StatusError(422, "Invalid", message, _details(group, kind, name, causes=causes))


def internal_error(text: str) -> StatusError:
    """500: something failed that no client can mend."""
    details = {"causes": [{"message": text}]}
    return StatusError(500, "InternalError", f"Internal error occurred: {text}", details)


def broken(error: Exception) -> StatusError:
    """500: a fault of this server."""
    text = f"This request caused apiserver to panic. Look in the logs for details: {error!r}"
    return StatusError(500, "InternalError", f"Internal error occurred: {text}")


def too_large_version(asked: int, current: int) -> StatusError:
    """504: the resource version lies in the future."""
    message = f"Too large resource version: {asked}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return StatusError(
        504, "Timeout", f"Timeout: {message}", {"causes": [cause], "retryAfterSeconds": 1}
    )
