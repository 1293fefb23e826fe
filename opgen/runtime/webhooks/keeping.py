"""What the Secret of the webhooks holds, and how it changes as certificates grow old.

```text
nothing ──► current ──► current + next ──► next becomes current ──► …
            two thirds of    everybody      the old authority stays trusted
            its life over    trusts next    until its certificate has run out
```

A certificate is served only after its authority has been made known, and an authority is forgotten
only when nothing that it signed can be served any more: at every moment each replica, however far
behind, serves what the API server trusts.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from opgen.runtime.webhooks.issuing import Issued, Validity, issue, read, split

RENEW_AFTER = 2 / 3
"""The part of its life after which a certificate is replaced. Source: cert-manager's default."""

_KEYS = {
    "authorities": "ca.crt",
    "certificate": "tls.crt",
    "key": "tls.key",
    "next_certificate": "next-tls.crt",
    "next_key": "next-tls.key",
}


@dataclass(frozen=True, slots=True)
class Material:
    """The content of the Secret; all are PEM. Without a next certificate, those are empty."""

    authorities: bytes = b""
    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    next_certificate: bytes = b""
    next_key: bytes = field(default=b"", repr=False)

    @classmethod
    def of(cls, secret: Mapping[str, Any]) -> Material:
        """From a Secret; what is missing or not base64 is empty."""
        data = secret.get("data") or {}
        return cls(**{name: _decoded(data.get(key)) for name, key in _KEYS.items()})

    def data(self) -> dict[str, str]:
        """As the data of a Secret."""
        values = {key: getattr(self, name) for name, key in _KEYS.items()}
        return {key: base64.b64encode(value).decode() for key, value in values.items() if value}


def advanced(
    material: Material,
    names: Iterable[str],
    now: datetime,
    lifetime: timedelta,
    *,
    trusted: bool,
) -> Material:
    """The material as it should be now; the same if nothing has to change.

    Args:
        material: What the Secret holds; empty if there is none.
        names: What the certificate has to be valid for.
        now: The time of day, in UTC.
        lifetime: That of new certificates.
        trusted: Whether everybody has known all authorities for long enough.
    """
    wanted = frozenset(names)
    kept = b"".join(each for each in split(material.authorities) if _lasts(read(each), now))
    current, following = read(material.certificate), read(material.next_certificate)
    usable = _lasts(current, now) and bool(material.key and kept)
    if not usable and not (_lasts(following, now) and material.next_key):
        return _first(issue(wanted, now, lifetime), kept)
    if following is not None and (trusted or not usable):
        return Material(kept, material.next_certificate, material.next_key)
    if following is None and current is not None and _due(current, wanted, now, lifetime):
        made = issue(wanted, now, lifetime)
        authorities = kept + made.authority
        return replace(
            material,
            authorities=authorities,
            next_certificate=made.certificate,
            next_key=made.key,
        )
    return replace(material, authorities=kept) if kept != material.authorities else material


def _first(made: Issued, kept: bytes) -> Material:
    return Material(kept + made.authority, made.certificate, made.key)


def _lasts(validity: Validity | None, now: datetime) -> bool:
    return validity is not None and now < validity.ends


def _due(validity: Validity, wanted: frozenset[str], now: datetime, lifetime: timedelta) -> bool:
    old = now >= validity.ends - lifetime * (1 - RENEW_AFTER)
    return old or not wanted <= validity.names


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(value or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        return b""
