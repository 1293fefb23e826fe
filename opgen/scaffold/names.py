"""Checks of every name a command is given, before anything is written.

Each check yields problems and goes on, so that one call shows everything that is wrong with it.
A problem names the flag, the value, the rule and the fix. Names that follow from a name, such as
that of a Service, are checked against their limits too.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterator

from opgen.api.errors import Problem
from opgen.scaffold import rules
from opgen.scaffold.rules import LABEL_LENGTH, SUBDOMAIN_LENGTH, Rule

LICENSES = {"apache2": "Apache-2.0", "mit": "MIT", "none": ""}
"""What `--license` takes, and its SPDX identifier."""
SCOPES = ("Namespaced", "Cluster")
PATTERNS = ("workload", "blank")
IMPORTED = "imported"
"""The pattern of a kind whose types come from a CRD, and whose files are all the person's own."""
PROTECTED_GROUPS = ("k8s.io", "kubernetes.io")

OBJECTS_OF_PROJECT = ("{}-system", "{}-controller-manager-metrics-service", "{}-webhook-service")
"""Names of a project's objects that must be DNS labels."""
OBJECTS_OF_SAMPLE = ("{}-sample-service",)
"""Names of objects of a kind's sample that must be DNS labels."""

_SHORTENABLE = 8
"""A suggestion to shorten is given only if at least so many characters are left."""


def _follow(rule: Rule, flag: str, what: str, value: str) -> Iterator[Problem]:
    if not value:
        yield Problem(f"{flag} is empty", hint=f"pass {flag} a {what}; it must {rule.sentence}")
    elif not rule.accepts(value):
        better = rule.suggestion(value)
        yield Problem(
            f"{flag} {value!r} is no valid {what}: it must {rule.sentence}",
            hint=f"pass {flag} {better}" if better else f"pass another {flag}",
        )


def _fit(flag: str, value: str, derived: str, limit: int, room: int) -> Iterator[Problem]:
    if len(derived) > limit:
        yield Problem(
            f"{flag} {value!r} is too long: {derived!r} follows from it and would have "
            f"{len(derived)} characters, and Kubernetes allows {limit}",
            hint=f"pass {flag} a value of at most {room} characters"
            if room >= _SHORTENABLE
            else f"pass a shorter {flag}",
        )


def _fit_all(flag: str, value: str, patterns: tuple[str, ...], stem: str) -> Iterator[Problem]:
    """Report the pattern that makes the longest name, if it is too long."""
    longest = max(patterns, key=len)
    room = LABEL_LENGTH - len(longest.format(""))
    yield from _fit(flag, value, longest.format(stem), LABEL_LENGTH, room)


def check_project_name(value: str, flag: str = "--project-name") -> Iterator[Problem]:
    """The name of a project, which names its namespace and every object of the manager."""
    wrong = list(_follow(rules.PROJECT_NAME, flag, "project name", value))
    yield from wrong or _fit_all(flag, value, OBJECTS_OF_PROJECT, value)


def check_package(value: str, flag: str = "--package") -> Iterator[Problem]:
    """The name of the project's Python package."""
    wrong = list(_follow(rules.PACKAGE, flag, "package name", value))
    yield from wrong
    if not wrong and (clash := rules.package_clash(value)):
        yield Problem(
            f"{flag} {value!r} cannot be used: it is {clash}", hint=f"pass {flag} {value}_operator"
        )


def check_domain(value: str, flag: str = "--domain") -> Iterator[Problem]:
    """The domain below which the project's API groups lie."""
    wrong = list(_follow(rules.DOMAIN, flag, "domain", value))
    yield from wrong or _protected(value, flag)


def _protected(group: str, flag: str) -> Iterator[Problem]:
    for protected in PROTECTED_GROUPS:
        if group == protected or group.endswith(f".{protected}"):
            yield Problem(
                f"{flag} {group!r} cannot be used: groups of {protected} are reserved for "
                "Kubernetes, and the API server refuses them without an approval",
                hint=f"pass {flag} a domain of your own",
            )


