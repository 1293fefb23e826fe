"""`opgen docs api`: pages written, kept up to date, taken away."""

from __future__ import annotations

import json

PAGES = [
    "docs/api/README.md",
    "docs/api/index.html",
    "docs/api/webservers.my.domain.html",
    "docs/api/webservers.my.domain.md",
]


def test_pages_are_written_once(opgen, operator):
    first = opgen("docs", "api", cwd=operator)
    assert first.returncode == 0, first.stderr
    assert first.stderr.splitlines()[:4] == [f"    create  {path}" for path in PAGES]
    text = (operator / PAGES[3]).read_text()
    assert "| `replicas` | integer (int32) | How many pods shall run.<br>at least 0" in text
    assert "kind: WebServer\n" in text
    second = opgen("docs", "api", cwd=operator)
    assert second.stderr.startswith("4 unchanged (")
    assert opgen("docs", "api", "--check", cwd=operator).returncode == 0


def test_stale_pages(opgen, operator):
    assert opgen("docs", "api", "--format", "markdown", cwd=operator).returncode == 0
    types = operator / "webserver_operator/api/v1/webserver_types.py"
    types.write_text(types.read_text().replace("How many pods shall run.", "A number."))
    finished = opgen("docs", "api", "--format", "markdown", "--check", cwd=operator)
    assert finished.returncode == 3
    assert finished.stderr.endswith(
        "error: docs/api/webservers.my.domain.md is stale\n  hint: run: opgen docs api\n"
    )
    assert "+| `replicas` | integer (int32) | A number.<br>" in finished.stdout
    shown = opgen("docs", "api", "--format", "markdown", "--check", "-o", "json", cwd=operator)
    assert (shown.returncode, len(json.loads(shown.stdout)["actions"])) == (3, 2)


def test_pages_of_kinds_that_are_gone(opgen, operator):
    assert opgen("docs", "api", "--to", "site", cwd=operator).returncode == 0
    (operator / "site/mine.md").write_text("# Mine\n")
    (operator / "webserver_operator/api/v1/webserver_types.py").unlink()
    (operator / "webserver_operator/controllers/webserver_controller.py").unlink()
    finished = opgen("docs", "api", "--to", "site", cwd=operator)
    assert finished.returncode == 0, finished.stderr
    assert sorted(path.name for path in (operator / "site").iterdir()) == [
        "README.md", "index.html", "mine.md",
    ]  # fmt: skip


def test_nothing_is_written_outside(opgen, operator):
    finished = opgen("docs", "api", "--to", "../elsewhere", cwd=operator)
    assert finished.returncode == 1
    assert "is no path of a file below the project's folder" in finished.stderr
    assert not (operator.parent / "elsewhere").exists()


def test_a_mistake_in_the_types(opgen, operator):
    types = operator / "webserver_operator/api/v1/webserver_types.py"
    types.write_text(types.read_text() + "\nthis is no Python\n")
    finished = opgen("docs", "api", cwd=operator)
    assert finished.returncode == 1
    assert "webserver_types.py:" in finished.stderr
    assert not (operator / "docs").exists()


def test_pages_of_a_person_stay(opgen, operator):
    readme = (operator / "README.md").read_text()
    finished = opgen("docs", "api", "--to", ".", cwd=operator)
    assert finished.returncode == 3
    assert "README.md is in the way: it exists and opgen did not write it" in finished.stderr
    assert (operator / "README.md").read_text() == readme
    assert not (operator / "index.html").exists()
    assert opgen("docs", "api", "--to", ".", "--force", cwd=operator).returncode == 0
    assert (operator / "README.md.opgen-old").read_text() == readme
