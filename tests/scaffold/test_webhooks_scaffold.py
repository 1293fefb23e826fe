"""`opgen create webhook` and `destroy webhook`: a second kind keeps the code of the first."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.api import Problems
from opgen.scaffold.execute import Conflicts, execute
from opgen.scaffold.graft import graft
from opgen.scaffold.new_api import ApiOptions, create_api
from opgen.scaffold.new_project import InitOptions, init
from opgen.scaffold.new_webhook import WebhookOptions, create_webhook
from opgen.scaffold.project import Project
from opgen.scaffold.removal import destroy_webhook

KEY = ("", "v1", "WebServer")
MODULE = "web_operator/webhooks/v1/webserver_webhook.py"


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("OPGEN_REQUIREMENT", "opgen")
    root = tmp_path / "web-operator"
    execute(init(root, InitOptions(domain="my.domain", network_policy=True)))
    execute(create_api(root, ApiOptions(version="v1", kind="WebServer")))
    return root


def create(root: Path, *kinds: str, force: bool = False, spokes: tuple[str, ...] = ()) -> None:
    chosen = dict.fromkeys(kinds, True)
    options = WebhookOptions(version="v1", kind="WebServer", spokes=spokes, **chosen)
    execute(create_webhook(root, options, force=force))


def methods(source: str) -> list[str]:
    [cls] = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return [node.name for node in cls.body if isinstance(node, ast.FunctionDef)]


def test_create_and_destroy_leave_nothing(root, content):
    before = content(root)
    create(root, "defaulting", "validation")
    assert methods((root / MODULE).read_text()) == ["default", "validate"]
    assert "- ../webhook\n" in (root / "config/default/kustomization.yaml").read_text()
    execute(destroy_webhook(root, KEY))
    assert content(root) == before


def test_both_at_once_and_one_after_the_other_are_the_same(root, content):
    create(root, "defaulting", "validation")
    at_once = content(root)
    execute(destroy_webhook(root, KEY))
    create(root, "validation")
    create(root, "defaulting")
    assert content(root) == at_once


def test_the_same_again_changes_nothing(root):
    create(root, "defaulting")
    options = WebhookOptions(version="v1", kind="WebServer", defaulting=True)
    assert not create_webhook(root, options).changes


def test_a_second_kind_keeps_the_code_of_the_first(root):
    create(root, "defaulting")
    module = root / MODULE
    mine = (
        module.read_text()
        .replace("obj.metadata", "obj.spec.replicas = 3  # mine\n        obj.metadata")
        .replace("import AdmissionRequest, webhook", "import AdmissionRequest, webhook as hook")
        .replace("@webhook", "@hook")
    ) + "\n\ndef helper() -> int:\n    return 1\n"
    module.write_text(mine)
    create(root, "validation")
    text = module.read_text()
    assert methods(text) == ["default", "validate"]
    assert "obj.spec.replicas = 3  # mine\n" in text
    assert "from opgen.runtime import AdmissionRequest, Denied, webhook, webhook as hook\n" in text
    assert text.endswith("def helper() -> int:\n    return 1\n")
    assert Project.load(root).resource(KEY).webhooks == ("defaulting", "validation")


def test_code_that_is_no_python_is_told(root, content):
    create(root, "defaulting")
    (root / MODULE).write_text("import this\nclass :\n")
    before = content(root)
    with pytest.raises(Problems) as caught:
        create(root, "validation")
    assert str(caught.value) == (
        f"error: {MODULE} is no Python: invalid syntax\n"
        f"  --> {MODULE}:2\n"
        "  hint: mend the line and run the command again"
    )
    assert content(root) == before


def test_force_writes_it_anew_and_keeps_the_old_one(root):
    create(root, "defaulting")
    (root / MODULE).write_text("mine\n")
    create(root, "validation", force=True)
    assert methods((root / MODULE).read_text()) == ["default", "validate"]
    assert (root / f"{MODULE}.opgen-old").read_text() == "mine\n"


def test_an_edited_kustomization_is_kept(root):
    shared = root / "config/default/kustomization.yaml"
    shared.write_text(shared.read_text() + "commonAnnotations:\n  a: b\n")
    create(root, "defaulting")
    assert shared.read_text().endswith("commonAnnotations:\n  a: b\n")
    assert "- ../webhook\n" in shared.read_text()


def test_conversion_is_of_all_other_versions(root):
    for version in ("v1beta1", "v2"):
        execute(create_api(root, ApiOptions(version=version, kind="WebServer")))
    create(root, "conversion", spokes=("v2",))
    module = root / "web_operator/webhooks/v1/webserver_conversion.py"
    assert "V2Converter" in module.read_text()
    assert "V1beta1Converter" not in module.read_text()
    module.write_text(
        module.read_text().replace("    def to_hub", "    mine = 1\n\n    def to_hub")
    )
    create(root, "conversion")
    assert "V1beta1Converter" in module.read_text()
    assert "from web_operator.api.v1beta1 import webserver_types as v1beta1\n" in module.read_text()
    assert "    mine = 1\n" in module.read_text()
    assert Project.load(root).resource(KEY).spokes == ("v1beta1", "v2")


def test_one_kind_goes_and_the_other_stays(root, content):
    create(root, "defaulting")
    before = content(root)
    create(root, "validation")
    execute(destroy_webhook(root, KEY, admission=frozenset({"validation"})))
    assert content(root) == before


def test_edited_webhooks_do_not_go(root, content):
    create(root, "defaulting")
    (root / MODULE).write_text("mine\n")
    before = content(root)
    with pytest.raises(Conflicts, match="would be deleted, and you edited it"):
        execute(destroy_webhook(root, KEY))
    assert content(root) == before


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (
            {},
            ["error: there is nothing to create for WebServer v1\n"
             "  hint: pass --defaulting, --validation or --conversion"],
        ),
        (
            {"conversion": True},
            ["error: --conversion: WebServer has no other version than v1\n"
             "  hint: create one first, as in opgen create api --version v2 --kind WebServer"],
        ),
        (
            {"conversion": True, "spokes": ("v9",)},
            ["error: --conversion: WebServer has no other version than v1\n"
             "  hint: create one first, as in opgen create api --version v2 --kind WebServer",
             "error: --spoke 'v9' is no other version of WebServer\n"
             "  hint: run opgen create api --version v2 --kind WebServer"],
        ),
        (
            {"defaulting": True, "spokes": ("v9",)},
            ["error: --spoke goes with --conversion only\n  hint: pass --conversion, too"],
        ),
    ],
)  # fmt: skip
def test_options_that_do_not_go_together(root, content, options, messages):
    before = content(root)
    with pytest.raises(Problems) as caught:
        create_webhook(root, WebhookOptions(version="v1", kind="WebServer", **options))
    assert [str(problem) for problem in caught.value.problems] == messages
    assert content(root) == before


def test_there_is_one_hub(root):
    execute(create_api(root, ApiOptions(version="v2", kind="WebServer")))
    create(root, "conversion")
    options = WebhookOptions(version="v2", kind="WebServer", conversion=True)
    with pytest.raises(Problems) as caught:
        create_webhook(root, options)
    assert str(caught.value) == (
        "error: --conversion: v1 is the hub of WebServer already\n"
        "  hint: pass --version v1, and --spoke v2"
    )


def test_webhooks_that_are_not_there_cannot_go(root):
    with pytest.raises(Problems) as caught:
        destroy_webhook(root, KEY, admission=frozenset({"defaulting"}), conversion=True)
    assert [problem.message for problem in caught.value.problems] == [
        "WebServer v1 has no defaulting",
        "WebServer v1 has no conversion",
    ]


def test_the_tests_of_the_project_pass(root):
    execute(create_api(root, ApiOptions(version="v1beta1", kind="WebServer")))
    create(root, "defaulting", "validation", "conversion")
    environment = {**os.environ, "PYTHONPATH": str(root)}
    for command in (
        ("opgen", "make", "manifests"),
        ("pytest", "-q", "tests", "-k", "refused or same or defaults"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr


NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta", "epsilon"])


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A module with imports, classes with methods, and functions."""
    parts = [f"import {name}\n" for name in draw(st.sets(NAMES, max_size=2))]
    if imported := sorted(draw(st.sets(NAMES, max_size=3))):
        parts.append(f"from package import {', '.join(imported)}\n")
    for name in sorted(draw(st.sets(NAMES, max_size=3))):
        body = sorted(draw(st.sets(NAMES, min_size=1, max_size=3)))
        lines = [
            f"    def {one}(self):\n        return {draw(st.integers(0, 9))}\n" for one in body
        ]
        parts.append(f"\n\nclass {name.title()}:\n" + "\n".join(lines))
    for name in sorted(draw(st.sets(NAMES, max_size=2))):
        parts.append(f"\n\n@decorated\ndef {name}():\n    return 1  # {draw(NAMES)}\n")
    text = "".join(parts)
    return text.rstrip("\n") if draw(st.booleans()) else text


def definitions(source: str) -> dict[str, str]:
    """The definitions of a module by qualified name, and what is imported."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef):
            found[node.name] = ""
            for one in node.body:
                found[f"{node.name}.{one.name}"] = ast.unparse(one)
        elif isinstance(node, ast.FunctionDef):
            found[node.name] = ast.unparse(node)
        else:
            found |= {f"import {node.__dict__.get('module')} {n.name}": "" for n in node.names}
    return found


@given(modules(), modules())
def test_grafting_adds_what_lacks_and_changes_nothing(ours, theirs):
    after = definitions(graft("m.py", ours, theirs))
    assert after == definitions(theirs) | definitions(ours)


@given(modules(), modules())
def test_grafting_twice_is_grafting_once(ours, theirs):
    once = graft("m.py", ours, theirs)
    assert graft("m.py", once, theirs) == once
