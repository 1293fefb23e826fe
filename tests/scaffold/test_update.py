"""`opgen update`: old generations, random edits, and what git makes of the same three sides."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opgen.api import Problems
from opgen.scaffold import merge as merging
from opgen.scaffold.execute import execute
from opgen.scaffold.history import History
from opgen.scaffold.merge import (
    Labels,
    Merged,
    merge_apart,
    merge_with_git,
    merge_without_git,
    split_lines,
)
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.project import Project
from opgen.scaffold.update import ConflictsLeft, update

LABELS = Labels("yours", "opgen 0.1.0", "opgen 0.4.0")


def numbered(title: str, count: int, **changed: str) -> str:
    """A text of many different lines; `changed` replaces some by their number, as in `_3`."""
    lines = [changed.get(f"_{at}", f"{title} {at}") for at in range(count)]
    return "".join(f"{line}\n" for line in lines if line)


def first() -> dict[str, str]:
    return {
        "project/Makefile.jinja": "# {{ project_name }}\n" + numbered("target", 30),
        "project/pyproject.toml.jinja": numbered("option", 20) + "# {{ domain }}\n",
        "project/{{ package }}/main.py.jinja": numbered("statement", 40) + "# {{ package }}\n",
        "project/config/manager.yaml": numbered("- item", 30),
        "project/README.md.jinja": numbered("sentence", 10) + "{{ project_name }}\n",
        "project/old.yaml": numbered("- old", 5),
        "project/config/kustomization.yaml": "resources:\n- a.yaml\n# +opgen:scaffold:x\n",
    }


def second() -> dict[str, str]:
    """A target changes, a statement comes, a file goes."""
    changed = {
        "project/Makefile.jinja": "# {{ project_name }}\n"
        + numbered("target", 30, _4="target four"),
        "project/{{ package }}/main.py.jinja": numbered("statement", 41) + "# {{ package }}\n",
    }
    return {key: value for key, value in (first() | changed).items() if "old" not in key}


def third() -> dict[str, str]:
    """Items change and go, a file comes."""
    changed = {
        "project/config/manager.yaml": numbered("- item", 34, _3="- item three", _20="", _21=""),
        "project/new.py.jinja": numbered("fresh", 12),
    }
    return second() | changed


def fourth() -> dict[str, str]:
    """Something changes in every file."""
    changed = {
        "project/pyproject.toml.jinja": numbered("option", 22, _7="") + "# {{ domain }}\n",
        "project/README.md.jinja": numbered("sentence", 10, _5="five\nand more") + "by opgen\n",
        "project/{{ package }}/main.py.jinja": numbered("statement", 41, _9="nine", _30="")
        + "# {{ package }}\n",
        "project/config/kustomization.yaml": (
            "resources:\n- a.yaml\n- b.yaml\n# +opgen:scaffold:x\n"
        ),
    }
    return third() | changed


@pytest.fixture
def generations(tmp_path, generation):
    """The templates of opgen 0.1.0 to 0.4.0; the newest knows the others."""
    made = (first(), second(), third(), fourth())
    roots = [generation(tmp_path / f"g{at}", files) for at, files in enumerate(made, 1)]
    history = History()
    for at, root in enumerate(roots[:-1], 1):
        history = history.with_templates(root, f"0.{at}.0")
    history.save(roots[-1])
    return roots


@pytest.fixture
def make_project(generations, installed, tmp_path):
    """A project as an old opgen wrote it, and the newest opgen installed."""

    def make(version: int = 1, name: str = "p") -> Path:
        installed(generations[version - 1], f"0.{version}.0")
        root = tmp_path / name
        execute(init(root, InitOptions(project_name="web", domain="my.domain")))
        installed(generations[-1], "0.4.0")
        return root

    return make


def verbs(plan) -> dict[str, str]:
    return {one.path: one.verb.value for one in plan.actions if one.verb != "identical"}


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_an_untouched_project_becomes_as_if_new(make_project, content, version):
    root = make_project(version)
    made = update(root)
    assert not made.conflicts()
    made.carry_out()
    assert content(root) == content(make_project(4, "fresh"))
    assert not update(root).plan.changes


def test_the_plan_names_what_happens(make_project):
    root = make_project(1)
    main = root / "web/main.py"
    main.write_text(main.read_text().replace("statement 20", "mine"))
    (root / "README.md").unlink()
    assert verbs(update(root).plan) == {
        "Makefile": "update",
        "PROJECT": "update",
        "README.md": "skip",
        "config/kustomization.yaml": "update",
        "config/manager.yaml": "update",
        "new.py": "create",
        "old.yaml": "delete",
        "pyproject.toml": "update",
        "web/main.py": "merge",
    }


def test_a_file_that_is_not_needed_any_more_stays_if_it_was_edited(make_project):
    root = make_project(1)
    (root / "old.yaml").write_text("- mine\n")
    made = update(root)
    assert verbs(made.plan)["old.yaml"] == "skip"
    made.carry_out()
    assert (root / "old.yaml").read_text() == "- mine\n"
    assert "old.yaml" not in Project.load(root).files


def edited(rng: random.Random, text: bytes, tag: str) -> tuple[bytes, set[bytes]]:
    """The text after some edits of a person, and the lines that they wrote."""
    lines, written = split_lines(text), set()
    for at in range(rng.randint(1, 6)):
        where = rng.randrange(len(lines) + 1)
        own = f"{tag} wrote {at} {rng.randrange(10**9)}\n".encode()
        match rng.randrange(4):
            case 0:
                lines.insert(where, own)
                written.add(own)
            case 1:
                lines[where : where + rng.randint(1, 2)] = [own]
                written.add(own)
            case 2:
                del lines[where : where + rng.randint(1, 3)]
            case _:
                lines[where:where] = [own, b"\n"]
                written.add(own)
    rest = b"".join(lines)
    return rest, {line for line in written if line in rest}


@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), version=st.integers(1, 3))
def test_no_edit_is_lost_and_git_would_merge_the_same(campaign, seed, version):
    old, new, root, content = campaign(version)
    rng = random.Random(seed)
    ours, written = {}, {}
    for path, text in old.items():
        ours[path], written[path] = edited(rng, text, path)
        (root / path).write_bytes(ours[path])
    made = update(root)
    made.carry_out()
    after = content(root)
    for path in old:
        if path not in new:
            assert after.get(path) == (None if ours[path] == old[path] else ours[path])
            continue
        labels = Labels("yours", f"opgen 0.{version}.0", "opgen 0.4.0")
        expected = merge_with_git("git", old[path], ours[path], new[path], labels)
        if expected.conflicts and not path.endswith((".py", ".yaml", ".md")):
            assert after[path] == ours[path]
            assert after[f"{path}.opgen-new"] == new[path]
        else:
            assert after[path] == expected.content
            assert written[path] <= set(split_lines(after[path]))
    assert bool(made.conflicts()) == any(
        path.endswith(".opgen-new") or (text and merging.has_markers(text))
        for path, text in after.items()
    )


@pytest.fixture
def campaign(make_project, content, tmp_path):
    """What opgen wrote then and would write now, and a project for an example to work on."""
    known: dict[int, tuple[Path, dict, dict]] = {}
    fresh = {key: value for key, value in content(make_project(4, "fresh")).items() if value}

    def begin(version: int):
        if version not in known:
            root = make_project(version, f"old{version}")
            old = {
                key: value
                for key, value in content(root).items()
                if value and key not in ("PROJECT",) and value != fresh.get(key)
            }
            known[version] = (root, old, fresh)
        source, old, new = known[version]
        work = tmp_path / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(source, work)
        return old, new, work, content

    return begin


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


def test_templates_that_no_generation_knows_are_found_in_the_commits(
    make_project, generations, installed, generation, tmp_path, git
):
    unreleased = fourth() | {"project/config/manager.yaml": numbered("- unreleased", 20)}
    installed(generation(tmp_path / "unreleased", unreleased), "0.4.0.dev1")
    root = tmp_path / "dev"
    execute(init(root, InitOptions(project_name="web", domain="my.domain")))
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    installed(generations[-1], "0.4.0")
    manager = root / "config/manager.yaml"
    manager.write_text(manager.read_text() + "- mine\n")
    made = update(root)
    made.carry_out()
    text = manager.read_text()
    assert "||||||| opgen 0.4.0.dev1\n- unreleased 0\n" in text
    assert "- mine\n" in text


def test_without_a_base_the_new_version_is_put_beside(
    make_project, generations, installed, generation, tmp_path
):
    unreleased = fourth() | {"project/config/manager.yaml": numbered("- unreleased", 20)}
    installed(generation(tmp_path / "unreleased", unreleased), "0.4.0.dev1")
    root = tmp_path / "dev"
    execute(init(root, InitOptions(project_name="web", domain="my.domain")))
    installed(generations[-1], "0.4.0")
    manager = root / "config/manager.yaml"
    manager.write_text("mine\n")
    made = update(root)
    action = next(one for one in made.plan.actions if one.path == "config/manager.yaml")
    assert action.verb == "skip"
    assert action.reason == ("it is not known what opgen wrote: see config/manager.yaml.opgen-new")
    made.carry_out()
    assert manager.read_text() == "mine\n"
    assert (root / "config/manager.yaml.opgen-new").exists()


def test_a_file_in_the_place_of_a_new_one_stays(make_project):
    root = make_project(1)
    (root / "new.py").write_text("mine\n")
    update(root).carry_out()
    assert (root / "new.py").read_text() == "mine\n"
    assert "fresh" in (root / "new.py.opgen-new").read_text()


def test_line_endings_stay_as_the_person_has_them(make_project):
    root = make_project(1)
    main = root / "web/main.py"
    main.write_bytes(main.read_bytes().replace(b"\n", b"\r\n").replace(b"statement 20", b"mine"))
    update(root).carry_out()
    content = main.read_bytes()
    assert b"mine\r\n" in content
    assert b"nine\r\n" in content
    assert content.count(b"\n") == content.count(b"\r\n")


@pytest.mark.parametrize("edit", [b"\xef\xbb\xbf", b"\xff\xfe not UTF-8\n"])
def test_a_merge_does_not_care_about_encodings(make_project, edit):
    root = make_project(1)
    manager = root / "config/manager.yaml"
    manager.write_bytes(edit + manager.read_bytes())
    update(root).carry_out()
    assert manager.read_bytes().startswith(edit)
    assert b"- item three" in manager.read_bytes()


def test_a_binary_file_is_not_merged(make_project):
    root = make_project(1)
    (root / "config/manager.yaml").write_bytes(b"\0")
    made = update(root)
    made.carry_out()
    assert (root / "config/manager.yaml").read_bytes() == b"\0"
    assert (root / "config/manager.yaml.opgen-new").exists()


def test_lines_in_shared_files_stay_and_old_ones_go(generation, installed, tmp_path):
    entry = '- path: config/kustomization.yaml\n  marker: "# +opgen:scaffold:x"\n  line: "- {}"\n'
    old = generation(tmp_path / "o", first() | {"api/insertions.yml": entry.format("old.yaml")})
    new = generation(tmp_path / "n", fourth() | {"api/insertions.yml": entry.format("new.yaml")})
    History().with_templates(old, "0.1.0").save(new)
    installed(old, "0.1.0")
    from opgen.scaffold.new_api import ApiOptions, create_api

    root = tmp_path / "p"
    execute(init(root, InitOptions(project_name="web", domain="my.domain")))
    execute(create_api(root, ApiOptions(version="v1", kind="Web")))
    shared = root / "config/kustomization.yaml"
    shared.write_text(shared.read_text() + "# mine\n")
    installed(new, "0.2.0")
    update(root).carry_out()
    assert shared.read_text() == (
        "resources:\n- a.yaml\n- b.yaml\n- new.yaml\n# +opgen:scaffold:x\n# mine\n"
    )


def test_history_is_reproducible_and_every_generation_proves_itself(generations, tmp_path):
    history = History.load(generations[-1])
    assert [one.opgen for one in history.generations] == ["0.1.0", "0.2.0", "0.3.0"]
    from opgen.scaffold.history import generation_of

    for one in history.generations:
        with history.checked_out(one) as root:
            assert generation_of(root) == one.name
    again = tmp_path / "again"
    again.mkdir()
    history.save(again)
    assert (again / "history.zip").read_bytes() == (generations[-1] / "history.zip").read_bytes()
    assert history.with_templates(generations[0], "9") == history


@settings(max_examples=settings().max_examples)
@given(seed=st.integers(0, 2**32))
def test_merge3_does_what_git_does(seed):
    rng = random.Random(seed)
    base = numbered("line", rng.randint(0, 40)).encode()
    ours, _ = edited(rng, base, "ours")
    theirs, _ = edited(rng, base, "theirs")
    with_git = merge_with_git("git", base, ours, theirs, LABELS)
    assert merge_without_git(base, ours, theirs, LABELS) == with_git


LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"ab\n", b"\n", b"}\n", b"\r\n"]), max_size=8)


@given(
    before=LINES,
    after=LINES,
    mine=LINES,
    new=LINES,
    marks=st.tuples(st.booleans(), st.booleans()),
    end=st.sampled_from([b"", b"end", b"end\n"]),
)
def test_changes_that_are_clearly_apart_are_merged_as_git_does(
    before, after, mine, new, marks, end
):
    """One side changes what is before a line, the other what is after it."""
    between = [mark for mark, there in zip((b"a }\n", b"only\n"), marks, strict=True) if there]
    base, ours, theirs = (
        b"".join((*one, *between, *two, end))
        for one, two in ((before, after), (mine, after), (before, new))
    )
    apart = merge_apart(base, ours, theirs)
    if apart is not None and base not in (ours, theirs):
        assert Merged(apart) == merge_with_git("git", base, ours, theirs, LABELS)


def test_changes_are_clearly_apart_only_with_a_line_between_that_is_there_once():
    base = b"".join(b"%d\n" % at for at in range(9))
    ours, theirs = base.replace(b"2\n", b"two\n"), base.replace(b"4\n", b"four\n")
    merged = b"0\n1\ntwo\n3\nfour\n5\n6\n7\n8\n"
    assert merge_apart(base, ours, theirs) == merge_apart(base, theirs, ours) == merged
    assert merge_apart(base, ours + b"3\n", theirs) is None
    assert merge_apart(base, ours, base.replace(b"3\n", b"three\n")) is None


def reworked(rng: random.Random, lines: list[bytes], words: list[bytes]) -> bytes:
    """Lines with some of them taken out, put in and moved."""
    lines = list(lines)
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(lines) + 1)
        if rng.random() < 0.4:
            lines[at:at] = [rng.choice(words) for _ in range(rng.randint(1, 4))]
        else:
            moved, lines[at : at + 3] = lines[at : at + rng.randint(1, 3)], []
            if rng.random() < 0.2:
                lines[:0] = moved
    return b"".join(lines)


@settings(max_examples=settings().max_examples)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 60), variety=st.integers(1, 30))
def test_merge3_does_what_git_does_with_lines_that_come_up_again_and_again(seed, count, variety):
    """Here a diff has choices, and every choice must be git's."""
    rng = random.Random(seed)
    words = [b"}\n", b"\n", *(b"word %d\n" % at for at in range(variety))]
    lines = [rng.choice(words) for _ in range(count)]
    base, ours, theirs = b"".join(lines), reworked(rng, lines, words), reworked(rng, lines, words)
    with_git = merge_with_git("git", base, ours, theirs, LABELS)
    assert merge_without_git(base, ours, theirs, LABELS) == with_git


def test_texts_that_have_little_in_common_take_no_time_without_end():
    rng = random.Random(3)
    words = [b"word %d\n" % at for at in range(200)]
    base, ours, theirs = (b"".join([rng.choice(words) for _ in range(1500)]) for _ in range(3))
    merged = merge_without_git(base, ours, theirs, LABELS)
    assert merged.conflicts
    for line in set(split_lines(ours)):
        assert line in merged.content
