"""What names must look like: the rules of Kubernetes and of Python as data.

A `Rule` is a pattern, a length and the sentence that explains both. Sources: RFC 1123 and RFC 1035
labels as `k8s.io/apimachinery/pkg/util/validation` reads them, the Python language reference for
identifiers and keywords.
"""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass

LABEL_LENGTH = 63
"""The longest DNS label, and so the longest name of a Service or a Namespace."""
SUBDOMAIN_LENGTH = 253
"""The longest DNS subdomain, and so the longest name of most objects."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for one kind of name.

    Attributes:
        pattern: What the whole value must match.
        length: The greatest number of characters.
        sentence: The rule in words, as it follows "it must".
        mend: Makes the nearest acceptable value of a wrong one; may fail to.
    """

    pattern: re.Pattern[str]
    length: int
    sentence: str
    mend: Callable[[str], str]

    def accepts(self, value: str) -> bool:
        """Whether the value follows the rule."""
        return len(value) <= self.length and self.pattern.fullmatch(value) is not None

    def suggestion(self, value: str) -> str:
        """The nearest acceptable value, or an empty string if there is none."""
        mended = self.mend(value)
        return mended if mended != value and self.accepts(mended) else ""


def dashed(value: str) -> str:
    """The value in lower case, with a dash for everything that is no letter or digit."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", value.strip())
    return re.sub(r"[^a-z0-9]+", "-", spaced.lower()).strip("-")


def _subdomain(value: str) -> str:
    bare = re.sub(r"^[a-z]+://", "", value.strip().lower()).split("/")[0].split(":")[0]
    return ".".join(label for label in map(dashed, bare.split(".")) if label)


def _camel(value: str) -> str:
    words = re.split(r"[^A-Za-z0-9]+", value.strip())
    return "".join(word[:1].upper() + word[1:] for word in words)


def _version(value: str) -> str:
    digits = re.match(r"[vV]?(\d+)", value.strip())
    return f"v{int(digits[1])}" if digits else ""


def _lower_alphanumeric(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", value.lower())


def _snake(value: str) -> str:
    return dashed(value).replace("-", "_")


_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_DNS_1123_SUBDOMAIN = re.compile(
    r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*"
)

PROJECT_NAME = Rule(
    _DNS_1035,
    LABEL_LENGTH,
    "be a DNS label: lower-case letters, digits and dashes, beginning with a letter, "
    "ending with a letter or digit",
    dashed,
)
DOMAIN = Rule(
    _DNS_1123_SUBDOMAIN,
    SUBDOMAIN_LENGTH,
    "be a DNS domain: labels of lower-case letters, digits and dashes, at most 63 characters "
    "each, joined by dots, 253 characters in all",
    _subdomain,
)
VERSION = Rule(
    re.compile(r"v[1-9][0-9]*((alpha|beta)[1-9][0-9]*)?"),
    LABEL_LENGTH,
    "be v and a number, with alpha or beta and a number after it if need be, as in v1, v1beta1 "
    "or v2alpha3",
    _version,
)
KIND = Rule(
    re.compile(r"[A-Z][A-Za-z0-9]*"),
    LABEL_LENGTH,
    "begin with a capital letter and hold only letters and digits, 63 at most",
    _camel,
)
PLURAL = Rule(
    _DNS_1035,
    LABEL_LENGTH,
    "be a DNS label of at most 63 characters: lower-case letters, digits and dashes, beginning "
    "with a letter, ending with a letter or digit",
    _lower_alphanumeric,
)
PACKAGE = Rule(
    re.compile(r"[a-z][a-z0-9_]*"),
    LABEL_LENGTH,
    "be a Python module name: lower-case letters, digits and underscores, beginning with a letter",
    _snake,
)

TAKEN_PACKAGES = frozenset(
    # What a project has beside its package, or imports.
    {
        "opgen",
        "tests",
        "config",
        "vendor",
        "docs",
        "dist",
        "build",
        "bin",
        "hack",
        "test",
        "e2e",
        "aiohttp",
        "msgspec",
        "prometheus_client",
        "yaml",
        "pytest",
    }
)
TAKEN_KINDS = frozenset(
    # What the scaffolded modules import; a class of that name would hide it.
    {
        "Annotated",
        "Any",
        "Cluster",
        "Condition",
        "Context",
        "Controller",
        "CustomResource",
        "EnvVar",
        "Ge",
        "Int32",
        "Iterator",
        "Path",
        "Int64",
        "Le",
        "ListMap",
        "MinLen",
        "ObjectMeta",
        "PrintColumn",
        "ResourceRequirements",
        "Result",
        "SpecReplicas",
        "StatusReplicas",
    }
)


DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{at}" for port in ("com", "lpt") for at in range(1, 10))}
)
"""Names that no file or folder can have on Windows. Source: Microsoft, "Naming Files"."""


def package_clash(package: str) -> str:
    """What an otherwise good package name clashes with, or an empty string."""
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        return "a keyword of Python"
    if hasattr(builtins, package):
        return "a builtin of Python"
    if package in sys.stdlib_module_names:
        return "a module of Python's standard library"
    if package in TAKEN_PACKAGES:
        return "a folder of every project or a package it imports"
    if package in DEVICES:
        return "a device on Windows, where no folder can be named like that"
    return ""


def kind_clash(kind: str) -> str:
    """What an otherwise good kind clashes with, or an empty string."""
    if keyword.iskeyword(kind):
        return "a keyword of Python"
    if hasattr(builtins, kind):
        return "a builtin of Python"
    if kind in TAKEN_KINDS:
        return "a name that the scaffolded modules import"
    return ""
