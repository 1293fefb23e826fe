"""How to reach a cluster: address, trust and credentials, as plain frozen data.

`ClusterConfig` is made by `load_config` from a kubeconfig or from a pod's service account, or by
hand in tests. Nothing is opened or run here; `opgen.runtime.credentials` and
`opgen.runtime.transport` do that. No secret is ever part of a `repr`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from opgen.api.errors import Problems

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecPlugin:
    """A program that prints credentials. Source: client.authentication.k8s.io ExecConfig."""

    command: str
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_version: str = "client.authentication.k8s.io/v1"
    provide_cluster_info: bool = False
    install_hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Impersonation:
    """Whom to act as. Source: the `Impersonate-*` headers of the Kubernetes API."""

    user: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """Keys with a value each; a key with several values comes several times."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterConfig:
    """Where the API server is, how to trust it, and who we are.

    Attributes:
        server: The base URL, such as `https://10.0.0.1:6443`, without a trailing slash.
        namespace: The namespace used where none is named.
        ca: Certificate authorities as PEM; None for those of the system.
        client_certificate: Our certificate as PEM, with `client_key`.
        token: A bearer token. `token_file` wins, and is read again as it is rotated.
        exec_plugin: A program that prints a token or a certificate.
        insecure: Accept any server certificate.
        tls_server_name: The name to check the server's certificate against.
        source: Where this came from, for messages.
    """

    server: str
    namespace: str = "default"
    ca: bytes | None = field(default=None, repr=False)
    client_certificate: bytes | None = field(default=None, repr=False)
    client_key: bytes | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    exec_plugin: ExecPlugin | None = field(default=None, repr=False)
    insecure: bool = False
    tls_server_name: str | None = None
    proxy_url: str | None = field(default=None, repr=False)
    impersonate: Impersonation | None = None
    source: str = ""


def load_config(
    kubeconfig: str | os.PathLike[str] | None = None,
    context: str | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
) -> ClusterConfig:
    """The configuration that kubectl would use, or the pod's own when there is no kubeconfig.

    In order: `kubeconfig`, the files named in `KUBECONFIG`, the service account of the pod,
    `~/.kube/config`.

    Raises:
        Problems: there is none, or it cannot be used; says which file, context and key.
    """
    from opgen.runtime.kubeconfig import load_kubeconfig

    if kubeconfig is not None:
        return load_kubeconfig([Path(kubeconfig)], context, missing_ok=False)
    if environ.get("KUBECONFIG"):
        paths = [Path(part) for part in environ["KUBECONFIG"].split(os.pathsep) if part]
        return load_kubeconfig(paths, context)
    if context is None and environ.get("KUBERNETES_SERVICE_HOST"):
        return in_cluster_config(environ)
    home = Path(environ.get("HOME") or Path.home()) / ".kube" / "config"
    if not home.exists():
        raise Problems.of(
            "no kubeconfig found, and this is not a pod",
            field=str(home),
            hint="name one with --kubeconfig or KUBECONFIG, or create a cluster first",
        )
    return load_kubeconfig([home], context)


def in_cluster_config(
    environ: Mapping[str, str] = os.environ, directory: Path = SERVICE_ACCOUNT
) -> ClusterConfig:
    """The configuration of a pod, from its environment and its mounted service account.

    Raises:
        Problems: this is not a pod, or it has no service account mounted.
    """
    host = environ.get("KUBERNETES_SERVICE_HOST", "")
    port = environ.get("KUBERNETES_SERVICE_PORT", "443")
    token, ca, namespace = directory / "token", directory / "ca.crt", directory / "namespace"
    if not host or not token.exists():
        raise Problems.of(
            "no service account is mounted in this pod" if host else "this is not a pod",
            field=str(token),
            hint="set automountServiceAccountToken: true, or name a kubeconfig",
        )
    return ClusterConfig(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        namespace=namespace.read_text().strip() if namespace.exists() else "default",
        ca=ca.read_bytes() if ca.exists() else None,
        token_file=token,
        source="the pod's service account",
    )
