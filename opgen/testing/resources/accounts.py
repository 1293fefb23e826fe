"""Who somebody is: by token, by certificate, or by being on this machine."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from opgen.testing.clock import Clock, timestamp
from opgen.testing.errors import (
    Document,
    bad_request,
    invalid,
    invalid_value,
    not_found,
    unauthorized,
)
from opgen.testing.resources.rbac import (
    ADMINISTRATOR,
    ANONYMOUS,
    AUTHENTICATED,
    User,
    service_account_user,
)
from opgen.testing.storage import Store

SERVICE_ACCOUNTS = ("", "serviceaccounts")
DEFAULT_LIFETIME = 3600


def _encode(part: Document) -> str:
    text = base64.urlsafe_b64encode(json.dumps(part).encode())
    return text.rstrip(b"=").decode()


class Authenticator:
    """Knows which token belongs to whom."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._users: dict[str, tuple[User, float]] = {}

    def user_of(
        self, authorization: str | None, subject: Any = None, *, secure: bool = False
    ) -> User:
        """The user of a request.

        Args:
            authorization: Its Authorization header.
            subject: The subject of the client's certificate.
            secure: Whether it came over TLS. Who shows nothing then is anonymous, and else the
                administrator.

        Raises:
            StatusError: 401, the token is unknown or has expired.
        """
        if not authorization:
            if subject:
                return _certified(subject)
            return ANONYMOUS if secure else ADMINISTRATOR
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            # Nobody looks at other credentials.
            return _certified(subject) if subject else ANONYMOUS
        user = self.user_of_token(token.strip())
        if user is None:
            raise unauthorized()
        return user

    def user_of_token(self, token: str) -> User | None:
        """The user of a token, or None."""
        user, expires = self._users.get(token, (None, 0.0))
        return user if user is not None and expires > self._clock.now() else None

    def issue(self, user: User, lifetime: float = DEFAULT_LIFETIME) -> str:
        """A token for a user, in the form of a JSON web token that nobody can check."""
        now = int(self._clock.now())
        claims = {"sub": user.name, "iat": now, "exp": now + int(lifetime)}
        head = _encode({"alg": "none", "kid": "opgen"})
        token = f"{head}.{_encode(claims)}.{secrets.token_urlsafe(24)}"
        self._users[token] = (user, now + lifetime)
        return token

    def request_token(self, namespace: str, name: str, request: Document) -> Document:
        """Answer a TokenRequest for a service account.

        Raises:
            StatusError: 404, there is no such account or bound object; 422, the lifetime is wrong.
        """
        account = self._store.get(SERVICE_ACCOUNTS, namespace, name)
        if account is None:
            raise not_found(*SERVICE_ACCOUNTS, name)
        spec: Document = {"boundObjectRef": None} | (request.get("spec") or {})
        seconds: int = spec.setdefault("expirationSeconds", DEFAULT_LIFETIME)
        _check_lifetime(seconds)
        self._check_bound(namespace, spec["boundObjectRef"])
        spec.setdefault("audiences", ["https://kubernetes.default.svc"])
        token = self.issue(service_account_user(namespace, name, account.uid), seconds)
        now = self._clock.now()
        return {
            "kind": "TokenRequest",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "creationTimestamp": timestamp(now),
            },
            "spec": spec,
            "status": {"token": token, "expirationTimestamp": timestamp(now + seconds)},
        }

    def _check_bound(self, namespace: str, reference: Document | None) -> None:
        """The object that a token is bound to must be there."""
        if reference is None:
            return
        kind, name = reference.get("kind", ""), reference.get("name", "")
        if kind not in _BINDABLE:
            version = reference.get("apiVersion", "")
            where = version if "/" in version else f"/{version}"
            raise bad_request(f"cannot bind token to object of type {where}, Kind={kind}")
        place = "" if kind == "Node" else namespace
        if self._store.get(("", _BINDABLE[kind]), place, name) is None:
            raise not_found("", _BINDABLE[kind], name)


_BINDABLE = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}
_SHORTEST, _LONGEST = 600, 1 << 32


def _check_lifetime(seconds: int) -> None:
    field, text = "spec.expirationSeconds", ""
    if seconds < _SHORTEST:
        text = "may not specify a duration less than 10 minutes"
    elif seconds > _LONGEST:
        text = "may not specify a duration larger than 2^32 seconds"
    if text:
        error = invalid_value(field, seconds, text)
        raise invalid("authentication.k8s.io", "TokenRequest", "", [error])


def _certified(subject: Any) -> User:
    """The user whom the subject of a certificate names, as Python's ssl module has it."""
    parts = [pair for relative in subject for pair in relative]
    name = next((value for key, value in parts if key == "commonName"), "")
    groups = tuple(value for key, value in parts if key == "organizationName")
    return User(name, (*groups, AUTHENTICATED))
