"""Making certificates, and reading how long they last.

Every serving certificate has an authority of its own whose key is thrown away at once: what trusts
the authority trusts this one certificate and nothing that is made later. cryptography is imported
late; it comes with the extra `opgen[webhooks]`.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from opgen.api.errors import Problems

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

SKEW = timedelta(hours=1)
"""How far behind other clocks may be: certificates are valid from this long ago."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A serving certificate, its key, and the authority that signed it. All are PEM."""

    authority: bytes
    certificate: bytes
    key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate may be used, and for which names and addresses."""

    begins: datetime
    ends: datetime
    names: frozenset[str]


def require_cryptography() -> None:
    """Make sure that certificates can be made.

    Raises:
        Problems: cryptography is not installed.
    """
    try:
        import cryptography.x509  # noqa: F401
    except ImportError:
        raise Problems.of(
            "certificates for webhooks cannot be made: the package cryptography is not installed",
            hint="add opgen[webhooks] to the project's dependencies, or mount a certificate with "
            "--webhook-cert-dir",
        ) from None


def issue(names: Iterable[str], now: datetime, lifetime: timedelta) -> Issued:
    """A new certificate for names and IP addresses, with a new authority.

    Args:
        names: DNS names and IP addresses under which the server is reached.
        now: The time of day, in UTC.
        lifetime: How long it may be used.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    wanted = sorted(set(names))
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    subject = _name(f"webhook authority {secrets.token_hex(4)}")
    authority = signed(
        unsigned(subject, subject, authority_key, now, lifetime, authority=True), authority_key
    )
    builder = unsigned(_name("webhooks"), subject, key, now, lifetime, authority=False)
    alternatives = x509.SubjectAlternativeName([_alternative(name) for name in wanted])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    builder = builder.add_extension(alternatives, critical=False).add_extension(usage, False)
    certificate = signed(builder, authority_key)
    return Issued(
        authority.public_bytes(serialization.Encoding.PEM),
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def read(certificate: bytes) -> Validity | None:
    """When and for what a PEM certificate may be used; None if it is none."""
    from cryptography import x509

    try:
        parsed = x509.load_pem_x509_certificate(certificate)
    except ValueError:
        return None
    try:
        extension = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [str(name.value) for name in extension]
    except x509.ExtensionNotFound:
        names = []
    return Validity(parsed.not_valid_before_utc, parsed.not_valid_after_utc, frozenset(names))


def split(bundle: bytes) -> list[bytes]:
    """The certificates of a bundle, each as PEM."""
    end = b"-----END CERTIFICATE-----"
    return [part.strip() + b"\n" + end + b"\n" for part in bundle.split(end) if part.strip()]


def _name(common: str) -> x509.Name:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def unsigned(
    subject: x509.Name,
    issuer: x509.Name,
    key: EllipticCurvePrivateKey,
    now: datetime,
    lifetime: timedelta,
    *,
    authority: bool,
) -> x509.CertificateBuilder:
    """A certificate to be signed, with all that strict clients demand (RFC 5280, 4.2).

    Args:
        subject: Whose it is.
        issuer: Who signs it.
        key: Its own key.
        now: The time of day, in UTC.
        lifetime: How long it may be used.
        authority: Whether it may sign others.
    """
    from cryptography import x509

    usage: dict[str, Any] = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("encipher_only", "decipher_only"),
        ),
        False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def signed(
    builder: x509.CertificateBuilder, authority: EllipticCurvePrivateKey
) -> x509.Certificate:
    """The certificate, signed with the key of an authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    return builder.add_extension(identifier, critical=False).sign(authority, hashes.SHA256())
