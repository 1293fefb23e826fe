"""Who we are: tokens that are read again, and programs that print credentials.

Headers made here go to the transport and nowhere else; no message or log holds them.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from opgen.api.errors import Problems
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.config import ClusterConfig, ExecPlugin

log = logging.getLogger("opgen.credentials")

TOKEN_FILE_SECONDS = 60.0
"""How long a token from a file is used before the file is read again; kubelet rotates them."""

EXPIRY_MARGIN_SECONDS = 30.0
EXEC_TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ExecCredential:
    """What an exec plugin printed."""

    token: str | None = field(default=None, repr=False)
    certificate: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    expires: datetime | None = None


class Credentials:
    """The credentials of a configuration, kept fresh."""

    def __init__(self, config: ClusterConfig, clock: Clock = SYSTEM_CLOCK) -> None:
        self._config = config
        self._clock = clock
        self._file_token: str | None = None
        self._file_read = float("-inf")
        self._exec: ExecCredential | None = None
        self._lock = asyncio.Lock()

    async def headers(self) -> list[tuple[str, str]]:
        """The headers that identify us."""
        config = self._config
        headers = _impersonation_headers(config)
        token = config.token
        if config.token_file is not None:
            token = self._token_from_file()
        elif config.exec_plugin is not None:
            token = (await self._exec_credential(config.exec_plugin)).token
        if token:
            headers.append(("Authorization", f"Bearer {token}"))
        elif config.username is not None:
            pair = f"{config.username}:{config.password or ''}".encode()
            headers.append(("Authorization", f"Basic {base64.b64encode(pair).decode()}"))
        return headers

    async def certificate(self) -> tuple[bytes, bytes] | None:
        """Our client certificate and key as PEM, or None."""
        config = self._config
        if config.client_certificate is not None and config.client_key is not None:
            return config.client_certificate, config.client_key
        if config.exec_plugin is not None:
            credential = await self._exec_credential(config.exec_plugin)
            if credential.certificate is not None and credential.key is not None:
                return credential.certificate, credential.key
        return None

    def refresh(self) -> bool:
        """Forget what was kept, after a 401. Says whether another try may go better."""
        self._file_read = float("-inf")
        self._exec = None
        return self._config.token_file is not None or self._config.exec_plugin is not None

    def _token_from_file(self) -> str | None:
        now = self._clock.now()
        path = self._config.token_file
        if path is not None and now - self._file_read >= TOKEN_FILE_SECONDS:
            try:
                self._file_token = _read_token(path)
            except Problems as problems:
                if self._file_token is None:
                    raise
                told = problems.problems[0].message
                log.warning("%s: %s; the one that was read before is used", path, told)
            self._file_read = now
        return self._file_token

    async def _exec_credential(self, plugin: ExecPlugin) -> ExecCredential:
        async with self._lock:
            credential = self._exec
            if credential is None or self._expired(credential):
                credential = self._exec = await run_exec_plugin(plugin, self._config)
            return credential

    def _expired(self, credential: ExecCredential) -> bool:
        if credential.expires is None:
            return False
        left = credential.expires - self._clock.wall()
        return left.total_seconds() < EXPIRY_MARGIN_SECONDS


def _read_token(path: Path) -> str:
    try:
        token = path.read_text().strip()
    except OSError as error:
        raise Problems.of(f"cannot read the token: {error.strerror}", field=str(path)) from None
    except UnicodeDecodeError:
        raise Problems.of("cannot read the token: it is no text", field=str(path)) from None
    if not token:
        raise Problems.of("cannot read the token: the file is empty", field=str(path))
    return token


def _impersonation_headers(config: ClusterConfig) -> list[tuple[str, str]]:
    who = config.impersonate
    if who is None:
        return []
    headers = [("Impersonate-User", who.user)]
    if who.uid:
        headers.append(("Impersonate-Uid", who.uid))
    headers += [("Impersonate-Group", group) for group in who.groups]
    return headers + [
        (f"Impersonate-Extra-{quote(key, safe='')}", value) for key, value in who.extra
    ]


async def run_exec_plugin(plugin: ExecPlugin, config: ClusterConfig) -> ExecCredential:
    """Run an exec plugin and read the ExecCredential that it prints.

    Raises:
        Problems: it cannot be run, fails, or prints something else.
    """
    spec: dict[str, Any] = {"interactive": False}
    if plugin.provide_cluster_info:
        spec["cluster"] = _cluster_info(config)
    info = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    environ = {**os.environ, **dict(plugin.env), "KUBERNETES_EXEC_INFO": json.dumps(info)}
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.args,
            env=environ,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise _exec_problem(plugin, config, f"cannot be run: {error.strerror}") from None
    try:
        output, _ = await asyncio.wait_for(process.communicate(), EXEC_TIMEOUT_SECONDS)
    except TimeoutError:
        late = f"took over {EXEC_TIMEOUT_SECONDS:.0f} seconds"
        raise _exec_problem(plugin, config, late) from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise _exec_problem(plugin, config, f"failed with exit code {process.returncode}")
    return _read_credential(plugin, config, output)


def _cluster_info(config: ClusterConfig) -> dict[str, Any]:
    info: dict[str, Any] = {"server": config.server}
    if config.ca is not None:
        info["certificate-authority-data"] = base64.b64encode(config.ca).decode()
    if config.insecure:
        info["insecure-skip-tls-verify"] = True
    if config.tls_server_name:
        info["tls-server-name"] = config.tls_server_name
    return info


def _read_credential(plugin: ExecPlugin, config: ClusterConfig, output: bytes) -> ExecCredential:
    try:
        document = json.loads(output)
        status = document["status"]
        certificate = status.get("clientCertificateData")
        key = status.get("clientKeyData")
        stamp = status.get("expirationTimestamp")
        credential = ExecCredential(
            token=status.get("token"),
            certificate=certificate.encode() if certificate else None,
            key=key.encode() if key else None,
            expires=datetime.fromisoformat(stamp).astimezone(UTC) if stamp else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _exec_problem(plugin, config, "did not print an ExecCredential") from None
    if document.get("apiVersion") != plugin.api_version:
        raise _exec_problem(plugin, config, f"did not answer with {plugin.api_version}")
    if (credential.certificate is None) != (credential.key is None):
        raise _exec_problem(plugin, config, "printed a certificate without its key, or the reverse")
    if credential.token is None and credential.certificate is None:
        raise _exec_problem(plugin, config, "printed neither a token nor a certificate")
    return credential


def _exec_problem(plugin: ExecPlugin, config: ClusterConfig, what: str) -> Problems:
    return Problems.of(
        f"the credential plugin {plugin.command!r} of the kubeconfig {what}",
        field=config.source,
        hint=plugin.install_hint,
    )
