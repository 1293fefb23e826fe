"""The page of differences is that of the table. OPGEN_UPDATE_DOCS=1 writes it."""

from __future__ import annotations

import os
from pathlib import Path

from opgen.testing.compatibility import DIFFERENCES, page

PAGE = Path(__file__).parents[2] / "docs" / "compatibility.md"


def test_the_page_is_up_to_date() -> None:
    if os.environ.get("OPGEN_UPDATE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page()


def test_each_difference_has_a_reason_and_the_areas_are_in_order() -> None:
    assert all(item.what.endswith(".") and item.reason.endswith(".") for item in DIFFERENCES)
    areas = list(dict.fromkeys(item.area for item in DIFFERENCES))
    assert len(areas) == sum(
        1
        for index, item in enumerate(DIFFERENCES)
        if index == 0 or DIFFERENCES[index - 1].area != item.area
    )
