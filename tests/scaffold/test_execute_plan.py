"""A plan is carried out completely or not at all, wherever it is stopped."""

from __future__ import annotations

import errno
import os
import stat
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.api import Problems
from opgen.scaffold.execute import Conflicts, execute, mend
from opgen.scaffold.journal import STAGING
from opgen.scaffold.lock import locked
from opgen.scaffold.paths import File
from opgen.scaffold.plan import Action, Plan, Verb


def old_tree(root: Path) -> Path:
    (root / "gone").mkdir(parents=True)
    (root / "a.txt").write_bytes(b"old a")
    (root / "gone/b.txt").write_bytes(b"old b")
    (root / "c.txt").write_bytes(b"old c")
    return root


def change(root: Path) -> Plan:
    return Plan(
        root,
        (
            Action(Verb.UPDATE, "a.txt", File(b"old a"), File(b"new a")),
            Action(Verb.CREATE, "deep/er/new.txt", None, File(b"new file", executable=True)),
            Action(Verb.DELETE, "gone/b.txt", File(b"old b")),
            Action(Verb.UPDATE, "c.txt", File(b"old c"), File(b"new c"), backup="c.txt.opgen-old"),
            Action(Verb.CREATE, "PROJECT", None, File(b"project")),
        ),
    )


NEW = {
    "PROJECT": b"project",
    "a.txt": b"new a",
    "c.txt": b"new c",
    "c.txt.opgen-old": b"old c",
    "deep": None,
    "deep/er": None,
    "deep/er/new.txt": b"new file",
}
OPERATIONS = 40
"""More than a change has; the last ones see it go through."""


def test_a_plan_is_carried_out(tmp_path, content):
    execute(change(old_tree(tmp_path / "p")))
    assert content(tmp_path / "p") == NEW
    assert (tmp_path / "p/deep/er/new.txt").stat().st_mode & stat.S_IXUSR


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stop_at", range(1, OPERATIONS))
def test_a_failing_write_leaves_the_old_tree(tmp_path, content, stopping_disk, stop_at, after):
    root = old_tree(tmp_path / "p")
    before = content(root)
    disk = stopping_disk(stop_at, dead=False, after=after)
    try:
        execute(change(root), disk)
    except Problems as error:
        assert "cannot be written: No space left on device" in str(error)
        assert error.problems[0].hint == "make room on the disk"
        leftovers = content(root)
        if STAGING in leftovers:  # even clearing up failed; the next run does it
            mend(root)
            leftovers = content(root)
        assert leftovers in (before, NEW)
    else:
        assert stop_at > disk.count - 1
        assert content(root) == NEW


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("stop_at", range(1, OPERATIONS))
def test_a_kill_leaves_the_old_tree_or_the_new_one(
    tmp_path, content, stopping_disk, killed, stop_at, after
):
    root = old_tree(tmp_path / "p")
    before = content(root)
    try:
        execute(change(root), stopping_disk(stop_at, dead=True, after=after))
    except killed:
        mend(root)
    assert content(root) in (before, NEW)


@pytest.mark.parametrize("second", range(1, 12))
@pytest.mark.parametrize("first", range(8, 22))
def test_a_kill_while_mending_is_mended_too(
    tmp_path, content, stopping_disk, killed, first, second
):
    from opgen.scaffold.journal import recover

    root = old_tree(tmp_path / "p")
    before = content(root)
    for disk in (
        stopping_disk(first, dead=True, after=False),
        stopping_disk(second, dead=True, after=False),
    ):
        try:
            if not (root / STAGING).exists():
                execute(change(root), disk) if content(root) == before else None
            else:
                recover(root, disk)
        except killed:
            continue
    mend(root)
    assert content(root) in (before, NEW)


def test_every_operation_was_stopped(tmp_path, stopping_disk):
    disk = stopping_disk(0, dead=False, after=False)
    execute(change(old_tree(tmp_path / "p")), disk)
    assert 10 < disk.count < OPERATIONS


def test_a_mend_keeps_what_a_person_wrote_meanwhile(tmp_path, content, stopping_disk, killed):
    root = old_tree(tmp_path / "p")
    stop_at = next(
        number for number in range(1, OPERATIONS) if _stops_after_commit(tmp_path, number, killed)
    )
    with pytest.raises(killed):
        execute(change(root), stopping_disk(stop_at, dead=True, after=False))
    (root / "a.txt").write_bytes(b"mine")
    assert mend(root)
    assert content(root) == NEW | {"a.txt.opgen-old.0": b"mine"}


