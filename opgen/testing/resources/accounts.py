"""Service accounts' tokens, and the review APIs that answer at once and store nothing."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

from opgen.testing.clock import Clock, timestamp
from opgen.testing.errors import Document, StatusError, not_found, unauthorized
from opgen.testing.resources.rbac import (
    ADMINISTRATOR,
    ANONYMOUS,
    AUTHENTICATED,
    Attributes,
    Authorizer,
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
            StatusError: 404, there is no such account.
        """
        account = self._store.get(SERVICE_ACCOUNTS, namespace, name)
        if account is None:
            raise not_found(*SERVICE_ACCOUNTS, name)
        spec = dict(request.get("spec") or {})
        seconds = spec.setdefault("expirationSeconds", DEFAULT_LIFETIME)
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


def _certified(subject: Any) -> User:
    """The user whom the subject of a certificate names, as Python's ssl module has it."""
    parts = [pair for relative in subject for pair in relative]
    name = next((value for key, value in parts if key == "commonName"), "")
    groups = tuple(value for key, value in parts if key == "organizationName")
    return User(name, (*groups, AUTHENTICATED))


class Reviews:
    """The kinds that are questions: their answer is their status."""

    def __init__(self, authenticator: Authenticator, authorizer: Authorizer) -> None:
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._answers = {
            "selfsubjectaccessreviews": self._self_access,
            "subjectaccessreviews": self._access,
            "localsubjectaccessreviews": self._access,
            "selfsubjectrulesreviews": self._rules,
            "selfsubjectreviews": self._who,
            "tokenreviews": self._token,
        }

    def answer(self, plural: str, review: Document, user: User) -> Document:
        """The review with its status.

        Raises:
            StatusError: the server does not answer this kind of review.
        """
        answer = self._answers.get(plural)
        if answer is None:
            raise StatusError(404, "NotFound", "the server could not find the requested resource")
        metadata = {"creationTimestamp": None} | (review.get("metadata") or {})
        status = answer(review.get("spec") or {}, user)
        return {**review, "metadata": metadata, "status": status}

    def _self_access(self, spec: Document, user: User) -> Document:
        return self._decide(spec, user)

    def _access(self, spec: Document, _: User) -> Document:
        groups = (*(spec.get("groups") or ()), "system:authenticated")
        return self._decide(spec, User(spec.get("user", ""), groups))

    def _decide(self, spec: Document, user: User) -> Document:
        asked = spec.get("resourceAttributes") or {}
        plain = spec.get("nonResourceAttributes") or {}
        attributes = Attributes(
            verb=asked.get("verb") or plain.get("verb") or "",
            group=asked.get("group", ""),
            resource=asked.get("resource", ""),
            subresource=asked.get("subresource", ""),
            namespace=asked.get("namespace", ""),
            name=asked.get("name", ""),
            path=plain.get("path", ""),
        )
        reason = "" if user.is_administrator else self._authorizer.reason(user, attributes)
        status: Document = {"allowed": self._authorizer.allowed(user, attributes)}
        return status | {"reason": reason} if reason else status

    def _rules(self, spec: Document, user: User) -> Document:
        everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
        rules = (
            [everything]
            if user.is_administrator
            else list(self._authorizer.rules(user, spec.get("namespace", "")))
        )
        paths = [rule for rule in rules if rule.get("nonResourceURLs")]
        resources = [rule for rule in rules if rule.get("resources")]
        return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}

    def _who(self, _: Document, user: User) -> Document:
        return {"userInfo": user.info()}

    def _token(self, spec: Document, _: User) -> Document:
        user = self._authenticator.user_of_token(spec.get("token", ""))
        if user is None:
            return {"authenticated": False, "error": "the token is unknown or has expired"}
        return {"authenticated": True, "user": user.info()}
