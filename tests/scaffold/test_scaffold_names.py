"""The rules for names, and that a suggestion is never wrong itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opgen.scaffold import names, rules
from opgen.scaffold.origin import template_root

CHECKS = {
    "--project-name": names.check_project_name,
    "--package": names.check_package,
    "--domain": names.check_domain,
    "--owner": names.check_owner,
    "--version": names.check_version,
    "--kind": names.check_kind,
    "--group": lambda value: names.check_group(value, "my.domain"),
    "--plural": lambda value: names.check_plural(value, "my.domain"),
}
GOOD = {
    "--project-name": ["webserver-operator", "a", "x" * 28],
    "--package": ["webserver_operator", "a1"],
    "--domain": ["my.domain", "example.com", "x", "1.2"],
    "--owner": ["", "Jane Roe", "Ünïcode & Sons"],
    "--version": ["v1", "v1alpha1", "v2beta3", "v10"],
    "--kind": ["WebServer", "A", "HTTPRoute", "V2Thing", "K" * 48],
    "--group": ["", "apps", "a.b"],
    "--plural": ["webservers", "web-servers"],
}
BAD = {
    "--project-name": ["", "Web", "web_server", "-a", "a-", "1a", "a.b", "x" * 29, "x" * 64, "ä"],
    "--package": [
        "",
        "class",
        "match",
        "json",
        "print",
        "opgen",
        "tests",
        "Web",
        "a-b",
        "1a",
        "aux",
    ],
    "--domain": [
        "",
        "bad domain",
        "http://x",
        "My.Domain",
        ".a",
        "a.",
        "a..b",
        "a_b",
        "a" * 254,
        "x" * 64 + ".com",
        "k8s.io",
        "foo.kubernetes.io",
    ],
    "--owner": ["a\nb", 'a"b', "a\\b", "a{b"],
    "--version": ["", "1", "v", "vv", "latest", "v1gamma1", "v1.2", "v0", "v1alpha", "V1", "2024"],
    "--kind": [
        "",
        "webServer",
        "Web-Server",
        "Web Server",
        "1Web",
        "None",
        "Exception",
        "Ünicode",
        "Condition",
        "Result",
        "K" * 49,
        "K" * 64,
    ],
    "--group": ["Apps", "a_b", "my.domain", "apps.my.domain", "x." * 125 + "x"],
    "--plural": ["Webs", "web_s", "1s", "", "s" * 64],
}


@pytest.mark.parametrize(("flag", "value"), [(f, v) for f, all_ in GOOD.items() for v in all_])
def test_good_names(flag, value):
    assert list(CHECKS[flag](value)) == []


@pytest.mark.parametrize(("flag", "value"), [(f, v) for f, all_ in BAD.items() for v in all_])
def test_bad_names_are_told_with_flag_value_and_fix(flag, value):
    problems = list(CHECKS[flag](value))
    assert problems
    for problem in problems:
        assert problem.message.startswith(flag)
        assert repr(value) in problem.message or value == ""
        assert problem.hint


@given(flag=st.sampled_from(sorted(CHECKS)), value=st.text(max_size=300))
def test_no_text_breaks_a_check_and_suggestions_are_good(flag, value):
    for problem in CHECKS[flag](value):
        suggested = re.fullmatch(rf"pass {flag} ([\w.-]+)", problem.hint)
        if suggested:
            left = list(CHECKS[flag](suggested[1]))
            assert all("is no valid" not in one.message for one in left)


@pytest.mark.parametrize(
    ("kind", "short"),
    [
        ("WebServer", "ws"),
        ("HTTPRoute", "hr"),
        ("MyAPI", "ma"),
        ("Memcached", ""),
        ("ReplicaS", ""),
    ],
)
def test_short_names(kind, short):
    assert names.short_name(kind, frozenset({"rs"})) == short


def test_a_group_must_have_a_dot():
    (problem,) = names.check_group("", "local")
    assert problem.message == "the API group 'local' has no dot, and the API server asks for one"


def test_names_that_follow_are_told():
    (problem,) = names.check_project_name("x" * 29)
    assert str(problem) == (
        f"error: --project-name {'x' * 29!r} is too long: "
        f"'{'x' * 29}-controller-manager-metrics-service' follows from it and would have "
        "64 characters, and Kubernetes allows 63\n"
        "  hint: pass --project-name a value of at most 28 characters"
    )


def test_no_kind_hides_what_the_templates_import():
    imported = set()
    for path in Path(template_root() / "api").rglob("*.py.jinja"):
        text = re.sub(r"\{[{%].*?[}%]\}", "", path.read_text())
        for names_of_one in re.findall(r"^from .* import (\([^)]*\)|.*)$", text, re.M):
            imported |= set(re.findall(r"\b[A-Z]\w+", names_of_one))
    taken = rules.TAKEN_KINDS
    assert {"Annotated", "CustomResource", "Condition"} <= imported
    assert imported - taken == set()


def test_the_schema_in_the_docstring_of_project_is_the_one_that_is_read():
    from opgen.scaffold import project, project_schema

    described = ast.get_docstring(ast.parse(Path(project.__file__).read_text())) or ""
    for keys in (project_schema.TOP, project_schema.OPGEN, project_schema.RESOURCE):
        assert all(re.search(rf"^ *(- )?{key}:", described, re.M) for key in keys)
