"""Objects with nothing but their metadata, for clients that want no more.

Source: PartialObjectMetadata of meta.k8s.io/v1, asked for with `Accept: ...;as=...`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from opgen.testing.errors import Document
from opgen.testing.storage import Revision


def partial(document: Document, version: str) -> Document:
    """An object without what is not metadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": version,
        "metadata": document["metadata"],
    }


def partial_list(documents: Iterable[Document], metadata: Document, version: str) -> Document:
    """A list of such objects."""
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": version,
        "metadata": {key: value for key, value in metadata.items() if value},
        # Go writes null for a list that nothing was put in.
        "items": [partial(document, version) for document in documents] or None,
    }


def encoder(version: str) -> Callable[[Revision], bytes]:
    """What turns the objects of a watch into their metadata."""
    return lambda revision: msgspec.json.encode(partial(revision.document(), version))
