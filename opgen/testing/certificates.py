"""The server's own certificate authority: for its certificate, and for users who have one.

A user's certificate names the user as its common name and the groups as its organizations, as
Kubernetes has it. Everything is made when it is first needed and kept in memory. Needs the package
cryptography, which the extra `opgen[webhooks]` brings.
"""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

from opgen.api.errors import Problems
from opgen.runtime.webhooks.issuing import signed, unsigned

LIFETIME = timedelta(days=30)
_NAMES = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and its key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


class Authority:
    """Signs certificates.

    Raises:
        Problems: cryptography is not installed.
    """

    def __init__(self) -> None:
        try:
            from cryptography.hazmat.primitives.asymmetric import ec
        except ImportError:
            raise Problems.of(
                "TLS needs certificates, and the package cryptography that makes them is not "
                "installed",
                hint="pip install 'opgen[webhooks]'",
            ) from None
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("opgen test authority", ())
        self._certificate = signed(self._unsigned(self._name, self._key), self._key)

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate."""
        return _pem(self._certificate)

    def server(self, host: str) -> KeyPair:
        """A certificate for the server."""
        from cryptography import x509

        names: list[x509.GeneralName] = [x509.DNSName(name) for name in _NAMES]
        try:
            names.append(x509.IPAddress(ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
        return self._pair(_name("opgen test server", ()), x509.SubjectAlternativeName(names))

    def client(self, user: str, groups: Sequence[str] = ()) -> KeyPair:
        """A certificate by which its bearer is a user in groups."""
        return self._pair(_name(user, groups), None)

    def context(self, host: str) -> ssl.SSLContext:
        """How to serve TLS: clients may show a certificate of this authority."""
        pair = self.server(host)
        context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cadata=self.certificate.decode()
        )
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
        # Python's TLS wants a file; this one is readable by us alone and gone at once.
        descriptor, name = tempfile.mkstemp()
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(pair.certificate + b"\n" + pair.key)
            context.load_cert_chain(name)
        finally:
            os.unlink(name)  # noqa: PTH108 - mkstemp gives a string
        return context

    def _pair(self, subject: Any, alternatives: Any) -> KeyPair:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._unsigned(subject, key)
        if alternatives is not None:
            builder = builder.add_extension(alternatives, critical=False)
        certificate = signed(builder, self._key)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return KeyPair(_pem(certificate), private)

    def _unsigned(self, subject: Any, key: Any) -> Any:
        is_own = key is self._key
        return unsigned(subject, self._name, key, datetime.now(UTC), LIFETIME, authority=is_own)


def _name(common: str, organizations: Sequence[str]) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    attributes = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    attributes += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in organizations]
    return x509.Name(attributes)


def _pem(certificate: Any) -> bytes:
    from cryptography.hazmat.primitives import serialization

    encoded: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    return encoded
