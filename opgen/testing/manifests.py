"""Reading YAML documents from files and folders."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import yaml

from opgen.api.errors import Location, Problems
from opgen.testing.errors import Document

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Source = str | os.PathLike[str] | Document | Iterable[Document]


def read_documents(source: Source) -> list[Document]:
    """All documents of a file, of a folder's YAML files, or those given.

    Raises:
        Problems: there is no such path, or it holds no Kubernetes objects.
    """
    if isinstance(source, dict):
        return [cast(Document, source)]
    if not isinstance(source, (str, os.PathLike)):
        return list(source)
    path = Path(source)
    if path.is_dir():
        files = sorted(item for item in path.iterdir() if item.suffix in (".yaml", ".yml", ".json"))
        files = [item for item in files if not item.stem.startswith("kustomiz")]
    else:
        files = [path]
    return [document for file in files for document in _read(file)]


def serve_locally(document: Document, address: str, authority: bytes) -> None:
    """Have the webhooks of Services in a document called at an address, in place."""
    for config in _client_configs(document):
        service = config.pop("service", None)
        if service is not None:
            path = (service.get("path") or "").lstrip("/")
            config["url"] = f"https://{address}/{path}"
            config["caBundle"] = base64.b64encode(authority).decode()


def _client_configs(document: Document) -> list[Document]:
    if document["kind"] == "CustomResourceDefinition":
        conversion = document["spec"].get("conversion") or {}
        holders = [conversion.get("webhook") or {}]
    elif document["kind"].endswith("WebhookConfiguration"):
        holders = document.get("webhooks") or []
    else:
        return []
    return [holder["clientConfig"] for holder in holders if holder.get("clientConfig")]


def _read(file: Path) -> list[Document]:
    try:
        found: list[Any] = list(yaml.load_all(file.read_text(encoding="utf-8"), Loader=_LOADER))
    except OSError as error:
        raise Problems.of(
            f"cannot read {file}: {error.strerror}", hint="run `opgen make manifests` first"
        ) from None
    except yaml.YAMLError as error:
        raise Problems.of(f"this is no YAML: {error}", location=Location(str(file))) from None
    documents = [document for document in found if document is not None]
    for document in documents:
        if not isinstance(document, dict) or "kind" not in document:
            raise Problems.of("a document is no Kubernetes object", location=Location(str(file)))
    return documents
