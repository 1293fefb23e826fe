"""Objects with nothing but their metadata, for clients that want no more.

Source: PartialObjectMetadata of meta.k8s.io/v1, asked for with `Accept: ...;as=...`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from opgen.testing.errors import Document
from opgen.testing.storage import Revision

_PARTIAL = re.compile(r"as=PartialObjectMetadata(List)?;")
_VERSION = "meta.k8s.io/v1"


def wants_metadata(accept: str) -> bool:
    """Whether a client asks for metadata only."""
    return bool(_PARTIAL.search(accept))


def partial(document: Document) -> Document:
    """An object without what is not metadata."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": _VERSION,
        "metadata": document["metadata"],
    }


def partial_list(documents: Iterable[Document], metadata: Document) -> Document:
    """A list of such objects."""
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": _VERSION,
        "metadata": {key: value for key, value in metadata.items() if value},
        # Go writes null for a list that nothing was put in.
        "items": [partial(document) for document in documents] or None,
    }


def encode_partial(revision: Revision) -> bytes:
    """The object of a watch's event."""
    return msgspec.json.encode(partial(revision.document()))
