"""What `opgen update` does where a person and opgen changed the same lines."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold.update import ConflictsLeft, update


def conflict(root: Path) -> None:
    for path, line in (
        ("Makefile", "target 4"),
        ("web/main.py", "statement 9"),
        ("config/manager.yaml", "- item 3"),
    ):
        file = root / path
        text = file.read_text()
        assert f"{line}\n" in text
        file.write_text(text.replace(f"{line}\n", f"{line}, edited\n", 1))


def test_conflicts_are_marked_where_that_breaks_nothing(make_project):
    root = make_project(1)
    conflict(root)
    made = update(root)
    made.carry_out()
    assert "target 4, edited" in (root / "Makefile").read_text()
    assert "<<<" not in (root / "Makefile").read_text()
    assert "target four" in (root / "Makefile.opgen-new").read_text()
    assert (
        "<<<<<<< yours\n- item 3, edited\n||||||| opgen 0.1.0\n- item 3\n=======\n- item three\n"
        ">>>>>>> opgen 0.4.0\n"
    ) in (root / "config/manager.yaml").read_text()
    assert [str(problem) for problem in made.conflicts()] == [
        "error: Makefile stayed as you edited it, and opgen's new version is Makefile.opgen-new\n"
        "  --> Makefile\n"
        "  hint: take over what you want and delete Makefile.opgen-new",
        "error: config/manager.yaml has a conflict of your edits with opgen's\n"
        "  --> config/manager.yaml:4\n"
        "  hint: decide, delete the markers, and git add the file",
        "error: web/main.py has a conflict of your edits with opgen's\n"
        "  --> web/main.py:10\n"
        "  hint: decide, delete the markers, and git add the file",
    ]


def test_an_update_waits_for_the_conflicts_of_the_last_one(make_project):
    root = make_project(1)
    conflict(root)
    update(root).carry_out()
    with pytest.raises(ConflictsLeft) as caught:
        update(root)
    assert [problem.message for problem in caught.value.problems] == [
        "Makefile stayed as you edited it, and opgen's new version is Makefile.opgen-new",
        "config/manager.yaml has a conflict of an update in it",
        "web/main.py has a conflict of an update in it",
    ]
    (root / "Makefile.opgen-new").unlink()
    for path in ("config/manager.yaml", "web/main.py"):
        (root / path).write_text("resolved\n")
    assert not update(root).plan.changes


def test_a_marked_file_is_kept_beside_it_where_no_repository_has_it(make_project):
    root = make_project(1)
    conflict(root)
    before = (root / "web/main.py").read_bytes()
    update(root).carry_out()
    assert (root / "web/main.py.opgen-old").read_bytes() == before


def test_merge_tools_find_the_three_sides_in_the_index(make_project, git):
    root = make_project(1)
    old = (root / "web/main.py").read_text()
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    conflict(root)
    git(root, "commit", "--quiet", "--all", "--message", "second")
    update(root).carry_out()
    unmerged = git(root, "diff", "--name-only", "--diff-filter=U").split()
    assert unmerged == ["Makefile", "config/manager.yaml", "web/main.py"]
    assert git(root, "show", ":1:web/main.py") == old
    assert "statement 9, edited" in git(root, "show", ":2:web/main.py")
    assert "nine" in git(root, "show", ":3:web/main.py")
    assert "target four" in git(root, "show", ":3:Makefile")
    assert not (root / "web/main.py.opgen-old").exists()
    git(root, "checkout", "--theirs", "web/main.py")
    assert "nine" in (root / "web/main.py").read_text()


def test_the_stages_of_a_project_below_the_repository(make_project, git, tmp_path):
    make_project(1)
    shutil.move(tmp_path / "p", tmp_path / "repo/operators/web")
    root = tmp_path / "repo/operators/web"
    git(tmp_path / "repo", "init", "--quiet")
    conflict(root)
    update(root).carry_out()
    unmerged = git(tmp_path / "repo", "diff", "--name-only", "--diff-filter=U").split()
    assert unmerged == [
        f"operators/web/{path}" for path in ("Makefile", "config/manager.yaml", "web/main.py")
    ]


def test_git_in_the_middle_of_a_merge_is_left_alone(make_project, git, content):
    root = make_project(1)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    conflict(root)
    head = git(root, "rev-parse", "HEAD")
    (root / ".git/MERGE_HEAD").write_text(head)
    before = content(root)
    with pytest.raises(Problems) as caught:
        update(root).carry_out()
    assert str(caught.value) == (
        "error: git is in the middle of a merge, and an update would mix with it\n"
        "  hint: finish it or call it off (git status tells how), then run the command again"
    )
    assert content(root) == before


def test_git_at_work_is_waited_for(make_project, git, content):
    """Its index could not be told of the conflicts."""
    root = make_project(1)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    conflict(root)
    lock = root / ".git/index.lock"
    lock.touch()
    before = content(root)
    with pytest.raises(Problems) as caught:
        update(root).carry_out()
    assert str(caught.value) == (
        f"error: another git command is at work: there is {lock}\n"
        "  hint: wait until it has ended; if none is running, delete the file"
    )
    assert content(root) == before


def test_a_file_in_the_place_of_a_new_one_stays(make_project):
    root = make_project(1)
    (root / "new.py").write_text("mine\n")
    update(root).carry_out()
    assert (root / "new.py").read_text() == "mine\n"
    assert "fresh" in (root / "new.py.opgen-new").read_text()


def test_a_binary_file_is_not_merged(make_project):
    root = make_project(1)
    (root / "config/manager.yaml").write_bytes(b"\0")
    made = update(root)
    made.carry_out()
    assert (root / "config/manager.yaml").read_bytes() == b"\0"
    assert (root / "config/manager.yaml.opgen-new").exists()