def _stops_after_commit(tmp_path: Path, number: int, killed: type[BaseException]) -> bool:
    import sys

    disks = sys.modules[killed.__module__]
    root = old_tree(tmp_path / f"probe-{number}")
    try:
        execute(change(root), disks.StoppingDisk(number, dead=True, after=False))
    except killed:
        return (root / STAGING / "redo.json").exists()
    return False


def test_a_folder_that_did_not_exist_is_gone_after_a_failure(tmp_path, stopping_disk):
    root = tmp_path / "x" / "y"
    plan = Plan(root, (Action(Verb.CREATE, "f", None, File(b"1")),))
    with pytest.raises(Problems):
        execute(plan, stopping_disk(4, dead=False, after=False))
    assert not (tmp_path / "x").exists()
    execute(plan)
    assert (root / "f").read_bytes() == b"1"


def test_conflicts_write_nothing(tmp_path, content):
    root = old_tree(tmp_path / "p")
    before = content(root)
    conflict = Action(Verb.CONFLICT, "c.txt", File(b"old c"), File(b"x"), "you edited it")
    with pytest.raises(Conflicts) as caught:
        execute(Plan(root, (*change(root).actions[:2], conflict)))
    assert caught.value.problems[0].message == "c.txt is in the way: you edited it"
    assert content(root) == before


def test_a_change_by_somebody_else_stops_the_plan(tmp_path, content):
    root = old_tree(tmp_path / "p")
    plan = change(root)
    (root / "a.txt").write_bytes(b"mine")
    before = content(root)
    with pytest.raises(Problems, match=r"a\.txt was changed while the command was running"):
        execute(plan)
    assert content(root) == before


def test_two_runs_at_once(tmp_path):
    root = old_tree(tmp_path / "p")
    with locked(root), pytest.raises(Problems, match="another opgen command is changing"):
        execute(change(root))


def test_a_replaced_file_keeps_its_mode(tmp_path):
    root = old_tree(tmp_path / "p")
    (root / "a.txt").chmod(0o640)
    execute(Plan(root, (Action(Verb.UPDATE, "a.txt", File(b"old a"), File(b"n", True)),)))
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o750


def test_a_file_that_is_read_only_is_replaced_and_stays_so(tmp_path, content):
    """The folder decides what may be replaced, as for git."""
    root = old_tree(tmp_path / "p")
    (root / "a.txt").chmod(0o444)
    execute(Plan(root, (Action(Verb.UPDATE, "a.txt", File(b"old a"), File(b"new")),)))
    assert content(root)["a.txt"] == b"new"
    assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o444


NOBODY = 65534


def as_nobody(work: Callable[[], None]) -> int:
    """Do something in a child without a superuser's rights; returns its exit code."""
    child = os.fork()
    if child == 0:
        try:
            os.setuid(NOBODY)
            work()
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can become somebody else")
def test_a_file_that_its_owner_cannot_write_is_replaced_too(content):
    with tempfile.TemporaryDirectory() as folder:  # which all can reach, unlike tmp_path
        root = old_tree(Path(folder) / "p")
        (root / "a.txt").chmod(0o444)
        for place in (Path(folder), root, *root.rglob("*")):
            os.chown(place, NOBODY, NOBODY)
        assert as_nobody(lambda: execute(change(root))) == 0
        assert content(root) == NEW
        assert stat.S_IMODE((root / "a.txt").stat().st_mode) == 0o444


@pytest.mark.skipif(sys.platform != "linux", reason="it tells which file a handle is of")
@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("links", [False, True])
def test_old_files_are_linked_or_copied(tmp_path, content, monkeypatch, links, fails):
    """A file system without links, and one that writes nothing any more after it was asked."""
    root = old_tree(tmp_path / "p")
    before = content(root)
    if not links:

        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    synced: list[str] = []
    sync = os.fsync

    def watch(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        if fails and (links or "2.old" in synced):
            raise OSError(errno.EIO, "Input/output error")
        sync(handle)

    monkeypatch.setattr(os, "fsync", watch)
    if fails:
        with pytest.raises(Problems, match="Input/output error"):
            execute(change(root))
        assert content(root) == before
    else:
        execute(change(root))
        assert content(root) == NEW
        olds = {name for name in synced if name.endswith(".old")}
        assert olds == (set() if links else {"0.old", "2.old", "4.old"})
