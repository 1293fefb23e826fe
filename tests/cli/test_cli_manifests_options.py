"""The options of `make manifests`, which are read without an option parser where that is plain."""

from __future__ import annotations

import shutil

import pytest
from typer.main import get_command

from opgen.cli import make, manifests, manifests_options
from opgen.cli.plans import load_project
from opgen.manifests import process, request
from opgen.manifests.generate import Options


def parser():
    return get_command(make.app).commands["manifests"]


def test_the_table_has_every_option_of_the_parser():
    words = {word: option.name for option in parser().params for word in _words(option)}
    tables = {**manifests_options.FLAGS, **manifests_options.VALUES}
    assert {word: argument for word, (argument, _) in tables.items()} == {
        word: "output" if name == "output_format" else name for word, name in words.items()
    }


def _words(option):
    return [*option.opts, *option.secondary_opts]


PLAIN = {
    "": {},
    "--check --strict": {"check": True, "strict": True},
    "--preflight --no-preflight": {"preflight": False},
    "--dry-run --diff -v": {"dry_run": True, "diff": True, "verbose": True},
    "-o json --verbose": {"output": "json", "verbose": True},
    "--output=json --output text": {"output": "text"},
    "--kube-version 1.30 --max-desc-len=0": {"kube_version": "1.30", "max_desc_len": 0},
    "--against HEAD~1": {"against": "HEAD~1"},
}


@pytest.mark.parametrize("words", PLAIN)
def test_plain_options(words):
    assert manifests_options.read(words.split()) == PLAIN[words]


@pytest.mark.parametrize("words", PLAIN)
def test_the_parser_reads_plain_options_alike(words, monkeypatch):
    seen = {}
    defaults = manifests.main.__kwdefaults__
    monkeypatch.setattr(manifests, "main", lambda **said: seen.update(said) or 0)
    parser().main(words.split(), standalone_mode=False)
    assert seen == defaults | PLAIN[words]


@pytest.mark.parametrize(
    "words",
    [
        "--help",
        "--chek",
        "somewhere",
        "--check=yes",
        "-ojson",
        "-o=json",
        "-o yaml",
        "-o",
        "--max-desc-len -1",
        "--max-desc-len ten",
        "--max-desc-len ²",
        "--against",
        "--against=",
        "--against --check",
        "--against zürich",
        "--",
    ],
)
def test_anything_else_is_left_to_the_parser(words):
    assert manifests_options.read(words.split()) is None


@pytest.mark.parametrize(
    ("project", "arguments"),
    [
        ({}, {}),
        ({}, {"preflight": False, "kube_version": "1.30", "max_desc_len": 20}),
        ({"namespaced": "true"}, {}),
        ({"webhooks": True}, {}),
        ({"webhooks": True, "namespaced": "true"}, {"check": True}),
        ({"webhooks": True, "certManager": "true"}, {}),
    ],
    ids=str,
)
def test_the_child_that_is_started_ahead_is_the_one_that_is_asked(
    operator, monkeypatch, project, arguments
):
    file = operator / "PROJECT"
    text = file.read_text()
    for key in ("namespaced", "certManager"):
        if key in project:
            text = text.replace("opgen:\n", f"{key}: {project[key]}\nopgen:\n", 1)
    if project.get("webhooks"):
        text = text.replace("  pattern:", "  webhooks: [defaulting]\n  pattern:", 1)
    file.write_text(text)
    asked = []
    monkeypatch.setattr(process, "start_ahead", asked.append)
    monkeypatch.chdir(operator)
    manifests.start_ahead(arguments)
    known = load_project(operator)
    assert known.has_webhooks == bool(project.get("webhooks"))
    assert asked == [
        request.command(
            next(request.interpreters(str(operator))),
            str(operator),
            known.package,
            max_description=arguments.get("max_desc_len"),
            preflight=arguments.get("preflight", True),
            kube_version=arguments.get("kube_version", ""),
            webhook_service=known.webhook_service,
            namespaced=known.namespaced,
        )
    ]


def test_no_child_is_started_where_there_is_no_project(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(process, "start_ahead", asked.append)
    monkeypatch.chdir(tmp_path)
    manifests.start_ahead({})
    (tmp_path / "PROJECT").write_bytes(b"\xff")
    manifests.start_ahead({})
    assert asked == []


def test_options_mean_the_same_on_both_ways(operator, opgen):
    shutil.rmtree(operator / "config" / "crd" / "bases")
    quick = opgen("make", "manifests", "--check", "--no-preflight", cwd=operator)
    parsed = opgen("make", "manifests", "--check", "--no-preflight", "--", cwd=operator)
    assert (quick.returncode, quick.stdout) == (parsed.returncode, parsed.stdout)
    assert quick.returncode == 3
    assert "+kind: CustomResourceDefinition\n" in quick.stdout


def test_defaults_are_those_of_the_room_below():
    assert manifests.main.__kwdefaults__["max_desc_len"] == Options().max_description
    assert manifests.main.__kwdefaults__["preflight"] == Options().preflight
