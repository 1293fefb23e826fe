"""Objects of a cluster: read, written and deleted, as plain dicts."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from opgen.api.resources import ResourceKind, kind_of
from opgen.runtime.client import JSON_PATCH, MERGE_PATCH, ApiError, Client
from opgen.runtime.config import ClusterConfig
from opgen.testing.background import BackgroundLoop
from opgen.testing.errors import Document
from opgen.testing.readings import Readings

T = TypeVar("T")
MANAGER = "opgen-test"


class ClusterObjects:
    """Access to the objects of any cluster, for synchronous callers.

    Where a namespace is left out, it is that of the configuration: `default`. Kinds are given as
    classes (`WebServer`, `apps_v1.Deployment`) or as a `ResourceKind`.

    Raises:
        ApiError: by all methods, what the server answers.
    """

    config: ClusterConfig
    _client: Client

    def __init__(self, config: ClusterConfig) -> None:
        self._background = BackgroundLoop()
        self._kinds: dict[tuple[str, str], ResourceKind] = {}
        self._readings: Readings | None = None
        self._connect(config)

    def _connect(self, config: ClusterConfig) -> None:
        self.config = config
        self._client = Client(config, user_agent=MANAGER)

    def create(self, document: Document, namespace: str | None = None) -> Document:
        """Create an object."""
        kind = self._kind_of_document(document)
        return self._background.run(self._client.create(kind, document, namespace))

    def apply(
        self,
        document: Document,
        namespace: str | None = None,
        *,
        field_manager: str = MANAGER,
        force: bool = True,
        subresource: str = "",
    ) -> Document:
        """Server-side apply."""
        kind = self._kind_of_document(document)
        return self._background.run(
            self._client.apply(
                kind,
                document,
                namespace,
                field_manager=field_manager,
                force=force,
                subresource=subresource,
            )
        )

    def replace(
        self, document: Document, namespace: str | None = None, *, subresource: str = ""
    ) -> Document:
        """Replace an object."""
        kind = self._kind_of_document(document)
        return self._background.run(
            self._client.replace(kind, document, namespace, subresource=subresource)
        )

    def patch(
        self,
        kind: Any,
        name: str,
        patch: Document | list[Document],
        namespace: str | None = None,
        *,
        subresource: str = "",
        content_type: str = "",
        field_manager: str = "",
    ) -> Document:
        """Patch an object: a dict is a merge patch, a list a JSON patch, unless told otherwise."""
        chosen = content_type or (JSON_PATCH if isinstance(patch, list) else MERGE_PATCH)
        return self._background.run(
            self._client.patch(
                kind,
                name,
                patch,
                namespace,
                subresource=subresource,
                content_type=chosen,
                field_manager=field_manager,
            )
        )

    def get(self, kind: Any, name: str, namespace: str | None = None) -> Document:
        """An object."""
        try:
            found = self._background.run(self._client.get(kind, name, namespace))
        except ApiError as error:
            if error.code == 404:
                where = (namespace or self.config.namespace) if kind_of(kind).namespaced else ""
                self._note(kind, where, name, None)
            raise
        self._note_all(kind, [found])
        return found

    def find(self, kind: Any, name: str, namespace: str | None = None) -> Document | None:
        """An object, or None if it does not exist."""
        try:
            return self.get(kind, name, namespace)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def list(
        self,
        kind: Any,
        namespace: str | None = None,
        *,
        label_selector: str = "",
        field_selector: str = "",
    ) -> list[Document]:
        """All objects of a kind, in a namespace or in all."""
        found = self._background.run(
            self._client.list(
                kind, namespace, label_selector=label_selector, field_selector=field_selector
            )
        )
        self._note_all(kind, found)
        return found

    def _note_all(self, kind: Any, found: Sequence[Document]) -> None:
        """Remember what was read, while somebody waits."""
        if self._readings is not None:
            for document in found:
                metadata = document["metadata"]
                self._note(kind, metadata.get("namespace", ""), metadata["name"], document)

    def _note(self, kind: Any, namespace: str, name: str, document: Document | None) -> None:
        if self._readings is not None:
            where = "/".join(filter(None, (namespace, name)))
            self._readings.add(f"{kind_of(kind).kind} {where}", document)

    def delete(
        self,
        kind: Any,
        name: str,
        namespace: str | None = None,
        *,
        propagation: str = "Background",
    ) -> Document:
        """Delete an object."""
        return self._background.run(
            self._client.delete(kind, name, namespace, propagation=propagation)
        )

    def scale(self, kind: Any, name: str, replicas: int, namespace: str | None = None) -> Document:
        """Set the replicas of an object through its scale subresource."""
        patch = {"spec": {"replicas": replicas}}
        return self.patch(kind, name, patch, namespace, subresource="scale")

    def request(self, method: str, path: str, **options: Any) -> Any:
        """Any request of one's own; see `opgen.runtime.client.Client.request`."""
        return self._background.run(self._client.request(method, path, **options))

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the cluster's event loop."""
        return self._background.run(coroutine)

    def _kind_of_document(self, document: Document) -> ResourceKind:
        """The kind of a document, by its apiVersion and kind; the server is asked once."""
        identity = (document.get("apiVersion", ""), document.get("kind", ""))
        found = self._kinds.get(identity)
        if found is None:
            found = self._kinds[identity] = self._discover(*identity)
        return found

    def _discover(self, api_version: str, kind: str) -> ResourceKind:
        group, _, version = api_version.rpartition("/")
        path = f"/apis/{api_version}" if group else f"/api/{version}"
        for item in self.request("GET", path)["resources"]:
            if item["kind"] == kind and "/" not in item["name"]:
                return ResourceKind(group, version, kind, item["name"], item["namespaced"])
        raise LookupError(f"{path} has no kind {kind}")
