"""Templates of text and names alone: jinja2 makes the same of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from opgen.scaffold.origin import template_root
from opgen.scaffold.plain_templates import namespace, pieces

ANSWERS = {"name": "web {{ other }}", "other": "{% x %}", "flag": True, "number": 7, "empty": ""}
PARTS = st.sampled_from(
    [
        "{{ name }}",
        "{{ flag }}",
        "{{ number }}",
        "{{ empty }}",
        "{{ nobody }}",
        "{{ true }}",
        "{{ none }}",
        "{{ self }}",
        "{{ loop }}",
        "{{ not }}",
        "{{name}}",
        "{{- name -}}",
        "{{ name | upper }}",
        "{{ name.x }}",
        "{% if flag %}",
        "{% endif %}",
        "{% raw %}",
        "{% endraw %}",
        "{# no #}",
        "{",
        "}",
        "%",
        "#",
        "-",
        "\n",
        "\r\n",
        "text ",
    ]
)


def environment(**options: object) -> SandboxedEnvironment:
    """The kind of environment that copier renders in."""
    settings = {"undefined": StrictUndefined, "keep_trailing_newline": True}
    return SandboxedEnvironment(**settings | options)


def rendered(template: object) -> str:
    """What a template gives, or its mistake."""
    try:
        return template.render(ANSWERS)
    except TemplateError as error:
        return f"error: {error}"


def compiled(env: SandboxedEnvironment, source: str) -> str:
    """What jinja2 makes of a text by itself, or its mistake."""
    try:
        return rendered(env.from_string(source))
    except TemplateError as error:
        return f"error: {error}"


@given(st.lists(PARTS, max_size=8).map("".join))
@example("{{{ name }}")
@example("{{ name }}}")
@example("{{ name }}\n")
@example("{{ name }}{{ nobody }}")
def test_what_is_not_compiled_is_rendered_alike(source):
    env = environment()
    module = namespace(env, source, "a.jinja")
    if module is not None:
        plain = env.template_class.from_module_dict(env, module, env.make_globals(None))
        assert rendered(plain) == compiled(env, source)


@pytest.mark.parametrize("source", ["", "a\n", "{{ name }}", "a {{ name }}, {{ other }}\n", "{ }"])
def test_text_and_names_need_no_compiler(source):
    assert namespace(environment(), source, "a.jinja") is not None


@pytest.mark.parametrize(
    "source",
    ["{{ a | b }}", "{% if a %}{% endif %}", "{# a #}", "{{ true }}", "{{- a }}", "{{{ a }}", "\r"],
)
def test_all_else_does(source):
    assert namespace(environment(), source, "a.jinja") is None


@pytest.mark.parametrize(
    "option",
    [
        {"variable_start_string": "[["},
        {"line_statement_prefix": "#"},
        {"keep_trailing_newline": False},
        {"finalize": str.upper},
        {"autoescape": True},
    ],
    ids=lambda option: next(iter(option)),
)
def test_options_that_change_the_outcome_have_everything_compiled(option):
    assert namespace(environment(**option), "{{ name }}", "a.jinja") is None


def test_most_of_opgens_templates_are_plain():
    texts = [path.read_text(encoding="utf-8") for path in template_root().rglob("*.jinja")]
    assert sum(pieces(text) is not None for text in texts) > len(texts) / 2
