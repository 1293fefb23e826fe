"""Answering ConversionReviews: objects are converted by way of the hub version.

Metadata is carried over; only labels and annotations may change on the way. Either all objects of
a request are converted or none. Source: apiextensions.k8s.io/v1 ConversionReview.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from opgen.api.errors import Problems
from opgen.api.resources import kind_of
from opgen.runtime.blocking import awaited
from opgen.runtime.codec import decode, encode, encode_object
from opgen.runtime.errors import DecodeError
from opgen.runtime.webhooks.admission import INTERNAL_ERROR

log = logging.getLogger("opgen.webhooks")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoke:
    """One version beside the hub, and what converts it."""

    cls: Any
    hub: Any
    converter: Any


class NoConverter(Exception):
    """Nobody has said how to convert between two versions."""


class Conversion:
    """Converts between all versions of all kinds that have converters."""

    def __init__(self, spokes: Mapping[tuple[str, str], Spoke]) -> None:
        self._spokes = spokes
        """By apiVersion and kind of the spoke."""

    async def answer(self, review: Json) -> Json:
        """From a review with a request to a review with a response."""
        request = review["request"]
        response: Json = {"uid": request["uid"], "convertedObjects": []}
        try:
            wanted = request["desiredAPIVersion"]
            converted = [await self._convert(each, wanted) for each in request["objects"]]
            response |= {"convertedObjects": converted, "result": {"status": "Success"}}
        except Exception as error:
            foreseen = isinstance(error, (DecodeError, NoConverter, Problems))
            log.error("conversion failed: %s", error, exc_info=None if foreseen else error)
            response["result"] = {"status": "Failed", "message": f"cannot convert: {error}"}
            if not foreseen:
                response["result"] |= {"code": 500, "reason": INTERNAL_ERROR}
        return {
            "apiVersion": review["apiVersion"],
            "kind": "ConversionReview",
            "response": response,
        }

    async def _convert(self, document: Json, wanted: str) -> Json:
        have, kind = document["apiVersion"], document["kind"]
        if have == wanted:
            return document
        source = self._spokes.get((have, kind))
        target = self._spokes.get((wanted, kind))
        hub = _hub(source, target, have, wanted)
        if hub is None:
            raise NoConverter(f"there is no converter of {kind} from {have} to {wanted}")
        obj = decode(source.cls if source is not None else hub, document)
        metadata = obj.metadata
        if source is not None:
            obj = await _called(source.converter.to_hub, obj, hub)
        obj.metadata = metadata
        if target is not None:
            obj = await _called(target.converter.from_hub, obj, target.cls)
            obj.metadata = metadata
        return encode_object(obj) | {"metadata": _metadata(document["metadata"], metadata)}


def _hub(source: Spoke | None, target: Spoke | None, have: str, wanted: str) -> Any:
    """The hub between two versions, one of which may be the hub itself; None if there is none."""
    hubs = [spoke.hub for spoke in (source, target) if spoke is not None]
    if not hubs or any(hub is not hubs[0] for hub in hubs):
        return None
    version = kind_of(hubs[0]).api_version
    reached = (source is not None or have == version) and (target is not None or wanted == version)
    return hubs[0] if reached else None


async def _called(method: Any, obj: Any, wanted: Any) -> Any:
    result = method(obj)
    if inspect.isawaitable(result):
        result = await awaited(result)
    if not isinstance(result, wanted):
        made, right = type(result).__qualname__, wanted.__qualname__
        raise TypeError(f"{method.__qualname__} must return a {right}, and has returned a {made}")
    return result


def _metadata(raw: Json, metadata: Any) -> Json:
    """The metadata as they came, with labels and annotations as they are now."""
    now = encode(metadata)
    kept = {key: value for key, value in raw.items() if key not in ("labels", "annotations")}
    return kept | {key: now[key] for key in ("labels", "annotations") if now.get(key)}
