"""`opgen update`: old generations, random edits, and what git makes of the same three sides."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opgen.scaffold import merge as merging
from opgen.scaffold.execute import execute
from opgen.scaffold.history import History
from opgen.scaffold.merge import Labels, merge_with_git, split_lines
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.project import Project
from opgen.scaffold.update import update


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


@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), version=st.integers(1, 3))
def test_no_edit_is_lost_and_git_would_merge_the_same(campaign, edited, seed, version):
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


def test_lines_in_shared_files_stay_and_old_ones_go(generation, installed, tmp_path, made_up):
    entry = '- path: config/kustomization.yaml\n  marker: "# +opgen:scaffold:x"\n  line: "- {}"\n'
    old = generation(tmp_path / "o", made_up[0] | {"api/insertions.yml": entry.format("old.yaml")})
    new = generation(tmp_path / "n", made_up[-1] | {"api/insertions.yml": entry.format("new.yaml")})
    History().with_templates(old, "0.1.0").save(new)
    installed(old, "0.1.0")
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
