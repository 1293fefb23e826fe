"""Which moment of a collection a list shows: resourceVersion, its match, and pages.

Source: apimachinery's ValidateListOptions and the continue tokens of apiserver's storage package.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from opgen.testing.errors import (
    FieldError,
    bad_request,
    expired,
    forbidden_field,
    invalid,
    not_supported,
    too_large_version,
)
from opgen.testing.storage import Collection, Forgotten, Revision

EXACT, NOT_OLDER = "Exact", "NotOlderThan"
_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 - no secret
_BASE64 = re.compile(r"[A-Za-z0-9_-]*")
_INCONSISTENT = -1
"""The version of a token that goes on with what there is now."""

_TOO_OLD_PAGE = (
    "The provided continue parameter is too old to display a consistent list result. You can start "
    "a new list without the continue parameter, or use the continue token in this response to "
    "retrieve the remainder of the results. Continuing with the provided token results in an "
    "inconsistent list - objects that were created, modified, or deleted between the time the "
    "first chunk was returned and now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What part of which moment is asked for."""

    version: int
    exact: bool
    limit: int
    after: str

    @classmethod
    def read(cls, query: Mapping[str, str], current: int) -> ListQuery:
        """Read a query; `current` is the store's version.

        Raises:
            StatusError: it contradicts itself, or asks for the future.
        """
        limit = whole_number(query.get("limit") or "0")
        whole_number(query.get("timeoutSeconds") or "0")
        check_match(query)
        if "sendInitialEvents" in query:
            detail = "sendInitialEvents is forbidden for list"
            error = forbidden_field("sendInitialEvents", detail)
            raise invalid("meta.k8s.io", "ListOptions", "", [error])
        if query.get("continue"):
            version, after = _read_token(query["continue"])
            if query.get("resourceVersion") not in (None, "", "0"):
                text = "specifying resource version is not allowed when using continue"
                raise bad_request(text)
            if version == _INCONSISTENT:
                return cls(current, False, limit, after)
            return cls(version, True, limit, after)
        asked = check_version(current, query)
        legacy = not query.get("resourceVersionMatch") and limit and asked
        exact = bool(query.get("resourceVersionMatch") == EXACT or legacy)
        # Any version is what the cache has, which knows no pages.
        from_cache = query.get("resourceVersion") == "0" and not exact
        return cls(asked if exact else current, exact, 0 if from_cache else limit, "")

    def moment(self, collection: Collection, namespace: str) -> list[Revision]:
        """The objects of a namespace, or of all, at the version asked for.

        Raises:
            StatusError: 410, it is forgotten.
        """
        if not self.exact:
            return collection.sorted(namespace)
        try:
            return collection.sorted(namespace, self.version)
        except Forgotten:
            pass
        if not self.after:
            raise expired("The resourceVersion for the provided list is too old.")
        error = expired(_TOO_OLD_PAGE)
        error.metadata = {"continue": make_token(_INCONSISTENT, self.after)}
        raise error


def whole_number(text: str) -> int:
    """A number of 64 bits.

    Raises:
        StatusError: 400, it is none.
    """
    try:
        value = int(text)
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if not -(1 << 63) <= value < 1 << 63:
        raise bad_request(f'strconv.ParseInt: parsing "{text}": value out of range')
    return value


def check_match(query: Mapping[str, str]) -> None:
    """Check `resourceVersionMatch` against the rest of the query.

    Raises:
        StatusError: 422.
    """
    match = query.get("resourceVersionMatch")
    if not match or "sendInitialEvents" in query:
        return
    field = "resourceVersionMatch"
    errors: list[FieldError] = []
    if not query.get("resourceVersion"):
        detail = "resourceVersionMatch is forbidden unless resourceVersion is provided"
        errors.append(forbidden_field(field, detail))
    if query.get("continue"):
        detail = "resourceVersionMatch is forbidden when continue is provided"
        errors.append(forbidden_field(field, detail))
    if match not in (EXACT, NOT_OLDER):
        errors.append(not_supported(field, match, [EXACT, NOT_OLDER, ""]))
    elif match == EXACT and query.get("resourceVersion") == "0":
        detail = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        errors.append(forbidden_field(field, detail))
    if errors:
        raise invalid("meta.k8s.io", "ListOptions", "", errors)


def check_version(current: int, query: Mapping[str, str]) -> int:
    """The resource version that a read asks for; 0 if none.

    Raises:
        StatusError: it is no number, or lies in the future.
    """
    asked = query.get("resourceVersion", "")
    if not asked:
        return 0
    if not (asked.isascii() and asked.isdecimal()):
        raise bad_request(
            f'invalid resource version: resourceVersion: Invalid value: "{asked}": '
            f'strconv.ParseUint: parsing "{asked}": invalid syntax'
        )
    if int(asked) > current:
        raise too_large_version(int(asked), current)
    return int(asked)


def make_token(version: int, after: str) -> str:
    """The token for the page after an object."""
    token = {"v": _TOKEN_VERSION, "rv": version, "start": f"{after}\0"}
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).rstrip(b"=").decode()


def _read_token(token: str) -> tuple[int, str]:
    """Version and last key.

    Raises:
        StatusError: 400.
    """
    try:
        found: Any = msgspec.json.decode(_decoded(token))
    except ValueError as error:
        raise _bad_token(str(error)) from None
    if not isinstance(found, dict) or found.get("v") != _TOKEN_VERSION:
        version = found.get("v", "") if isinstance(found, dict) else ""
        raise _bad_token(f'server does not recognize this encoded version "{version}"')
    version, start = found.get("rv"), found.get("start")
    if not isinstance(version, int) or version == 0:
        text = f"incorrect encoded start resourceVersion (version {_TOKEN_VERSION})"
        raise _bad_token(text)
    if not isinstance(start, str) or not start:
        raise _bad_token(f"encoded start key empty (version {_TOKEN_VERSION})")
    return version, start.rstrip("\0")


def _decoded(token: str) -> bytes:
    """A token's bytes.

    Raises:
        ValueError: it is no base64 without padding, in Go's words.
    """
    found = _BASE64.match(token)
    good = found.end() if found else 0
    rest = len(token) % 4
    if good < len(token) or rest == 1:
        at = good if good < len(token) else len(token) - rest
        raise ValueError(f"illegal base64 data at input byte {at}")
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def _bad_token(why: str) -> Exception:
    return bad_request(f"invalid continue token: continue key is not valid: {why}")
