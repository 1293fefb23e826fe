"""The settings of an operator: from its arguments, the environment and a file, in this order.

Each setting has one name. `--log-level debug` is an argument, `OPGEN_LOG_LEVEL=debug` the
environment, and `log-level: debug` a line of the YAML file that `--config` or `OPGEN_CONFIG` names.
An argument wins over the environment, the environment over the file, the file over the default.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PREFIX = "OPGEN_"
LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("json", "console")
LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
Reader = Callable[[str], Any]
"""Reads a setting from text; raises ValueError with what it must be."""


def text(value: str) -> str:
    """Any text."""
    return value


def switch(value: str) -> bool:
    """On or off."""
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if value.lower() not in words:
        raise ValueError("true or false")
    return words[value.lower()]


def one_of(*choices: str) -> Reader:
    """One of some words, in lower case."""

    def read(value: str) -> str:
        if value.lower() not in choices:
            *others, last = choices
            several = f"one of {', '.join(choices)}"
            raise ValueError(several if len(others) > 1 else f"{others[0]} or {last}")
        return value.lower()

    return read


def rate(value: str) -> float:
    """How many per second."""
    if not re.fullmatch(r"\d+(\.\d+)?", value):
        raise ValueError("a number")
    return float(value)


def count(value: str) -> int:
    """A number from 1."""
    if not re.fullmatch(r"[1-9]\d*", value):
        raise ValueError("a number from 1")
    return int(value)


def namespaces(value: str) -> str:
    """Names of namespaces. Source: RFC 1123 labels."""
    for name in filter(None, map(str.strip, value.split(","))):
        if len(name) > 63 or not re.fullmatch(LABEL, name):
            raise ValueError("names of namespaces, with commas between")
    return value


def subdomain(value: str) -> str:
    """The name of an object, with room for what shards append. Source: RFC 1123 subdomains."""
    if value and (len(value) > 128 or not re.fullmatch(rf"{LABEL}(\.{LABEL})*", value)):
        raise ValueError("lower case letters, digits, - and ., at most 128")
    return value


def seconds(value: str) -> float:
    """A time: `30`, `30s` or `2m`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(s|m)?", value)
    if match is None:
        raise ValueError("seconds, such as 30 or 30s")
    return float(match[1]) * (60 if match[2] == "m" else 1)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, by all its names."""

    name: str
    default: str
    help: str
    read: Reader = text

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return PREFIX + self.name.upper().replace("-", "_")

    @property
    def attribute(self) -> str:
        """Its name in Python."""
        return self.name.replace("-", "_")


SETTINGS = (
    Setting("kubeconfig", "", "the kubeconfig file; kubectl's, or the pod's own, if left out"),
    Setting("context", "", "the context of the kubeconfig"),
    Setting(
        "namespace",
        "",
        "look at this namespace only, or at several with commas between",
        namespaces,
    ),
    Setting("health-probe-bind-address", ":8081", "serves /healthz and /readyz; 0 for nowhere"),
    Setting("metrics-bind-address", "0", "serves /metrics; 0 for nowhere"),
    Setting(
        "metrics-cert-dir", "", "tls.crt and tls.key; /metrics asks for a token and a role then"
    ),
    Setting(
        "metrics-secure",
        "true",
        "serve /metrics beyond this machine over HTTPS, to those whose role allows it",
        switch,
    ),
    Setting("debug-bind-address", "0", "serves /debug on loopback; 0 for nowhere"),
    Setting("webhook-bind-address", ":9443", "serves webhooks, if there are any; 0 for nowhere"),
    Setting("webhook-cert-dir", "", "the folder with tls.crt and tls.key"),
    Setting("webhook-service", "", "make the certificate here, for this Service of the webhooks"),
    Setting(
        "leader-elect", "false", "let one of several replicas work and the others stand by", switch
    ),
    Setting("shards", "false", "let all replicas work, each on its share of the objects", switch),
    Setting(
        "leader-election-id",
        "",
        "the name of the Leases; made from the package if left out",
        subdomain,
    ),
    Setting(
        "leader-election-namespace",
        "",
        "where the Lease lives; the pod's namespace if left out",
        namespaces,
    ),
    Setting(
        "kube-api-qps", "0", "requests to the API server per second at most; 0 for no limit", rate
    ),
    Setting(
        "kube-api-burst", "30", "requests that may be sent at once before that limit is felt", count
    ),
    Setting("log-format", "", "json or console; console on a terminal", one_of(*FORMATS)),
    Setting("log-level", "info", ", ".join(LEVELS), one_of(*LEVELS)),
    Setting(
        "graceful-shutdown-timeout",
        "30",
        "seconds (30 or 30s) for reconciles to finish",
        seconds,
    ),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}
EXCLUSIVE = (("leader-elect", "shards"), ("webhook-service", "webhook-cert-dir"))


def parse(
    package: str, argv: Sequence[str], environ: Mapping[str, str] = os.environ
) -> argparse.Namespace:
    """The settings, read and checked.

    Raises:
        SystemExit: help was asked for, or something is wrong with them.
    """
    parser = _parser(package)
    given, unknown = parser.parse_known_args(argv)
    for argument in unknown:
        name = argument.partition("=")[0]
        parser.error(f"unknown argument {name}{_suggestion(name.removeprefix('--'), '--')}")
    arguments = vars(given)
    path = arguments["config"] or environ.get(f"{PREFIX}CONFIG", "")
    try:
        file = _read_file(path) if path else {}
        values = {s.attribute: _value(s, arguments, environ, file, path) for s in SETTINGS}
    except ValueError as error:
        parser.error(str(error))
    options = argparse.Namespace(**values)
    for one, other in EXCLUSIVE:
        if getattr(options, one.replace("-", "_")) and getattr(options, other.replace("-", "_")):
            parser.error(f"choose --{one} or --{other}, not both")
    return options


def _parser(package: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}",
        description=f"Run the controllers of {package}.",
        epilog="Every setting may also stand in the environment, as in "
        f"{PREFIX}LOG_LEVEL=debug, or in the file, as in log-level: debug. Arguments win over the "
        "environment, and that over the file.",
        allow_abbrev=False,
    )
    parser.add_argument("--config", default="", help="a YAML file with settings")
    for setting in SETTINGS:
        more: dict[str, Any] = {}
        if setting.read is switch:
            more["action"] = argparse.BooleanOptionalAction
        parser.add_argument(f"--{setting.name}", default=None, help=setting.help, **more)
    return parser


def _value(
    setting: Setting,
    arguments: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Mapping[str, str],
    path: str,
) -> Any:
    """The value of a setting from the first place that has it."""
    places = (
        (f"--{setting.name}", arguments[setting.attribute]),
        (setting.variable, environ.get(setting.variable)),
        (f"{path}: {setting.name}", file.get(setting.name)),
    )
    for place, value in places:
        if value is None:
            continue
        if isinstance(value, bool):
            return value
        try:
            return setting.read(value)
        except ValueError as error:
            raise ValueError(f"{place} must be {error}, not {value!r}") from None
    if setting.name == "log-format":
        return "console" if sys.stderr.isatty() else "json"
    return setting.read(setting.default)


def _read_file(path: str) -> dict[str, str]:
    import yaml

    try:
        document = yaml.safe_load(Path(path).read_bytes())
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ValueError(f"{path}{line} is not valid YAML") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ValueError(f"{path} must be a mapping from settings to values")
    for name, value in document.items():
        if name not in _BY_NAME:
            raise ValueError(f"{path}: unknown setting {name}{_suggestion(str(name))}")
        if not isinstance(value, (str, int, float)):
            raise ValueError(f"{path}: {name} must be one value")
    return {name: str(value) for name, value in document.items()}


def _suggestion(name: str, prefix: str = "") -> str:
    close = difflib.get_close_matches(name.replace("_", "-"), _BY_NAME, 1)
    return f"; did you mean {prefix}{close[0]}?" if close else ""
