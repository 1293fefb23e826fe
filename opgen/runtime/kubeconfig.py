"""Reading kubeconfig files the way kubectl does.

Several files are merged: the first file to name a context, cluster, user or the current context
wins. Relative paths are relative to the file they stand in. Errors name file, entry and key, and
never a value that may be secret.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from opgen.api.errors import Location, Problems
from opgen.runtime.config import ClusterConfig, ExecPlugin, Impersonation


@dataclass(frozen=True, slots=True)
class Entry:
    """A named entry of a kubeconfig, with the file it stands in, and what refers to it."""

    file: Path
    section: str
    name: str
    values: Mapping[str, Any]
    asker: str = ""

    def fail(self, message: str, key: str, hint: str = "") -> Problems:
        """A problem with one key of this entry."""
        where = f"{self.section}[{self.name}].{key}"
        if self.asker:
            where = f"{self.asker} → {where}"
        return Problems.of(message, location=Location(str(self.file)), field=where, hint=hint)

    def text(self, key: str) -> str | None:
        """A string value, or None if it is absent or empty."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, str):
            raise self.fail("must be a string", key)
        return value or None

    def flag(self, key: str) -> bool:
        """A truth value; False if it is absent."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.fail("must be true or false", key)
        return bool(value)

    def texts(self, key: str, values: Any) -> tuple[str, ...]:
        """A list of strings; empty if it is absent."""
        if values is not None and (
            not isinstance(values, list) or not all(isinstance(each, str) for each in values)
        ):
            raise self.fail("must be a list of strings", key)
        return tuple(values or ())

    def path(self, key: str) -> Path | None:
        """A path, relative to the file it stands in."""
        value = self.text(key)
        return self.file.parent / value if value else None

    def data(self, key: str) -> bytes | None:
        """Inline base64 (`<key>-data`) or the content of a file (`<key>`)."""
        inline = self.text(f"{key}-data")
        if inline is not None:
            try:
                return base64.b64decode(inline, validate=True)
            except binascii.Error:
                raise self.fail("is not valid base64", f"{key}-data") from None
        path = self.path(key)
        if path is None:
            return None
        try:
            return path.read_bytes()
        except OSError as error:
            raise self.fail(f"cannot read {path}: {error.strerror}", key) from None


@dataclass(slots=True)
class Merged:
    """Several kubeconfig files as one."""

    files: str
    current_context: str = ""
    sections: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def add(self, file: Path, document: Mapping[str, Any]) -> None:
        """Take over what no earlier file has named."""
        self.current_context = self.current_context or document.get("current-context") or ""
        for section, key in (("clusters", "cluster"), ("contexts", "context"), ("users", "user")):
            known = self.sections.setdefault(section, {})
            for item in document.get(section) or ():
                if not isinstance(item, dict) or not isinstance(item.get("name"), str):
                    message = "every entry must be a mapping with a name"
                    raise Problems.of(message, location=Location(str(file)), field=section)
                name, values = item["name"], item.get(key) or {}
                known.setdefault(name, Entry(file, section, name, values))

    def find(self, section: str, name: str, asker: str) -> Entry:
        """An entry by name."""
        entries = self.sections.get(section, {})
        if name not in entries:
            known = ", ".join(sorted(entries)) or "none at all"
            raise Problems.of(
                f"there is no {section[:-1]} {name!r} in the kubeconfig",
                location=Location(self.files),
                field=asker,
                hint=f"choose one of: {known}",
            )
        return replace(entries[name], asker=asker)


def load_kubeconfig(
    paths: Sequence[Path], context: str | None = None, *, missing_ok: bool = True
) -> ClusterConfig:
    """The cluster configuration of a context.

    Args:
        paths: Files to merge, the first winning.
        context: The context; the current one if left out.
        missing_ok: Skip files that do not exist, as kubectl does for those in `KUBECONFIG`.

    Raises:
        Problems: a file, the context, or something it refers to is missing or malformed.
    """
    files = ", ".join(str(path) for path in paths)
    merged = Merged(files)
    for path in paths:
        if missing_ok and len(paths) > 1 and not path.exists():
            continue
        merged.add(path, _read(path))
    name = context or merged.current_context
    if not name:
        raise Problems.of(
            "no context is chosen",
            location=Location(files),
            field="current-context",
            hint="name one with --context, or run kubectl config use-context NAME",
        )
    chosen = merged.find("contexts", name, "current-context" if context is None else "--context")
    chosen = replace(chosen, asker="")
    asker = f"contexts[{name}]"
    cluster = merged.find("clusters", chosen.text("cluster") or "", f"{asker}.cluster")
    user_name = chosen.text("user")
    user = (
        merged.find("users", user_name, f"{asker}.user")
        if user_name
        else Entry(chosen.file, "users", "", {})
    )
    return _config(chosen, cluster, user, f"context {name!r} of {files}")


def _read(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        document = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise Problems.of(
            f"cannot read the kubeconfig: {error.strerror}",
            location=Location(str(path)),
            hint="name another one with --kubeconfig or KUBECONFIG",
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        location = Location(str(path), mark.line + 1 if mark else 0)
        raise Problems.of("the kubeconfig is not valid YAML", location=location) from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise Problems.of("the kubeconfig is not a mapping", location=Location(str(path)))
    return document


def _config(context: Entry, cluster: Entry, user: Entry, source: str) -> ClusterConfig:
    server = cluster.text("server")
    if server is None or not server.startswith(("http://", "https://")):
        raise cluster.fail("must be an http:// or https:// URL", "server")
    if "@" in urlsplit(server).netloc:
        hint = "put username and password into the user's entry, which is never shown"
        raise cluster.fail("must not hold credentials", "server", hint)
    certificate, key = user.data("client-certificate"), user.data("client-key")
    if (certificate is None) != (key is None):
        raise user.fail("client-certificate and client-key belong together", "client-key")
    if "auth-provider" in user.values:
        hint = "Kubernetes removed it in 1.26; use an exec plugin"
        raise user.fail("this way to authenticate is not supported", "auth-provider", hint)
    authority = cluster.data("certificate-authority")
    insecure = cluster.flag("insecure-skip-tls-verify")
    if insecure and authority is not None:
        hint = "remove one of the two, as kubectl asks for"
        message = "a certificate authority makes no sense without verification"
        raise cluster.fail(message, "insecure-skip-tls-verify", hint)
    return ClusterConfig(
        server=server.rstrip("/"),
        namespace=context.text("namespace") or "default",
        ca=authority,
        client_certificate=certificate,
        client_key=key,
        token=user.text("token"),
        token_file=user.path("tokenFile"),
        username=user.text("username"),
        password=user.text("password"),
        exec_plugin=_exec_plugin(user),
        insecure=insecure,
        tls_server_name=cluster.text("tls-server-name"),
        proxy_url=cluster.text("proxy-url"),
        impersonate=_impersonation(user),
        source=source,
    )


def _exec_plugin(user: Entry) -> ExecPlugin | None:
    values = user.values.get("exec")
    if values is None:
        return None
    if not isinstance(values, dict) or not isinstance(values.get("command"), str):
        raise user.fail("must be a string", "exec.command")
    version = values.get("apiVersion") or ""
    if version not in ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"):
        raise user.fail("must be client.authentication.k8s.io/v1 or /v1beta1", "exec.apiVersion")
    if values.get("interactiveMode") == "Always":
        hint = "an operator has no terminal; choose another way to authenticate"
        raise user.fail("the plugin wants to ask somebody", "exec.interactiveMode", hint)
    command = values["command"]
    if "/" in command and not Path(command).is_absolute():
        command = str(user.file.parent / command)
    return ExecPlugin(
        command=command,
        args=user.texts("exec.args", values.get("args")),
        env=_environment(user, values.get("env") or []),
        api_version=version,
        provide_cluster_info=bool(values.get("provideClusterInfo")),
        install_hint=values.get("installHint") or "",
    )


def _environment(user: Entry, items: Any) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((str(item["name"]), str(item["value"])) for item in items)
    except (KeyError, TypeError):
        raise user.fail("must be a list of names and values", "exec.env") from None


def _impersonation(user: Entry) -> Impersonation | None:
    name, uid = user.text("as"), user.text("as-uid") or ""
    groups = user.texts("as-groups", user.values.get("as-groups"))
    extra = user.values.get("as-user-extra") or {}
    if not isinstance(extra, dict):
        raise user.fail("must map keys to lists of strings", "as-user-extra")
    pairs = tuple(
        (str(key), value)
        for key, values in extra.items()
        for value in user.texts(f"as-user-extra.{key}", values)
    )
    if name is None and (uid or groups or pairs):
        raise user.fail("groups, uid and extra are impersonated with a user only", "as")
    return None if name is None else Impersonation(user=name, uid=uid, groups=groups, extra=pairs)
