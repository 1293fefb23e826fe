"""Where `opgen update` finds what opgen wrote: in its history, and in the project's commits."""

from __future__ import annotations

from opgen.scaffold.execute import execute
from opgen.scaffold.history import History, generation_of
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.update import update


def test_templates_that_no_generation_knows_are_found_in_the_commits(
    generations, installed, generation, tmp_path, git, made_up, numbered
):
    unreleased = made_up[-1] | {"project/config/manager.yaml": numbered("- unreleased", 20)}
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
    generations, installed, generation, tmp_path, made_up, numbered
):
    unreleased = made_up[-1] | {"project/config/manager.yaml": numbered("- unreleased", 20)}
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


def test_history_is_reproducible_and_every_generation_proves_itself(generations, tmp_path):
    history = History.load(generations[-1])
    assert [one.opgen for one in history.generations] == ["0.1.0", "0.2.0", "0.3.0"]
    for one in history.generations:
        with history.checked_out(one) as root:
            assert generation_of(root) == one.name
    again = tmp_path / "again"
    again.mkdir()
    history.save(again)
    assert (again / "history.zip").read_bytes() == (generations[-1] / "history.zip").read_bytes()
    assert history.with_templates(generations[0], "9") == history
