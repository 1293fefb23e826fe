"""Nobody grants rights that they do not have, nor acts as others without leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from urllib.parse import unquote

from opgen.testing.errors import Document, bad_request, forbidden, not_found
from opgen.testing.resources.rbac import (
    AUTHENTICATED,
    GROUP,
    Attributes,
    Authorizer,
    User,
    denial,
    service_account_user,
)
from opgen.testing.resources.registry import ResourceType
from opgen.testing.storage import Store

Approval = Callable[[Document, Document | None], None]
"""Takes the new and the old object, and raises a StatusError if the user may not write that."""

Extra = tuple[tuple[str, tuple[str, ...]], ...]

_ROLES, _BINDINGS = ("roles", "clusterroles"), ("rolebindings", "clusterrolebindings")
_EVERYTHING: list[Document] = [
    {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
    {"nonResourceURLs": ["*"], "verbs": ["*"]},
]


class Escalation:
    """Checks writes of roles and bindings."""

    def __init__(self, store: Store, authorizer: Authorizer) -> None:
        self._store = store
        self._authorizer = authorizer

    def approval(self, user: User, resource_type: ResourceType) -> Approval | None:
        """The check for a user's writes of a resource, if it needs one."""
        group, plural = resource_type.resource
        if group != GROUP or user.is_administrator:
            return None
        if plural in _ROLES:
            return lambda new, old: self._check_role(user, plural, new, old)
        if plural in _BINDINGS:
            return lambda new, old: self._check_binding(user, plural, new, old)
        return None

    def _check_role(self, user: User, plural: str, new: Document, old: Document | None) -> None:
        before = old or {}
        metadata = new["metadata"]
        name, namespace = metadata["name"], metadata.get("namespace", "")
        if self._authorizer.allowed(
            user, Attributes("escalate", GROUP, plural, "", namespace, name)
        ):
            return
        aggregation = new.get("aggregationRule")
        if aggregation and aggregation != before.get("aggregationRule"):
            self._check_rules(user, plural, new, _EVERYTHING)
        if new.get("rules") != before.get("rules"):
            self._check_rules(user, plural, new, new.get("rules") or [])

    def _check_binding(self, user: User, plural: str, new: Document, old: Document | None) -> None:
        if old is not None and all(
            new.get(name) == old.get(name) for name in ("roleRef", "subjects")
        ):
            return
        reference, namespace = new["roleRef"], new["metadata"].get("namespace", "")
        role, name = f"{reference['kind'].lower()}s", reference["name"]
        if self._authorizer.allowed(user, Attributes("bind", GROUP, role, "", namespace, name)):
            return
        where = namespace if role == "roles" else ""
        found = self._store.get((GROUP, role), where, name)
        if found is None:
            raise not_found(GROUP, plural, name)
        self._check_rules(user, plural, new, found.document().get("rules") or [])

    def _check_rules(
        self, user: User, plural: str, document: Document, rules: Sequence[Document]
    ) -> None:
        metadata = document["metadata"]
        namespace = metadata.get("namespace", "")
        missing = [
            piece
            for rule in rules
            for piece in _pieces(rule)
            if not self._authorizer.allowed(user, _attributes(piece, namespace))
        ]
        if missing:
            groups = " ".join(json.dumps(group) for group in user.groups)
            text = (
                f'user "{user.name}" (groups=[{groups}]) is attempting to grant RBAC permissions '
                "not currently held:\n" + "\n".join(_compact(missing))
            )
            raise forbidden(GROUP, plural, metadata["name"], text)

    def impersonate(self, user: User, headers: Sequence[tuple[str, str]]) -> User:
        """The user that a request acts as: its sender, or who its headers name.

        Names of headers are in lower case.

        Raises:
            StatusError: 403, the sender may not; 400, groups are named without a user.
        """
        asked = [
            (name.removeprefix("impersonate-"), value)
            for name, value in headers
            if name.startswith("impersonate-")
        ]
        if not asked:
            return user
        named = next((value for kind, value in asked if kind == "user"), "")
        groups = tuple(value for kind, value in asked if kind == "group")
        uid = next((value for kind, value in asked if kind == "uid"), "")
        extra = _extra(asked)
        if not named:
            text = _as_go_shows(groups, uid, extra)
            raise bad_request(f"requested {text} without impersonating a user name")
        acting = _user(named, groups, uid, extra)
        self._check_impersonation(user, named, groups, uid, extra)
        return acting

    def _check_impersonation(
        self, user: User, named: str, groups: tuple[str, ...], uid: str, extra: Extra
    ) -> None:
        account = _service_account(named)
        wanted = [
            Attributes("impersonate", "", "serviceaccounts", "", *account)
            if account
            else Attributes("impersonate", "", "users", name=named)
        ]
        wanted += [Attributes("impersonate", "", "groups", name=group) for group in groups]
        wanted += [
            Attributes("impersonate", "authentication.k8s.io", "userextras", key, name=value)
            for key, values in extra
            for value in values
        ]
        if uid:
            wanted.append(Attributes("impersonate", "authentication.k8s.io", "uids", name=uid))
        for attributes in wanted:
            if not self._authorizer.allowed(user, attributes):
                why = denial(user, attributes)
                raise forbidden(attributes.group, attributes.resource, attributes.name, why)


