"""The rules of Events, older and newer. Source: ValidateEventCreate of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator

from opgen.testing.errors import Document, FieldError, invalid_value, required
from opgen.testing.objects.names import qualified_name_problems
from opgen.testing.resources.strategies import Upsert

_NEWER = "events.k8s.io/v1"
_LONGEST, _LONGEST_NOTE = 128, 1024
_TYPES = ("Normal", "Warning")


class EventStrategy(Upsert):
    """Events are about an object of their namespace."""

    error_group = ""

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """What the newer kind asks for, and the older one if it has an exact time."""
        if old is not None:
            return
        newer = new["apiVersion"] == _NEWER
        yield from _place_problems(new, newer=newer)
        if new.get("eventTime"):
            yield from _reporter_problems(new, newer=newer)
        if newer:
            yield from _newer_problems(new)


def _place_problems(event: Document, *, newer: bool) -> Iterator[FieldError]:
    about = event.get("regarding" if newer else "involvedObject") or {}
    place, namespace = about.get("namespace", ""), event["metadata"].get("namespace", "")
    free = ("default", "kube-system") if event.get("eventTime") else ("default",)
    fits = place == namespace or bool(place and event.get("eventTime"))
    if not fits and (place or namespace not in free):
        text = "does not match event.namespace"
        yield invalid_value("involvedObject.namespace", place, text)


def _reporter_problems(event: Document, *, newer: bool) -> Iterator[FieldError]:
    controller = event.get("reportingController" if newer else "reportingComponent") or ""
    if not controller:
        yield required("reportingController")
    for text in qualified_name_problems(controller):
        yield invalid_value("reportingController", controller, text)
    for name in ("reportingInstance", "action", "reason"):
        value = event.get(name) or ""
        if not value:
            yield required(name)
        elif len(value) > _LONGEST:
            yield invalid_value(name, "", f"can have at most {_LONGEST} characters")
    if len(event.get("note" if newer else "message") or "") > _LONGEST_NOTE:
        yield invalid_value("message", "", f"can have at most {_LONGEST_NOTE} characters")


def _newer_problems(event: Document) -> Iterator[FieldError]:
    series = event.get("series")
    if series is not None:
        if series.get("count", 0) < 2:
            yield invalid_value("series.count", "", "should be at least 2")
        if not series.get("lastObservedTime"):
            yield required("series.lastObservedTime")
    if not event.get("eventTime"):
        yield required("eventTime")
    if event.get("type") not in _TYPES:
        yield invalid_value("type", "", f"has invalid value: {event.get('type') or ''}")
    for name, field in (
        ("deprecatedFirstTimestamp", "firstTimestamp"),
        ("deprecatedLastTimestamp", "lastTimestamp"),
        ("deprecatedCount", "count"),
        ("deprecatedSource", "source"),
    ):
        if event.get(name):
            yield invalid_value(field, "", "needs to be unset")