def check_owner(value: str, flag: str = "--owner") -> Iterator[Problem]:
    """Who holds the copyright; the text goes into comments and pyproject.toml."""
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in value):
        yield Problem(
            f"{flag} {value!r} is no valid owner: it must be one line without control characters",
            hint=f"pass {flag} a plain name",
        )
    elif re.search(r'["\\{}]', value):
        yield Problem(
            f"{flag} {value!r} is no valid owner: it must not hold double quotes, backslashes "
            "or braces",
            hint=f"pass {flag} a plain name",
        )


def check_choice(value: str, choices: tuple[str, ...], flag: str) -> Iterator[Problem]:
    """A value out of a fixed set."""
    if value in choices:
        return
    same = [choice for choice in choices if choice.lower() == value.lower()]
    hint = f"pass {flag} {same[0]}" if same else f"pass {flag} {' or '.join(choices)}"
    yield Problem(f"{flag} {value!r} is unknown: it must be one of {', '.join(choices)}", hint=hint)


def check_group(value: str, domain: str, flag: str = "--group") -> Iterator[Problem]:
    """The part of the API group before the domain; empty if the domain is the group."""
    wrong = list(_follow(rules.DOMAIN, flag, "group", value)) if value else []
    yield from wrong
    if wrong:
        return
    full = full_group(value, domain)
    if value == domain or value.endswith(f".{domain}"):
        prefix = value.removesuffix(domain).rstrip(".")
        yield Problem(
            f"{flag} {value!r} ends with the domain {domain!r}, which opgen adds itself",
            hint=f"pass {flag} {prefix}" if prefix else f"leave {flag} out",
        )
    elif "." not in full:
        yield Problem(
            f"the API group {full!r} has no dot, and the API server asks for one",
            hint=f"pass {flag} a name; the API group is then NAME.{full}",
        )
    elif len(full) > SUBDOMAIN_LENGTH:
        yield from _fit(flag, value, full, SUBDOMAIN_LENGTH, SUBDOMAIN_LENGTH - len(domain) - 1)
    else:
        yield from _protected(full, flag)


def check_version(value: str, flag: str = "--version") -> Iterator[Problem]:
    """The version of an API."""
    yield from _follow(rules.VERSION, flag, "version", value)


def check_kind(value: str, flag: str = "--kind") -> Iterator[Problem]:
    """The kind of an API, which is a class as well."""
    wrong = list(_follow(rules.KIND, flag, "kind", value))
    yield from wrong
    if wrong:
        return
    if clash := rules.kind_clash(value):
        yield Problem(
            f"{flag} {value!r} cannot be used: it is {clash}", hint=f"pass {flag} My{value}"
        )
    yield from _fit_all(flag, value, OBJECTS_OF_SAMPLE, value.lower())


def check_plural(value: str, group: str, flag: str = "--plural") -> Iterator[Problem]:
    """The resource name of a kind; `group` is the whole API group."""
    wrong = list(_follow(rules.PLURAL, flag, "plural", value))
    yield from wrong or _fit(
        flag, value, f"{value}.{group}", SUBDOMAIN_LENGTH, SUBDOMAIN_LENGTH - len(group) - 1
    )


def full_group(group: str, domain: str) -> str:
    """The API group: `group.domain`, or the domain alone."""
    return f"{group}.{domain}" if group else domain


def package_of(project_name: str) -> str:
    """The package name that goes with a project name."""
    return project_name.replace("-", "_")


def folder_of(group: str) -> str:
    """The name of the package that holds a group's modules in a multigroup project.

    Empty for the group that is the domain itself. `group` is the part before the domain.
    """
    name = re.sub(r"[^a-z0-9]", "_", group)
    unfit = keyword.iskeyword(name) or name in rules.DEVICES or name[:1].isdigit()
    return f"group_{name}" if unfit else name


def short_name(kind: str, taken: frozenset[str] = frozenset()) -> str:
    """The initials of a kind, as in `ws`; empty if it has one word or they are taken."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", kind)
    initials = "".join(word[0] for word in words).lower()
    return "" if len(initials) < 2 or initials in taken else initials
