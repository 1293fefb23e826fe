"""What a plan makes of what was written, what is there and what is wanted."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.api import Problems
from opgen.scaffold.execute import execute
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Plan, Policy, Verb, compare, digest, remove

TEXT = st.sampled_from([b"", b"one\n", b"two\n", b"one\r\n", b"a\nb\n", b"a\r\nb\r\n", b"\0bin"])


@given(on_disk=st.none() | TEXT, wanted=TEXT, written=st.none() | TEXT, force=st.booleans())
def test_comparison_has_three_sides(on_disk, wanted, written, force):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        if on_disk is not None:
            (root / "f").write_bytes(on_disk)
        recorded = {"f": digest(written)} if written is not None else {}
        policy = Policy(recorded=recorded, force=force)
        action = compare(Tree(root), "f", File(wanted), policy)
        edited = on_disk is not None and (written is None or digest(on_disk) != digest(written))
        if on_disk is not None and digest(on_disk) == digest(wanted):
            assert action.verb is Verb.IDENTICAL
        elif edited and not force:
            kept = written is not None and digest(written) == digest(wanted)
            assert action.verb is (Verb.SKIP if kept else Verb.CONFLICT)
        elif edited:
            assert (action.verb, action.backup) == (Verb.UPDATE, "f.opgen-old")
        elif on_disk is None:
            assert action.verb is (Verb.SKIP if recorded and not force else Verb.CREATE)
        else:
            assert action.verb is Verb.UPDATE
        if not action.changes:
            return
        execute(Plan(root.resolve(), (action,)))
        assert digest((root / "f").read_bytes()) == digest(wanted)
        if action.backup:
            assert (root / action.backup).read_bytes() == on_disk
        again = compare(Tree(root), "f", File(wanted), policy)
        assert again.verb is Verb.IDENTICAL


def test_line_endings_stay_as_they_are(tmp_path):
    (tmp_path / "f").write_bytes(b"a\r\nb\r\n")
    policy = Policy(recorded={"f": digest(b"a\nb\n")})
    action = compare(Tree(tmp_path), "f", File(b"a\nc\n"), policy)
    assert action.new == File(b"a\r\nc\r\n")


def test_a_kept_file_is_left_to_the_person(tmp_path):
    (tmp_path / "README.md").write_text("mine")
    policy = Policy(keep=("README.md",), force=True)
    action = compare(Tree(tmp_path), "README.md", File(b"ours"), policy)
    assert (action.verb, action.reason) == (Verb.SKIP, "it exists already and stays as it is")


def test_only_untouched_files_are_removed(tmp_path):
    (tmp_path / "f").write_text("mine")
    untouched = Policy(recorded={"f": digest(b"mine")})
    edited = Policy(recorded={"f": digest(b"other")})
    assert remove(Tree(tmp_path), "f", untouched).verb is Verb.DELETE
    assert remove(Tree(tmp_path), "f", edited).verb is Verb.SKIP
    assert remove(Tree(tmp_path), "missing", edited) is None


def test_a_diff_names_new_and_deleted_files(tmp_path):
    (tmp_path / "f").write_text("a\nb")
    tree = Tree(tmp_path)
    policy = Policy(recorded={"f": digest(b"a\nb")})
    assert compare(tree, "f", File(b"a\nc\n"), policy).diff() == (
        "--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
    )
    assert compare(tree, "new", File(b"x\n"), policy).diff().startswith("--- /dev/null\n+++ b/new")
    assert compare(tree, "bin", File(b"\0"), policy).diff() == "Binary file bin differs\n"


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", "a:b", "a\n", "a./b"])
def test_no_path_leaves_the_folder(tmp_path, path):
    with pytest.raises(Problems, match="is no path of a file below the project's folder"):
        Tree(tmp_path).read(path)


def test_a_link_in_the_way_of_many_files_is_told_once(tmp_path, monkeypatch):
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    root = tmp_path / "web"
    (tmp_path / "elsewhere").mkdir()
    root.mkdir()
    (root / "config").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Problems) as caught:
        init(root, InitOptions())
    assert [problem.message for problem in caught.value.problems] == [
        "config is a symbolic link, and opgen writes only real files and folders"
    ]


def test_symbolic_links_are_refused(tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p/config").symlink_to(tmp_path)
    with pytest.raises(Problems, match="config is a symbolic link"):
        Tree(tmp_path / "p").read("config/x")


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(Problems, match="folder is a folder, and a file must go there"):
        Tree(tmp_path).read("folder")
    with pytest.raises(Problems, match="file is a file, and a folder must go there"):
        Tree(tmp_path).read("file/x")


def test_names_that_differ_in_case_only_are_refused(tmp_path):
    (tmp_path / "makefile").write_text("")
    with pytest.raises(Problems, match="makefile exists, and Makefile would be the same file"):
        Tree(tmp_path).read("Makefile")
