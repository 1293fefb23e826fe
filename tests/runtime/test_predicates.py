"""Ready-made predicates, on dataclasses and on plain objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from opgen.runtime.predicates import (
    all_of,
    annotations_changed,
    any_of,
    generation_changed,
    labels_changed,
    negated,
)


@dataclass
class Metadata:
    generation: int | None = None
    labels: dict[str, str] = field(default_factory=dict)
    annotations: dict[str, str] = field(default_factory=dict)


@dataclass
class Typed:
    metadata: Metadata


def typed(**metadata: Any) -> Any:
    return Typed(Metadata(**metadata))


def plain(**metadata: Any) -> Any:
    return {"metadata": metadata}


PREDICATES = {
    "generation": (generation_changed, 1, 2),
    "labels": (labels_changed, {"a": "1"}, {"a": "2"}),
    "annotations": (annotations_changed, {"a": "1"}, {}),
}


@pytest.mark.parametrize("make", [typed, plain])
@pytest.mark.parametrize("name", PREDICATES)
def test_each_looks_at_its_own_field(name: str, make: Any) -> None:
    predicate, one, two = PREDICATES[name]
    assert predicate(make(**{name: one}), make(**{name: two}))
    assert not predicate(make(**{name: one}), make(**{name: one}))
    others = {other: values[1] for other, values in PREDICATES.items() if other != name}
    assert not predicate(make(**{name: one}), make(**{name: one}, **others))


@pytest.mark.parametrize("predicate", [generation_changed, labels_changed, annotations_changed])
def test_creation_and_deletion_always_matter(predicate: Any) -> None:
    assert predicate(None, plain())
    assert predicate(plain(), None)


def test_labels_left_out_and_empty_labels_are_the_same() -> None:
    assert not labels_changed(plain(), plain(labels={}))


def test_predicates_can_be_combined() -> None:
    before, after = plain(generation=1), plain(generation=2)
    assert any_of(generation_changed, labels_changed)(before, after)
    assert not all_of(generation_changed, labels_changed)(before, after)
    assert negated(labels_changed)(before, after)
