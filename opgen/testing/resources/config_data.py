"""ConfigMaps and Secrets: what their data may be. Source: ValidateConfigMap, ValidateSecret."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from opgen.testing.errors import (
    Document,
    FieldError,
    forbidden_field,
    invalid_value,
    required,
    too_long,
)
from opgen.testing.objects.go_json import syntax_error
from opgen.testing.resources.strategies import NoGeneration

LARGEST_DATA = 1024 * 1024
"""Bytes that the values of a ConfigMap or Secret may have together."""
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_TEXT = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
    "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
    "'[-._a-zA-Z0-9]+')"
)
_LONGEST_KEY = 253
_IMMUTABLE = "field is immutable when `immutable` is set"


class _Data(NoGeneration):
    """What both kinds share: they can be made immutable, and their values have limits."""

    fields: ClassVar[tuple[str, ...]]
    """The maps of values."""
    of_bytes: ClassVar[str]
    """The one whose values are bytes."""

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """What is immutable stays, and stays so; keys have a form."""
        for name in self.fields:
            for key in new.get(name) or {}:
                for text in _key_problems(key):
                    yield invalid_value(f"{name}[{key}]", key, text)
        if old is None or not old.get("immutable"):
            return
        if not new.get("immutable"):
            yield forbidden_field("immutable", _IMMUTABLE)
        for name in self.fields:
            if new.get(name) != old.get(name):
                yield forbidden_field(name, _IMMUTABLE)

    def emptied(self, old: Document, names: frozenset[str]) -> Iterator[FieldError]:
        """An empty map of bytes instead of none is a change."""
        if old.get("immutable") and self.of_bytes in names and self.of_bytes not in old:
            yield forbidden_field(self.of_bytes, _IMMUTABLE)

    def prepare_store(self, new: Document) -> None:
        """No bytes come out of the store as empty ones."""
        values = new.get(self.of_bytes) or {}
        values.update({key: "" for key, value in values.items() if value is None})

    def _size(self, new: Document) -> int:
        return sum(
            len(_bytes(value) if name == self.of_bytes else value.encode())
            for name in self.fields
            for value in (new.get(name) or {}).values()
        )


class ConfigMapStrategy(_Data):
    """Text and bytes."""

    fields = ("data", "binaryData")
    of_bytes = "binaryData"

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """No key is in both maps."""
        if self._size(new) > LARGEST_DATA:
            yield too_long("[]", LARGEST_DATA)
        yield from super().validate(new, old)
        for key in new.get("data") or {}:
            if key in (new.get("binaryData") or ()):
                text = "duplicate of key present in binaryData"
                yield invalid_value(f"data[{key}]", key, text)


class SecretStrategy(_Data):
    """Secrets take plain text in `stringData` and keep it encoded in `data`."""

    fields = ("data",)
    of_bytes = "data"

    def default(self, new: Document) -> None:
        """Encode the plain text."""
        plain = new.pop("stringData", None) or {}
        if plain:
            encoded = {
                key: base64.b64encode(value.encode()).decode() for key, value in plain.items()
            }
            new["data"] = (new.get("data") or {}) | encoded

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """The type stays, and says what there must be."""
        if old is not None and new.get("type") != old.get("type"):
            yield invalid_value("type", new.get("type"), "field is immutable")
        if self._size(new) > LARGEST_DATA:
            yield too_long("data", LARGEST_DATA)
        yield from super().validate(new, old)
        yield from _type_problems(new)

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """What TLS would not take."""
        if new.get("type") == _TLS:
            data = new.get("data") or {}
            yield from _pair_problems(_bytes(data.get("tls.crt")), _bytes(data.get("tls.key")))


_TLS = "kubernetes.io/tls"
_PEM = re.compile(rb"-----BEGIN ([^-\n]+)-----\n.*?-----END \1-----", re.DOTALL)


def _pair_problems(certificate: bytes, key: bytes) -> Iterator[str]:
    """What Go says of files without certificate or key; what is in them is not looked at."""
    found = [name.decode() for name in _PEM.findall(certificate)]
    if "CERTIFICATE" not in found:
        if len(found) == 1 and found[0].endswith("PRIVATE KEY"):
            yield (
                "tls: failed to find certificate PEM data in certificate input, but did find a "
                "private key; PEM inputs may have been switched"
            )
        else:
            yield _missing('"CERTIFICATE" PEM block in certificate input', "certificate", found)
        return
    found = [name.decode() for name in _PEM.findall(key)]
    if not any(name == "PRIVATE KEY" or name.endswith(" PRIVATE KEY") for name in found):
        if found == ["CERTIFICATE"]:
            yield ("tls: found a certificate rather than a key in the PEM for the private key")
        else:
            yield _missing('PEM block with type ending in "PRIVATE KEY" in key input', "key", found)


def _missing(what: str, name: str, found: list[str]) -> str:
    if not found:
        return f"tls: failed to find any PEM data in {name} input"
    blocks = f"[{' '.join(found)}]"
    return f"tls: failed to find {what} after skipping PEM blocks of the following types: {blocks}"


_KEYS: Mapping[str, tuple[str, ...]] = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    _TLS: ("tls.crt", "tls.key"),
}
"""What Secrets of a type must have."""
_JSON = (".dockercfg", ".dockerconfigjson")
_NOT_EMPTY = ("ssh-privatekey",)
_EITHER = {"kubernetes.io/basic-auth": ("username", "password")}
_ACCOUNT = "kubernetes.io/service-account.name"


def _type_problems(secret: Document) -> Iterator[FieldError]:
    kind, data = secret.get("type", ""), secret.get("data") or {}
    for key in _KEYS.get(kind, ()):
        if key not in data or (key in _NOT_EMPTY and not data[key]):
            yield required(f"data[{key}]")
        elif key in _JSON:
            problem = _json_problem(_bytes(data[key]))
            if problem:
                yield invalid_value(f"data[{key}]", "<secret contents redacted>", problem)
    if kind in _EITHER and not any(key in data for key in _EITHER[kind]):
        yield from (required(f"data[{key}]") for key in _EITHER[kind])
    account = (secret["metadata"].get("annotations") or {}).get(_ACCOUNT)
    if kind == "kubernetes.io/service-account-token" and not account:
        yield required(f"metadata.annotations[{_ACCOUNT}]")


def _json_problem(content: bytes) -> str:
    """Why bytes are no JSON object, in Go's words; empty if they are one."""
    text = syntax_error(content)
    if text:
        return text
    first = content.lstrip()[:1]
    if first in (b"{", b"n"):
        return ""
    names = {b"[": "array", b'"': "string", b"t": "bool", b"f": "bool"}
    name = names.get(first, "number")
    return f"json: cannot unmarshal {name} into Go value of type map[string]interface {{}}"


def _key_problems(key: str) -> Iterator[str]:
    if len(key) > _LONGEST_KEY:
        yield f"must be no more than {_LONGEST_KEY} characters"
    if not _KEY.fullmatch(key):
        yield _KEY_TEXT
    if key == ".":
        yield "must not be '.'"
    elif key == "..":
        yield "must not be '..'"
    elif key.startswith(".."):
        yield "must not start with '..'"


def _bytes(value: Any) -> bytes:
    return base64.b64decode(value or "")
