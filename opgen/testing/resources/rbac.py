"""RBAC: may this user do that?

Rules are read from the stored roles and bindings and kept until one of them changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from opgen.testing.errors import Document
from opgen.testing.storage import Change, GroupResource, Store

GROUP = "rbac.authorization.k8s.io"
ADMINISTRATORS = "system:masters"
AUTHENTICATED = "system:authenticated"
_WATCHED = ("roles", "clusterroles", "rolebindings", "clusterrolebindings")


@dataclass(frozen=True, slots=True)
class User:
    """Who sent a request."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What else the authenticator said: names and values."""

    def info(self) -> Document:
        """The user as reviews show it."""
        found: Document = {"username": self.name, "uid": self.uid, "groups": list(self.groups)}
        found["extra"] = {name: list(values) for name, values in self.extra}
        return {key: value for key, value in found.items() if value}

    @property
    def is_administrator(self) -> bool:
        """Whether RBAC does not apply."""
        return ADMINISTRATORS in self.groups


ADMINISTRATOR = User("system:admin", (ADMINISTRATORS, "system:authenticated"))
"""Who sends no credentials. On loopback everybody is trusted; kubectl sends none over HTTP."""


ANONYMOUS = User("system:anonymous", ("system:unauthenticated",))
"""Who shows neither token nor certificate over TLS."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a user wants to do: a verb on a resource, or on a path."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""

    @property
    def full_resource(self) -> str:
        """Resource and subresource, as rules name them."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource


def service_account_user(namespace: str, name: str, uid: str = "") -> User:
    """The user that a service account is."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    return User(f"system:serviceaccount:{namespace}:{name}", (*groups, "system:authenticated"), uid)


@dataclass(frozen=True, slots=True)
class _Binding:
    """A binding with the rules of its role, and how it is named in reasons."""

    namespace: str
    subjects: list[Document]
    rules: list[Document]
    text: str


def _subject_text(subject: Document) -> str:
    name = "/".join(filter(None, (subject["name"], subject.get("namespace"))))
    return f'{subject["kind"]} "{name}"'


class Authorizer:
    """Decides by the roles and bindings in the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._bindings: list[_Binding] | None = None
        store.listeners.append(self._on_change)

    def _on_change(self, change: Change) -> None:
        if change.resource[0] == GROUP:
            self._bindings = None

    def allowed(self, user: User, attributes: Attributes) -> bool:
        """Whether the user may."""
        return user.is_administrator or any(
            _rule_allows(rule, attributes) for rule in self.rules(user, attributes.namespace)
        )

    def reason(self, user: User, attributes: Attributes) -> str:
        """Which binding lets a user do something; empty if none does."""
        for binding, subject in self._holding(user, attributes.namespace):
            if any(_rule_allows(rule, attributes) for rule in binding.rules):
                return f"RBAC: allowed by {binding.text} to {_subject_text(subject)}"
        return ""

    def rules(self, user: User, namespace: str) -> Iterator[Document]:
        """The rules that hold for a user in a namespace; empty for those of the whole cluster."""
        for binding, _ in self._holding(user, namespace):
            yield from binding.rules

    def _holding(self, user: User, namespace: str) -> Iterator[tuple[_Binding, Document]]:
        """The bindings that hold for a user, each with the subject that means them."""
        if self._bindings is None:
            self._bindings = list(self._read_bindings())
        for binding in self._bindings:
            if binding.namespace in ("", namespace):
                for subject in binding.subjects:
                    if _is_subject(user, subject, binding.namespace):
                        yield binding, subject
                        break

    def _documents(self, plural: str) -> Iterator[Document]:
        resource: GroupResource = (GROUP, plural)
        for revision in self._store.list(resource):
            yield revision.document()

    def _read_bindings(self) -> Iterator[_Binding]:
        roles = {
            (document["kind"], document["metadata"].get("namespace", ""), name): document
            for plural in ("roles", "clusterroles")
            for document in self._documents(plural)
            for name in [document["metadata"]["name"]]
        }
        for plural in ("clusterrolebindings", "rolebindings"):
            for binding in self._documents(plural):
                where = binding["metadata"].get("namespace", "")
                reference = binding["roleRef"]
                role_namespace = where if reference["kind"] == "Role" else ""
                role = roles.get((reference["kind"], role_namespace, reference["name"]))
                if role is not None:
                    name = "/".join(filter(None, (binding["metadata"]["name"], where)))
                    yield _Binding(
                        where,
                        binding.get("subjects") or [],
                        role.get("rules") or [],
                        f'{binding["kind"]} "{name}" of {role["kind"]} "{reference["name"]}"',
                    )


def _is_subject(user: User, subject: Document, namespace: str) -> bool:
    kind, name = subject.get("kind"), str(subject.get("name", ""))
    if kind == "User":
        return name == user.name
    if kind == "Group":
        return name in user.groups
    where = subject.get("namespace") or namespace
    return user.name == f"system:serviceaccount:{where}:{name}"


def _covers(allowed: Iterable[Any], wanted: str) -> bool:
    return any(item in ("*", wanted) for item in allowed)


def _rule_allows(rule: Document, attributes: Attributes) -> bool:
    if not _covers(rule.get("verbs") or (), attributes.verb):
        return False
    if attributes.path:
        return any(
            _path_matches(path, attributes.path) for path in rule.get("nonResourceURLs") or ()
        )
    names = rule.get("resourceNames") or ()
    return (
        _covers(rule.get("apiGroups") or (), attributes.group)
        and _resource_matches(rule.get("resources") or (), attributes)
        and (not names or attributes.name in names)
    )


def _resource_matches(resources: Iterable[str], attributes: Attributes) -> bool:
    wanted = attributes.full_resource
    any_resource = f"*/{attributes.subresource}" if attributes.subresource else ""
    return any(item in ("*", wanted) or bool(item and item == any_resource) for item in resources)


def _path_matches(pattern: str, path: str) -> bool:
    if pattern.endswith("*"):
        return path.startswith(pattern[:-1])
    return pattern == path


def denial(user: User, attributes: Attributes) -> str:
    """Why a user may not, as the server says it."""
    group = f'in API group "{attributes.group}"'
    text = f'User "{user.name}" cannot {attributes.verb} resource "{attributes.full_resource}"'
    if attributes.namespace:
        return f'{text} {group} in the namespace "{attributes.namespace}"'
    return f"{text} {group} at the cluster scope"
