"""A change that is killed at any system call that writes leaves the old project or the new one.

The kill is a real one: a child process ends at the call, without any clean-up. Python tells of
every call that opens, renames, deletes or makes something by its audit events, whoever makes it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = '''
import itertools, os, shutil, subprocess, sys
from dataclasses import replace
from pathlib import Path
from opgen.scaffold.disk import Disk
from opgen.scaffold.execute import execute, mend
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.removal import destroy_api
from opgen.scaffold.update import update

WRITING = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.utime", "os.truncate",
    "os.link", "os.symlink", "shutil.rmtree",
}


class Killer:
    """Ends the process at an event; events are counted from 1."""

    def __init__(self, at):
        self.at, self.numbers, self.armed = at, itertools.count(1), False
        sys.addaudithook(self)

    def __call__(self, event, arguments):
        if not self.armed:
            return
        writes = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        # Files are synced in threads, so counting has to be one step.
        if (writes or event in WRITING) and next(self.numbers) == self.at:
            os._exit(9)


class HalfDisk(Disk):
    """Writes only half of a file, and ends the process."""

    def __init__(self, at):
        self.at, self.count = at, 0

    def write(self, path, content, mode=None):
        self.count += 1
        if self.count == self.at:
            super().write(path, content[: len(content) // 2], mode)
            os._exit(9)
        super().write(path, content, mode)


def tree(root):
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
    }


def attempt(plan, at, half):
    """Carry a plan out in a child that is killed; says whether it was."""
    child = os.fork()
    if child == 0:
        killer = Killer(0 if half else at)
        killer.armed = True
        execute(plan, HalfDisk(at) if half else None)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


def campaign(folder, old, make):
    new = folder / "new"
    shutil.copytree(old, new / old.name)
    plan = make(old)
    execute(replace(plan, root=new / old.name))
    before, after = tree(old), tree(new / old.name)
    assert before != after
    for half in (False, True):
        at, seen = 0, set()
        while True:
            at += 1
            root = folder / f"{half}{at}" / old.name
            shutil.copytree(old, root)
            here = replace(plan, root=root)
            killed = attempt(here, at, half)
            if killed:
                mend(root)
            state = tree(root)
            assert state in (before, after), (half, at, sorted(set(state) ^ set(after)))
            seen.add("old" if state == before else "new")
            if state == before:
                execute(here)  # the same again is as if nothing had happened
                assert tree(root) == after, (half, at)
            shutil.rmtree(root)
            if not killed:
                break
        assert seen == {"old", "new"}
        print(at - 1)


def templates(folder, word):
    """An overlay of which every file has a word in it; some come and go with it."""
    shutil.rmtree(folder, ignore_errors=True)
    texts = {"Makefile": f"all: {word}\\n", "config/samples/kustomization.yaml": f"# {word}\\n"}
    texts |= {"config/kept.yaml": f"a: 1\\nb: 2\\nc: {word}\\n", f"config/{word}.yaml": "a: 1\\n"}
    for name, text in texts.items():
        path = folder / "project/template" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def edited_before_the_update(folder, root):
    """A project in git with an update to come that updates, merges, marks, creates and deletes."""
    templates(folder / "overlay", "then")
    execute(init(root, InitOptions(template_overlay=folder / "overlay")))
    for words in ("init", "add --all", "-c user.name=a -c user.email=a@b.c commit -m first"):
        subprocess.run(["git", *words.split()], cwd=root, check=True, capture_output=True)
    (root / "Makefile").write_text("all: mine\\n")
    (root / "config/samples/kustomization.yaml").write_text("# mine\\n")
    (root / "config/kept.yaml").write_text("a: mine\\nb: 2\\nc: then\\n")
    templates(folder / "overlay", "now")


folder = Path(sys.argv[1])
fresh, kind = folder / "old" / "web", ApiOptions(version="v1", kind="Web")
fresh.mkdir(parents=True)
if sys.argv[2] == "update":
    edited_before_the_update(folder, fresh)
    verbs = {str(one.verb) for one in update(fresh).plan.actions}
    assert verbs >= {"create", "update", "delete", "merge", "skip", "identical"}, verbs
    campaign(folder, fresh, lambda root: update(root).plan)
    sys.exit()
execute(init(fresh, InitOptions()))
if sys.argv[2] == "create":
    campaign(folder, fresh, lambda root: create_api(root, kind))
elif sys.argv[2] == "destroy":
    execute(create_api(fresh, kind))
    campaign(folder, fresh, lambda root: destroy_api(root, ("", "v1", "Web")))
else:
    empty = folder / "empty" / "web"
    empty.mkdir(parents=True)
    campaign(folder, empty, lambda root: init(root, InitOptions()))
'''


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a child is forked for each kill")
@pytest.mark.parametrize("command", ["init", "create", "destroy", "update"])
def test_a_kill_at_any_system_call(tmp_path: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path), command],
        env={**os.environ, "OPGEN_REQUIREMENT": "opgen"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    calls, writes = map(int, done.stdout.split())
    assert calls > 20
    assert writes > 3
