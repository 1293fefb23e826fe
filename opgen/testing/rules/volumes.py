"""The rules of claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from opgen.testing.errors import FieldError, not_supported, required
from opgen.testing.rules.checks import (
    A_SUBDOMAIN,
    Check,
    one_of,
    optional,
    unless_empty,
)

_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")


def _access(modes: Any, path: str) -> Iterator[FieldError]:
    if not modes:
        yield required(path, "at least 1 access mode is required")
    for mode in modes or ():
        if mode not in _MODES:
            yield not_supported(path, mode, _MODES)


def _claim(spec: Any, path: str) -> Iterator[FieldError]:
    if not ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
        yield required(f"{path}.resources[storage]")


_CORE = "io.k8s.api.core.v1."

VOLUMES: Mapping[str, Mapping[str, Check]] = {
    _CORE + "PersistentVolumeClaimSpec": {
        "accessModes": _access,
        "storageClassName": unless_empty(A_SUBDOMAIN),
        "volumeMode": optional(one_of("Block", "Filesystem")),
        "": _claim,
    },
}
