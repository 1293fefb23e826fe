"""Preflight against a real API server, on CRDs that are changed at random.

Here a few hundred mutants; `make soak` makes OPGEN_MUTANTS of them (2,500 unless told otherwise)
with the seed OPGEN_MUTANTS_SEED.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings
from mutation.campaign import (
    OPERATORS,
    Mutant,
    Verdict,
    judge,
    mutants,
    of_opgen,
    same_costs,
    same_fields,
)
from mutation.sources import CORPUS

from opgen.cel import installed

SEED = int(os.environ.get("OPGEN_MUTANTS_SEED", "20261121"))
IS_SOAK = settings.get_current_profile_name() == "soak"
COUNT = int(os.environ.get("OPGEN_MUTANTS", "2500" if IS_SOAK else "200"))

DEVIATIONS: dict[str, str] = {
    r"no version is served": (
        "the server takes a CRD of which nothing can be read or written; controller-gen does not, "
        "and nobody means it"
    ),
    r"default: (\[.*\]|'.*'): must be of type \w+": (
        "the server takes a text or a list as the default of a type with a format, whatever the "
        "type is, and refuses the objects that get it, but for lists in the place of texts"
    ),
    r"items: .*: cannot unmarshal into a field of type object": (
        "the server takes items that are no schema for none, as long as the type is no array"
    ),
    r"default: .* is there twice, so that no object is valid": (
        "the server takes a default that has an item of a set or map twice, and refuses every "
        "object that gets it"
    ),
}
"""What preflight refuses though the server takes it, by a pattern of its words, and why."""

pytestmark = pytest.mark.skipif(not installed(), reason="CEL rules need opgen[cel]")


@pytest.mark.controlplane
def test_same_verdict_and_fields(server: Any, sources: list[tuple[str, Any]]) -> None:
    found = list(mutants(SEED, COUNT, sources))
    assert len(found) > COUNT * 0.95
    verdicts = judge(server, found)
    assert {theirs.accepted for _, _, theirs in verdicts} == {True, False}
    wrong = [_told(*verdict) for verdict in verdicts if not _agree(*verdict[1:])]
    assert not wrong, f"seed {SEED}: {len(wrong)} of {len(found)} mutants\n" + "\n".join(wrong)


def _agree(ours: Verdict, theirs: Verdict) -> bool:
    without = ours.without("|".join(DEVIATIONS))
    return any(
        one.accepted == theirs.accepted and same_fields(one, theirs) and same_costs(one, theirs)
        for one in ((without,) if theirs.accepted else (ours, without))
    )


def _told(mutant: Mutant, ours: Verdict, theirs: Verdict) -> str:
    return (
        f"{mutant}\n  opgen:  {ours.fields} {ours.words}\n  server: {theirs.fields} {theirs.words}"
    )


def test_mutants_depend_on_their_seed_alone(sources: list[tuple[str, Any]]) -> None:
    first = [mutant.document for mutant in mutants(1, len(OPERATORS), sources)]
    again = [mutant.document for mutant in mutants(1, len(OPERATORS), sources)]
    assert first == again
    assert first != [mutant.document for mutant in mutants(2, len(OPERATORS), sources)]


def test_no_mutant_makes_preflight_fail(sources: list[tuple[str, Any]]) -> None:
    found = list(mutants(SEED + 1, 4 * len(OPERATORS), sources))
    verdicts = [of_opgen(mutant.document) for mutant in found]
    assert {verdict.accepted for verdict in verdicts} == {True, False}


@pytest.mark.skipif(not CORPUS.exists(), reason=f"no corpus of CRDs at {CORPUS}")
def test_the_corpus_is_accepted_with_its_rules(sources: list[tuple[str, Any]]) -> None:
    rules = 0
    for name, document in sources:
        verdict = of_opgen(document)
        assert verdict.accepted, f"{name}: {verdict.words}"
        rules += str(document).count("'rule': ")
    assert rules > 1_000
