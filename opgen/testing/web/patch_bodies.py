"""Reading the bodies of patches, and what is said of those that are none."""

from __future__ import annotations

from typing import Any

from opgen.testing.errors import Document, StatusError, bad_request
from opgen.testing.web.bodies import Unreadable, cannot_unmarshal, go_name, read_json
from opgen.testing.web.yaml_bodies import read_yaml

MOST_OPERATIONS = 10_000
"""How many operations a JSON patch may have."""
_MAP = "map[string]interface {}"
_TEXTS = ("op", "path", "from")


def read_json_patch(body: bytes) -> list[Document]:
    """The operations of a JSON patch.

    Raises:
        StatusError: 400, it is none; 413, it has too many.
    """
    operations = _json(body, "error decoding patch: ")
    if operations is None:
        return []
    if not isinstance(operations, list):
        text = cannot_unmarshal(go_name(operations), "[]handlers.jsonPatchOp")
        raise bad_request(f"error decoding patch: {text}")
    for operation in operations:
        if not isinstance(operation, dict):
            text = cannot_unmarshal(go_name(operation), "handlers.jsonPatchOp")
            raise bad_request(f"error decoding patch: {text}")
        for name in _TEXTS:
            value = operation.get(name)
            if value is not None and not isinstance(value, str):
                text = f"into Go struct field jsonPatchOp.{name} of type string"
                found = f"json: cannot unmarshal {go_name(value)} {text}"
                raise bad_request(f"error decoding patch: {found}")
    if len(operations) > MOST_OPERATIONS:
        text = (
            f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, "
            f"got {len(operations)}"
        )
        raise StatusError(413, "RequestEntityTooLarge", f"Request entity too large: {text}")
    return operations


def read_merge_patch(body: bytes) -> Document:
    """A merge patch.

    Raises:
        StatusError: 400, it is none.
    """
    patch = _json(body, "error decoding patch: ")
    if patch is None:
        raise bad_request("Invalid JSON Patch")
    return _map(patch, "error decoding patch: ")


def read_strategic_patch(body: bytes) -> Document:
    """A strategic merge patch.

    Raises:
        StatusError: 400, it is none.
    """
    patch = _json(body, "")
    return {} if patch is None else _map(patch, "")


def read_config(body: bytes) -> Document:
    """The configuration of a server-side apply.

    Raises:
        StatusError: 400, it is none.
    """
    try:
        config = read_yaml(body)
    except Unreadable as error:
        raise bad_request(f"error decoding YAML: error converting YAML to JSON: {error}") from None
    unmarshaling = "error decoding YAML: error unmarshaling JSON: while decoding JSON: "
    return {} if config is None else _map(config, unmarshaling)


def _json(body: bytes, head: str) -> Any:
    try:
        return read_json(body)
    except Unreadable as error:
        if error.document is not None and not isinstance(error.document, dict):
            return error.document
        raise bad_request(f"{head}{error}") from None


def _map(value: Any, head: str) -> Document:
    if not isinstance(value, dict):
        raise bad_request(head + cannot_unmarshal(go_name(value), _MAP))
    return value
