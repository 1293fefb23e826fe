"""Reading objects from a store in the version that is asked for.

Versions of a CRD may differ in more than their name; then its conversion webhook is asked, which is
why these methods are coroutines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from opgen.testing.clock import Clock
from opgen.testing.errors import Document, not_found
from opgen.testing.resources.conversion import at_version, stored_form
from opgen.testing.resources.registry import Registry, ResourceType
from opgen.testing.resources.strategies import Strategy
from opgen.testing.storage import Revision, Store
from opgen.testing.webhooks.admission import Admission
from opgen.testing.webhooks.calls import WebhookClient
from opgen.testing.webhooks.conversion import Conversions


class Versions:
    """A store, what its resources are, and the webhooks that have a say in their objects."""

    def __init__(
        self,
        store: Store,
        registry: Registry,
        strategies: Callable[[ResourceType], Strategy],
        clock: Clock,
    ) -> None:
        self.store = store
        self.registry = registry
        self.strategy = strategies
        self.clock = clock
        self.webhooks = WebhookClient()
        self.admission = Admission(store, registry, self.webhooks, self._at)
        self._conversions = Conversions(self.webhooks)
        self._empty: dict[str, int] = {}
        """By uid: at which version metadata of an applied object is stored empty."""

    def find(self, resource_type: ResourceType, namespace: str, name: str) -> Revision:
        """The current revision of an object.

        Raises:
            StatusError: 404.
        """
        found = self.store.get(resource_type.resource, namespace, name)
        if found is None:
            raise not_found(*resource_type.resource, name)
        return found

    async def read(self, resource_type: ResourceType, revision: Revision) -> Document:
        """A revision as an object of the type's version.

        Raises:
            StatusError: 500, a conversion webhook fails.
        """
        return await self._at(revision.document(), resource_type)

    async def convert(
        self, documents: Sequence[Document], resource_type: ResourceType
    ) -> list[Document]:
        """Objects in the type's version; those given are not changed.

        Raises:
            StatusError: 500, a conversion webhook fails.
        """
        if resource_type.conversion is None:
            return [at_version(document, resource_type) for document in documents]
        wanted = resource_type.kind.api_version
        return await self._conversions.convert(resource_type.conversion, documents, wanted)

    async def _at(self, document: Document, resource_type: ResourceType) -> Document:
        return (await self.convert([document], resource_type))[0]

    async def stored(self, document: Document, resource_type: ResourceType) -> Document:
        """An object of a type in the form in which it is stored; it is not changed."""
        if resource_type.conversion is None:
            return stored_form(document, resource_type)
        wanted = f"{resource_type.group}/{resource_type.storage_version}"
        return (await self._conversions.convert(resource_type.conversion, [document], wanted))[0]
