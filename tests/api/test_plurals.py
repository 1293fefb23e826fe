"""Plurals are equal to controller-gen's, oddities included."""

import csv
from pathlib import Path

import pytest

from opgen.api.plurals import pluralize

with (Path(__file__).parent / "names.tsv").open() as table:
    NAMES = [(row["kind"], row["plural"]) for row in csv.DictReader(table, delimiter="\t")]


def test_the_table_is_complete() -> None:
    assert len(NAMES) == 252


@pytest.mark.parametrize(("kind", "plural"), NAMES)
def test_plural(kind: str, plural: str) -> None:
    assert pluralize(kind) == plural


@pytest.mark.parametrize(
    ("kind", "plural"), [("HostAlias", "hostaliases"), ("TrafficPolicy", "trafficpolicies")]
)
def test_the_last_word_decides(kind: str, plural: str) -> None:
    assert pluralize(kind) == plural
