"""The kinds that are questions: they are answered at once, and nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.testing.errors import (
    Document,
    FieldError,
    StatusError,
    bad_request,
    invalid,
    invalid_value,
    mismatched,
)
from opgen.testing.resources.accounts import Authenticator
from opgen.testing.resources.rbac import Attributes, Authorizer, User


def _attribute_problems(spec: Document) -> Iterator[FieldError]:
    """A question is about a resource or about a path."""
    asked, plain = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if asked is not None and plain is not None:
        shown = {key.capitalize(): value for key, value in plain.items()}
        text = "cannot be specified in combination with resourceAttributes"
        yield invalid_value("spec.nonResourceAttributes", shown, text)
    elif asked is None and plain is None:
        text = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        yield mismatched("spec.resourceAttributes", None, text)


def _check(errors: list[FieldError]) -> None:
    if errors:
        raise invalid("authorization.k8s.io", "", "", errors)


class Reviews:
    """The kinds that are questions: their answer is their status."""

    def __init__(self, authenticator: Authenticator, authorizer: Authorizer) -> None:
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._answers = {
            "selfsubjectaccessreviews": self._self_access,
            "subjectaccessreviews": self._access,
            "localsubjectaccessreviews": self._local_access,
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
        return review | {"status": answer(review, user)}

    def _self_access(self, review: Document, user: User) -> Document:
        spec = review.get("spec") or {}
        _check(list(_attribute_problems(spec)))
        return self._decide(spec, user)

    def _access(self, review: Document, _: User) -> Document:
        spec = review.get("spec") or {}
        user, groups = spec.get("user", ""), tuple(spec.get("groups") or ())
        errors = list(_attribute_problems(spec))
        if not user and not groups:
            text = "at least one of user or group must be specified"
            errors.append(invalid_value("spec.user", "", text))
        _check(errors)
        return self._decide(spec, User(user, groups))

    def _local_access(self, review: Document, user: User) -> Document:
        asked = (review.get("spec") or {}).get("resourceAttributes") or {}
        namespace = asked.get("namespace", "")
        if namespace != review["metadata"].get("namespace"):
            field = "spec.resourceAttributes.namespace"
            _check([invalid_value(field, namespace, "must match metadata.namespace")])
        return self._access(review, user)

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

    def _rules(self, review: Document, user: User) -> Document:
        namespace = (review.get("spec") or {}).get("namespace", "")
        if not namespace:
            raise bad_request("no namespace on request")
        rules = list(self._authorizer.rules(user, namespace))
        paths = [rule for rule in rules if rule.get("nonResourceURLs")]
        resources = [rule for rule in rules if rule.get("resources")]
        return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}

    def _who(self, _: Document, user: User) -> Document:
        return {"userInfo": user.info()}

    def _token(self, review: Document, _: User) -> Document:
        spec = review.get("spec") or {}
        if not spec.get("token"):
            raise bad_request("token is required for TokenReview in authentication")
        user = self._authenticator.user_of_token(spec.get("token", ""))
        if user is None:
            return {"user": {}, "error": "invalid bearer token"}
        return {"authenticated": True, "user": user.info()}