def _service_account(name: str) -> tuple[str, str] | None:
    """Namespace and name of the service account that a user's name means."""
    parts = name.split(":")
    if parts[:2] == ["system", "serviceaccount"] and len(parts) == 4:
        return parts[2], parts[3]
    return None


def _extra(asked: Sequence[tuple[str, str]]) -> Extra:
    """What `Impersonate-Extra-<key>` headers say, by key; keys are percent-encoded."""
    found: dict[str, list[str]] = {}
    for kind, value in asked:
        prefix, _, key = kind.partition("-")
        if prefix == "extra" and key:
            found.setdefault(unquote(key), []).append(value)
    return tuple((key, tuple(values)) for key, values in found.items())


def _as_go_shows(groups: tuple[str, ...], uid: str, extra: Extra) -> str:
    """A user without a name as Go prints the struct."""
    listed = ", ".join(map(json.dumps, groups))
    shown = f"[]string{{{listed}}}" if groups else "[]string(nil)"
    pairs = ", ".join(
        f"{json.dumps(key)}:[]string{{{', '.join(map(json.dumps, values))}}}"
        for key, values in extra
    )
    more = f"map[string][]string{{{pairs}}}" if extra else "map[string][]string(nil)"
    return f'&user.DefaultInfo{{Name:"", UID:{json.dumps(uid)}, Groups:{shown}, Extra:{more}}}'


def _user(name: str, groups: tuple[str, ...], uid: str, extra: Extra) -> User:
    account = _service_account(name)
    if account and not groups:
        return replace(service_account_user(*account, uid), extra=extra)
    if AUTHENTICATED not in groups:
        groups = (*groups, AUTHENTICATED)
    return User(name, groups, uid, extra)


def _pieces(rule: Document) -> Iterator[Document]:
    """A rule as rules with one verb, and one path or one group and resource, each."""
    for verb, path in product(rule.get("verbs") or (), rule.get("nonResourceURLs") or ()):
        yield {"nonResourceURLs": path, "verbs": verb}
    for verb, group, resource, name in product(
        rule.get("verbs") or (),
        rule.get("apiGroups") or (),
        rule.get("resources") or (),
        rule.get("resourceNames") or ("",),
    ):
        yield {"apiGroups": group, "resources": resource, "resourceNames": name, "verbs": verb}


def _attributes(piece: Document, namespace: str) -> Attributes:
    if "nonResourceURLs" in piece:
        return Attributes(piece["verbs"], path=piece["nonResourceURLs"])
    resource, _, subresource = piece["resources"].partition("/")
    group, name = piece["apiGroups"], piece["resourceNames"]
    return Attributes(piece["verbs"], group, resource, subresource, namespace, name)


_SHOWN = {
    "apiGroups": "APIGroups",
    "resources": "Resources",
    "resourceNames": "ResourceNames",
    "nonResourceURLs": "NonResourceURLs",
}


def _compact(pieces: list[Document]) -> list[str]:
    """Rules as the server prints them: pieces that differ in their verb alone are one."""
    verbs: dict[str, list[str]] = {}
    for piece in pieces:
        head = ", ".join(
            f"{_SHOWN[key]}:[{json.dumps(value)}]"
            for key, value in piece.items()
            if key in _SHOWN and (value or key == "apiGroups")
        )
        verbs.setdefault(head, []).append(json.dumps(piece["verbs"]))
    return sorted(f"{{{head}, Verbs:[{' '.join(found)}]}}" for head, found in verbs.items())
