"""Kubeconfig files for kubectl."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from opgen.runtime.config import ClusterConfig


def kubeconfig_text(config: ClusterConfig, name: str = "opgen") -> str:
    """A kubeconfig with one context, as JSON, which is YAML as well."""
    cluster: dict[str, Any] = {"server": config.server}
    user: dict[str, Any] = {}
    for target, key, value in (
        (cluster, "certificate-authority-data", config.ca),
        (user, "client-certificate-data", config.client_certificate),
        (user, "client-key-data", config.client_key),
    ):
        if value:
            target[key] = base64.b64encode(value).decode()
    if config.token:
        user["token"] = config.token
    context = {"cluster": name, "user": name, "namespace": config.namespace}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": context}],
        "current-context": name,
    }
    return json.dumps(document, indent=2) + "\n"


def write_kubeconfig(path: Path, config: ClusterConfig) -> Path:
    """Write a kubeconfig that only its owner can read; returns its path."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(kubeconfig_text(config), encoding="utf-8")
    return path


def may_be_written(path: Path, name: str = "opgen") -> bool:
    """Whether there is no file, or one that holds nothing but what was written here before."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    except (OSError, UnicodeDecodeError):
        return False
    try:
        clusters = json.loads(text or "{}").get("clusters", [])
        return [cluster["name"] for cluster in clusters] in ([name], [])
    except (ValueError, AttributeError, KeyError, TypeError):
        return False
