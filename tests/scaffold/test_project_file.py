"""PROJECT is read strictly, and written so that a person's comments stay."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.api import Problems
from opgen.scaffold import migrations, project_schema, project_text
from opgen.scaffold.project import Project, Resource, _commented, find_root, parse

SAMPLE = Project(
    name="webserver-operator",
    package="webserver_operator",
    domain="my.domain",
    owner="Jane: Roe #1",
    opgen_version="0.1.0",
    opgen_requirement="opgen",
    opgen_wheel="opgen-0.1.0-py3-none-any.whl",
    resources=(Resource(version="v1", kind="WebServer", plural="webservers", short_name="ws"),),
    files={"Makefile": "0" * 64, "a b/ü.txt": "1" * 64},
)


def test_what_is_written_is_read_again():
    assert parse(SAMPLE.text().encode()) == SAMPLE
    assert parse(b"\xef\xbb\xbf" + SAMPLE.text().replace("\n", "\r\n").encode()) == SAMPLE


@given(
    owner=st.text(st.characters(exclude_categories=("C", "Z"), exclude_characters='"\\{}')),
    kinds=st.lists(st.from_regex(r"[A-Z][a-z]{3,8}x", fullmatch=True), unique=True, max_size=4),
)
def test_any_project_is_read_again(owner, kinds):
    resources = tuple(
        Resource(version="v1", kind=kind, plural=kind.lower() + "s", api=len(kind) % 2 == 0)
        for kind in kinds
    )
    project = replace(SAMPLE, owner=owner, resources=resources)
    assert parse(project.text().encode()) == project


WORDS = st.text(st.sampled_from("abfyno01289eExX.-_/+=<>,@ :#'\"~"), min_size=1, max_size=12)
VALUES = WORDS | st.sampled_from(["true", "1", "1e5", "0x1f", "~", "null", "2026-01-01", ".5"])


@given(
    owner=VALUES,
    requirement=VALUES,
    short=VALUES,
    names=st.lists(VALUES | st.sampled_from(["a" * 130]), unique=True, max_size=5),
)
def test_its_plain_form_is_that_of_the_library(owner, requirement, short, names):
    resource = replace(SAMPLE.resources[0], short_name=short, webhooks=("defaulting",))
    files = {name: f"{index}" * 64 for index, name in enumerate(names)}
    values = {"owner": owner, "opgen_requirement": requirement, "files": files}
    project = replace(SAMPLE, resources=(resource,), **values)
    document = project_schema.document(project)
    plain = project_text.write(document)
    assert plain in (None, _commented("", document))
    if plain:
        assert project_text.read(plain) == document


def test_a_plain_project_needs_no_library():
    project = replace(SAMPLE, owner="Jane Roe", files={"a/b.py": "0f" * 32, ".c/d": "1e" * 32})
    document = project_schema.document(project)
    assert project_text.write(document) == project.text() == _commented("", document)
    read = parse(project.text().encode())
    assert (read, read.source) == (project, "")


def test_comments_and_order_stay():
    text = SAMPLE.text().replace("domain: my.domain", "# ours\ndomain: my.domain  # for good")
    project = parse(text.encode())
    extended = project.with_resource(Resource(version="v1", kind="Other", plural="others"))
    added = [line for line in extended.text().splitlines() if line not in text.splitlines()]
    assert added == ["  kind: Other", "  plural: others"]
    assert text.splitlines()[:6] == extended.text().splitlines()[:6]
    assert project.text() == text


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "domain: my.domain",
            "domian: my.domain",
            "error: unknown key 'domian'\n  --> PROJECT:5 domian\n  hint: did you mean domain?",
        ),
        (
            "domain: my.domain",
            "domain: My.Domain",
            "error: domain 'My.Domain' is no valid domain: it must be a DNS domain: labels of "
            "lower-case letters, digits and dashes, at most 63 characters each, joined by dots, "
            "253 characters in all\n  --> PROJECT:5 domain\n  hint: write domain: my.domain",
        ),
        (
            "api: true",
            "api: maybe",
            "error: api must be true or false\n  --> PROJECT:18 resources[0].api",
        ),
        (
            "kind: WebServer",
            "kynd: WebServer",
            "error: kind is missing\n  --> PROJECT:13 resources[0].kind\n  hint: add kind",
        ),
        (
            "version: '1'",
            "version: '3'",
            "error: PROJECT has the unknown format '3'\n  --> PROJECT:2 version\n  hint: the "
            'format of this opgen is version: "1"; install the opgen that wrote the file',
        ),
        ("0" * 64, "abc", "error: it must be a SHA-256 digest in hex"),
        ("Makefile", "../Makefile", "'../Makefile' is no path of a file below"),
    ],
)
def test_mistakes_are_told_with_their_line(old, new, told):
    text = SAMPLE.text()
    assert old in text
    with pytest.raises(Problems) as caught:
        parse(text.replace(old, new, 1).encode())
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "PROJECT is empty"),
        (b"- a\n", "PROJECT must be a mapping"),
        (b"a: [", "PROJECT is no YAML"),
        (b"a: 1\na: 2\n", "PROJECT is no YAML"),
        (b"\xff\xfe", "PROJECT is not UTF-8"),
        (b"a: \x01", "PROJECT is no YAML"),
        (b"- " * 5000, "PROJECT is no YAML: it is nested too deeply"),
        (b"a: &a [*a]", "unknown key 'a'"),
        (b"resources: 5\n", "resources must be a list"),
        (b"resources: [5]\n", "it must be a mapping"),
    ],
)
def test_nonsense_is_told(content, message):
    with pytest.raises(Problems) as caught:
        parse(content)
    assert message in str(caught.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_nothing_breaks_the_reader(content):
    with pytest.raises(Problems):
        parse(content)


def test_the_project_is_found_from_below(tmp_path):
    (tmp_path / "p/config/crd").mkdir(parents=True)
    (tmp_path / "p/PROJECT").write_text("")
    assert find_root(tmp_path / "p/config/crd") == (tmp_path / "p").resolve()
    assert find_root(tmp_path) is None


def with_domain_suffix(document):
    """A made-up migration: format 0 called the domain `suffix`, and had no scopes."""
    document["domain"] = document.pop("suffix")
    for resource in document.get("resources", ()):
        resource["scope"] = "Namespaced"
    document["version"] = "1"


def test_an_older_format_is_migrated(monkeypatch):
    monkeypatch.setitem(migrations.MIGRATIONS, "0", with_domain_suffix)
    monkeypatch.setitem(migrations.MIGRATIONS, "-1", lambda document: document.update(version="0"))
    now = SAMPLE.text().replace("kind: WebServer", "kind: WebServer  # ours")
    old = now.replace("version: '1'", "version: '-1'", 1).replace("domain:", "suffix:")
    old = old.replace("  scope: Namespaced\n", "")
    project = parse(old.encode())
    assert project == SAMPLE
    assert parse(project.text().encode()) == SAMPLE
    assert "kind: WebServer  # ours\n" in project.text()
    assert "suffix" not in project.text()


def test_what_is_wrong_in_an_older_format_is_told(monkeypatch):
    monkeypatch.setitem(migrations.MIGRATIONS, "0", with_domain_suffix)
    old = SAMPLE.text().replace("version: '1'", "version: '0'", 1).replace("domain:", "suffix:")
    with pytest.raises(Problems, match="unknown key 'ownr'"):
        parse(old.replace("owner:", "ownr:").encode())


def documented() -> dict[str, dict[str, str]]:
    """The keys and types in docs/project-file.md, by section."""
    text = (Path(__file__).parents[2] / "docs/project-file.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {
        section.split("\n")[0]: dict(
            re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.MULTILINE)
        )
        for section in sections
    }


@pytest.mark.parametrize(
    ("section", "keys"),
    [
        ("Top level", project_schema.TOP),
        ("opgen", project_schema.OPGEN),
        ("resources", project_schema.RESOURCE),
    ],
)
def test_every_key_is_documented(section, keys):
    types = project_schema.TYPE_NAMES
    expected = {name: types[key.type].removeprefix("a ") for name, key in keys.items()}
    assert documented()[section] == expected
