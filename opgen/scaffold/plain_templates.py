"""Templates that hold only text and names of variables, which need no compiler.

Two thirds of opgen's templates are like that, and most of a person's. jinja2 takes milliseconds to
make a program of each, which runs once. Such a template is cut at its names instead, and jinja2
renders the pieces as it renders what it has compiled: its context looks up the names, its
`undefined` refuses those that nobody declared.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from jinja2.runtime import Context

_NAME = re.compile(r"(?<!\{)\{\{ ([A-Za-z_][A-Za-z0-9_]*) \}\}")
_SYNTAX = ("{{", "{%", "{#")
_NO_VARIABLES = frozenset({*keyword.kwlist, "true", "false", "none", "self"})
"""Names that jinja2 reads as something else than a variable, and some that it does not mind."""
_OPTIONS = {
    "block_start_string": "{%",
    "variable_start_string": "{{",
    "variable_end_string": "}}",
    "comment_start_string": "{#",
    "line_statement_prefix": None,
    "line_comment_prefix": None,
    "newline_sequence": "\n",
    "keep_trailing_newline": True,
    "finalize": None,
    "autoescape": False,
    "is_async": False,
}
"""The options of an environment in which the pieces are what jinja2 would make of the text."""


def pieces(source: str) -> list[str] | None:
    """Text and names in turn, text first and last; None if there is more in the template."""
    found = _NAME.split(source)
    if "\r" in source or any(name in _NO_VARIABLES for name in found[1::2]):
        return None
    if any(syntax in text for text in found[::2] for syntax in _SYNTAX):
        return None
    return found


def namespace(environment: Environment, source: str, name: str) -> dict[str, Any] | None:
    """What `Template.from_module_dict` makes a template of; None if it has to be compiled.

    Args:
        environment: Where it is rendered.
        source: Its text, after all extensions have seen it.
        name: Its name.
    """
    if any(getattr(environment, option) != value for option, value in _OPTIONS.items()):
        return None
    found = pieces(source)
    if found is None:
        return None

    def root(context: Context) -> Iterator[str]:
        for at, piece in enumerate(found):
            yield str(context.resolve(piece)) if at % 2 else piece

    return {"name": name, "__file__": name, "blocks": {}, "root": root, "debug_info": ""}
