"""Generating a project's files: what comes out, and what every bad module leads to."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.api.errors import Location, Problem
from opgen.manifests import generate as room
from opgen.manifests import process, request
from opgen.manifests.freshness import check
from opgen.manifests.generate import HEADER, Generated, Options, generate

CRD = "config/crd/bases/example.org_shops.yaml"
ROLE = "config/rbac/role.yaml"

Project = Callable[..., Path]


def problems(root: Path, options: Options | None = None) -> list[Problem]:
    generated = generate(root, "shop", options)
    if any(problem.severity == "error" for problem in generated.problems):
        assert generated.files == {}
    return list(generated.problems)


def write(root: Path, generated: Generated) -> None:
    for path, text in generated.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def test_a_project(project: Project) -> None:
    root = project()
    generated = generate(root, "shop")
    assert generated.problems == ()
    assert generated.removed == ()
    assert sorted(generated.files) == [CRD, ROLE]
    assert generated.files[CRD].startswith(
        f"{HEADER}---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    )
    assert "\n  name: manager-role\n" in generated.files[ROLE]
    assert "\n  - shops/finalizers\n" in generated.files[ROLE]
    assert not list(root.rglob("__pycache__"))


def test_the_same_code_gives_the_same_bytes(project: Project) -> None:
    root = project()
    assert generate(root, "shop") == generate(root, "shop")


def test_a_project_without_declarations_has_a_role_without_rules(project: Project) -> None:
    generated = generate(project(api__types="", controllers__shop=""), "shop")
    assert list(generated.files) == [ROLE]
    assert generated.files[ROLE].endswith("rules: []\n")


def test_options_reach_the_child(project: Project) -> None:
    generated = generate(project(), "shop", Options(role_name="till", max_description=0))
    assert "name: till\n" in generated.files[ROLE]
    assert "description" not in generated.files[CRD]


def test_a_syntax_error(project: Project) -> None:
    (problem,) = problems(project(controllers__shop="x = 1\ndef broken(:\n"))
    assert problem == Problem(
        "syntax error: invalid syntax", location=Location("shop/controllers/shop.py", 2)
    )


def test_a_missing_package(project: Project) -> None:
    (problem,) = problems(project(controllers__shop="import os\nimport no_such_package.deep\n"))
    assert problem == Problem(
        "there is no module no_such_package",
        location=Location("shop/controllers/shop.py", 2),
        hint="add no_such_package to the project's dependencies and install them",
    )


def test_a_missing_name(project: Project) -> None:
    (problem,) = problems(project(controllers__shop="from shop.api.types import Till\n"))
    assert problem.message.startswith("cannot import name 'Till' from 'shop.api.types'")
    assert problem.location == Location("shop/controllers/shop.py", 1)


def test_a_missing_project_package(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path)
    assert problem == Problem(
        "there is no module shop", hint="check the spelling, or the package in PROJECT"
    )


def test_a_module_that_exits(project: Project) -> None:
    (problem,) = problems(project(controllers__shop="import sys\n\nsys.exit(3)\n"))
    assert problem == Problem(
        "shop.controllers.shop exits when it is imported",
        location=Location("shop/controllers/shop.py", 3),
        hint='put what a program does below if __name__ == "__main__":',
    )


def test_an_exception(project: Project) -> None:
    module = """
        import json

        def load():
            return json.loads("{")

        load()
    """
    (problem,) = problems(project(controllers__shop=module))
    assert problem.message.startswith(
        "shop.controllers.shop cannot be imported: JSONDecodeError: Expecting property name"
    )
    assert problem.location == Location("shop/controllers/shop.py", 4)


def test_a_module_that_prints(project: Project, controller: str) -> None:
    root = project(controllers__shop=f"print('hello')\n{controller}")
    generated = generate(root, "shop")
    assert sorted(generated.files) == [CRD, ROLE]
    assert generated.problems == (
        Problem("the project's code prints when it is imported:\nhello", severity="warning"),
    )


def test_a_module_that_reads_standard_input_gets_nothing(project: Project) -> None:
    root = project(controllers__shop="import sys\nassert sys.stdin.read() == ''\n")
    assert problems(root) == []


def test_a_module_that_never_ends(project: Project) -> None:
    root = project(controllers__shop="while True:\n    pass\n")
    (problem,) = problems(root, Options(timeout=10))
    assert problem == Problem(
        "importing shop.controllers.shop took longer than 10 s",
        hint="a module of declarations must not wait, serve or loop when it is imported",
    )


def test_a_module_that_kills_the_process(project: Project) -> None:
    (problem,) = problems(project(controllers__shop="import os\nos._exit(7)\n"))
    assert problem == Problem("importing shop.controllers.shop ended the process with exit code 7")


def test_a_default_that_kills_the_process(project: Project, types: str) -> None:
    factory = "field(default_factory=lambda: __import__('os')._exit(7))"
    text = types.replace("import dataclass", "import dataclass, field")
    root = project(api__types=text.replace("size: int = 1", f"size: int = {factory}"))
    (problem,) = problems(root)
    assert problem == Problem("deriving the CRDs ended the process with exit code 7")


def test_a_mistake_in_opgen_is_no_problem_of_the_project(project: Project, types: str) -> None:
    broken = "import opgen.schema.derive\nopgen.schema.derive.class_source = None\n"
    root = project(api__types=f"{types}\n{broken}")
    with pytest.raises(RuntimeError, match="TypeError: 'NoneType' object") as told:
        generate(root, "shop")
    assert "opgen/schema/derive.py" in told.value.__notes__[0]


def test_a_thread_left_behind_does_not_hold_up_the_answer(project: Project) -> None:
    module = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    assert problems(project(controllers__shop=module), Options(timeout=120)) == []


def test_one_broken_module_does_not_hide_another(project: Project) -> None:
    root = project(controllers__a="import no_such_package\n", controllers__b="1 / 0\n")
    assert [problem.location for problem in problems(root)] == [
        Location("shop/controllers/a.py", 1),
        Location("shop/controllers/b.py", 1),
    ]


@pytest.mark.parametrize("mistake", ["import no_such_package", "1 / 0", "raise SystemExit"])
def test_a_broken_module_is_reported_once(project: Project, mistake: str) -> None:
    root = project(
        api__types=mistake, controllers__shop="from shop.api import types", controllers__z="1 / 0"
    )
    assert [problem.location for problem in problems(root)] == [
        Location("shop/api/types.py", 1),
        Location("shop/controllers/z.py", 1),
    ]


def test_faults_of_types_have_a_place_in_the_project(project: Project, types: str) -> None:
    root = project(api__types=types.replace("size: int", "size: dict[int, str]"))
    found = problems(root)
    assert found
    assert {problem.location and problem.location.file for problem in found} == {
        "shop/api/types.py"
    }


def test_faults_of_rules(project: Project, controller: str) -> None:
    module = controller.replace(
        "@controller(Shop)", '@controller(Shop, rbac=[rbac(verbs=["get"])])'
    )
    root = project(controllers__shop=module.replace("import controller", "import controller, rbac"))
    (problem,) = problems(root)
    assert problem.message == "rbac(...) has neither resources nor urls"
    assert problem.location == Location("shop/controllers/shop.py", 5)


def test_the_tools_own_interpreter_stands_in_for_one_without_opgen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project()
    script = root / "without-opgen"
    script.write_text("#!/bin/sh\necho \"No module named 'opgen'\" >&2\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(request, "interpreters", lambda root: [str(script), sys.executable])
    assert sorted(generate(root, "shop").files) == [CRD, ROLE]


def test_the_projects_environment_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    for folder in ("project/.venv", "active"):
        (tmp_path / folder / name).parent.mkdir(parents=True)
        (tmp_path / folder / name).touch()
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert list(request.interpreters(str(tmp_path / "project"))) == [
        str(tmp_path / "project" / ".venv" / name),
        str(tmp_path / "active" / name),
        sys.executable,
    ]


def test_another_version_of_the_protocol(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "VERSION", 0)
    assert problems(project()) == [
        Problem(
            "the opgen in the project's environment answers in protocol 3, this one reads 0",
            hint="install the same version of opgen in both",
        )
    ]


def test_fresh_files(project: Project) -> None:
    root = project()
    generated = generate(root, "shop")
    write(root, generated)
    assert check(root, generate(root, "shop")) == []


def test_stale_files(project: Project) -> None:
    root = project()
    write(root, generate(root, "shop"))
    (root / ROLE).unlink()
    (root / CRD).write_text((root / CRD).read_text().replace("type: integer", "type: string"))
    crd, role = check(root, generate(root, "shop"))
    assert crd.path == CRD
    assert "-                type: string\n+                type: integer\n" in crd.diff
    assert role.path == ROLE
    assert role.diff.startswith(f"--- /dev/null\n+++ {ROLE}\n")


def test_crds_of_kinds_that_are_gone(project: Project) -> None:
    root = project()
    write(root, generate(root, "shop"))
    gone, own = (root / CRD).with_name("example.org_tills.yaml"), (root / CRD).with_name("own.yaml")
    gone.write_text(f"{HEADER}---\nkind: CustomResourceDefinition\n")
    own.write_text("kind: CustomResourceDefinition\n")
    generated = generate(root, "shop")
    assert generated.removed == ("config/crd/bases/example.org_tills.yaml",)
    (stale,) = check(root, generated)
    assert stale.path == "config/crd/bases/example.org_tills.yaml"
    assert "\n+++ /dev/null\n" in stale.diff


def test_a_process_started_ahead_is_the_one_that_answers(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project()
    process.start_ahead(request.command(sys.executable, str(root), "shop"))
    monkeypatch.setattr(process, "Child", None)
    assert sorted(generate(root, "shop").files) == [CRD, ROLE]
    with pytest.raises(TypeError):
        generate(root, "shop")


def test_a_process_started_ahead_for_something_else_is_ended(project: Project) -> None:
    root = project(controllers__shop="while True:\n    pass\n")
    process.start_ahead(request.command(sys.executable, str(root), "shop"))
    (child,) = process._ahead.values()
    assert [problem.message for problem in problems(root.parent)] == ["there is no module shop"]
    process.end_ahead()
    with pytest.raises(ProcessLookupError):
        os.kill(child._pid, 0)


def test_crds_that_nobody_could_write_do_not_hide_what_is_wrong_with_them(
    project: Project, types: str
) -> None:
    text = types.replace("size: int = 1", "size: Annotated[Any, Schema({'minimum': %s})]")
    text = text.replace("import CustomResource", "import CustomResource, Schema")
    text = text.replace(
        "import dataclass\n", "import dataclass\nfrom typing import Annotated, Any\n"
    )
    for value, message in (
        ("float('nan')", "Schema({'minimum': nan}) holds nan, which JSON does not have"),
        ("float('inf')", "Schema({'minimum': inf}) holds inf, which JSON does not have"),
        ("object()", "Schema({'minimum': <object object at "),
    ):
        found = generate(project(api__types=text % value), "shop")
        assert found.files == {}
        assert found.problems[0].message.startswith(message)


def test_crds_that_preflight_refuses_are_not_written(project: Project, types: str) -> None:
    text = types.replace("import CustomResource", "import CEL, CustomResource")
    text = text.replace("size: int = 1", "size: Annotated[int, CEL('self.none')] = 1")
    text = text.replace("import dataclass\n", "import dataclass\nfrom typing import Annotated\n")
    root = project(api__types=text)
    found = generate(root, "shop")
    assert found.files == {}
    assert generate(root, "shop", Options(preflight=False)).files.keys() == {CRD, ROLE}
