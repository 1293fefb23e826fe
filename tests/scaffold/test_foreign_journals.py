"""A journal may come with a repository that somebody else made, and is trusted in nothing."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold.execute import execute, mend
from opgen.scaffold.layout import STAGING
from opgen.scaffold.paths import File
from opgen.scaffold.plan import Action, Plan, Verb

EVIL = b"evil"
LINK = "link"
"""A folder of the project that leads out of it."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "p"
    (root / STAGING).mkdir(parents=True)
    (root / STAGING / "0.new").write_bytes(EVIL)
    (tmp_path / "home").mkdir()
    (root / LINK).symlink_to(tmp_path / "home")
    return root


def step(path: object) -> dict[str, object]:
    return {"path": path, "old": "", "new": hashlib.sha256(EVIL).hexdigest()}


def journal(*steps: object, folders: object = ()) -> str:
    return json.dumps({"steps": steps, "folders": folders})


NO_JOURNAL = "it is no journal"
OUTSIDE = "'{}' is no path of a file below the project's folder"
THROUGH_A_LINK = "link is a symbolic link, and opgen writes only real files and folders"
FOREIGN = [
    ("garbage", NO_JOURNAL),
    ("[" * 100_000, NO_JOURNAL),
    ("[]", NO_JOURNAL),
    ("{}", NO_JOURNAL),
    (journal(step(1)), NO_JOURNAL),
    (journal({"path": "a"}), NO_JOURNAL),
    (journal(folders=3), NO_JOURNAL),
    (journal(step("../outside")), OUTSIDE.format("../outside")),
    (journal(step("/tmp/outside")), OUTSIDE.format("/tmp/outside")),
    (journal(step("link/outside")), THROUGH_A_LINK),
    (journal(folders=["../outside"]), OUTSIDE.format("../outside/-")),
    (journal(folders=["link"]), THROUGH_A_LINK),
]


@pytest.mark.parametrize("name", ["redo.json", "undo.json"])
@pytest.mark.parametrize(("text", "why"), FOREIGN)
def test_it_is_told_and_nothing_happens(root, tmp_path, name, text, why):
    (root / STAGING / name).write_text(text)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Problems) as caught:
        mend(root)
    assert str(caught.value) == (
        f"error: {STAGING}/{name} is not by opgen: {why}\n  --> {STAGING}/{name}\n"
        f"  hint: if you know that no command of opgen was killed here, delete {STAGING}"
    )
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("link", [False, True])
def test_something_else_in_the_place_of_the_folder(tmp_path, link):
    root = tmp_path / "p"
    root.mkdir()
    place = root / STAGING
    place.symlink_to(tmp_path) if link else place.write_text("mine")
    plan = Plan(root, (Action(Verb.CREATE, "a", None, File(b"1")),))
    with pytest.raises(Problems) as caught:
        execute(plan)
    assert str(caught.value) == (
        f"error: {STAGING} is no folder, and opgen needs one of that name for each change\n"
        f"  --> {STAGING}\n  hint: move it away"
    )
    assert [path.name for path in root.iterdir()] == [STAGING]
