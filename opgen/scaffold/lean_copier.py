"""copier, loaded with only what rendering needs.

Half of the time that copier takes to import goes to libraries for questions on a terminal and for
versions of git repositories. opgen answers every question itself and its templates are folders, so
these libraries are stood in for while copier is imported. Whatever they are asked for is a class
that cannot be called: should copier ever need one of them, the error names it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType, ModuleType
from typing import Any

NOT_NEEDED = (
    "dunamai",
    "prompt_toolkit",
    "prompt_toolkit.lexers",
    "pygments",
    "pygments.lexers",
    "pygments.lexers.data",
    "questionary",
    "questionary.prompts",
    "questionary.prompts.common",
)
"""What copier imports, and rendering with all answers given does not use."""
_OPTIONS = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
    "optimized",
    "autoescape",
    "is_async",
)
"""The options of a jinja2 environment that change what a template is compiled to."""
_COMPILED: dict[tuple[Any, ...], CodeType] = {}


class _StandIn(ModuleType):
    """A module of which every name is a class that cannot be called."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []  # what makes a module a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": _refuse, "__module__": self.__name__})


def _refuse(self: object, *_: object, **__: object) -> None:
    cls = type(self)
    raise RuntimeError(f"rendering must not need {cls.__module__}.{cls.__qualname__}")


@cache
def load() -> Any:
    """The module `copier`."""
    with _without_garbage_collection(), _stood_in():
        import copier

        return copier


@contextmanager
def compiled_once() -> Iterator[None]:
    """Have equal template strings compiled once.

    copier renders each part of each path by itself, so the same few strings come up hundreds of
    times, a template is rendered for each kind, and jinja2 keeps no compiled strings.
    """
    from jinja2.sandbox import SandboxedEnvironment

    original = SandboxedEnvironment.compile
    known = _COMPILED

    def compile_once(self: Any, source: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(source, str) or kwargs.get("raw"):
            return original(self, source, *args, **kwargs)
        key = (_syntax(self), source, args, *kwargs.items())
        if key not in known:
            known[key] = original(self, source, *args, **kwargs)
        return known[key]

    SandboxedEnvironment.compile = compile_once  # type: ignore[method-assign]
    try:
        with _without_garbage_collection():
            yield
    finally:
        SandboxedEnvironment.compile = original  # type: ignore[method-assign]


def _syntax(environment: Any) -> tuple[Any, ...]:
    """What the code of a template depends on, besides its text."""
    extensions = tuple(sorted(environment.extensions))
    return (extensions, *(getattr(environment, option) for option in _OPTIONS))


@contextmanager
def _stood_in() -> Iterator[None]:
    names = [name for name in NOT_NEEDED if name not in sys.modules]
    sys.modules.update({name: _StandIn(name) for name in names})
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Not to look for garbage among what has just been loaded."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
