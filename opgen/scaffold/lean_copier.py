"""copier's rendering, without what opgen does not use of copier.

Most of the time that copier takes goes to imports (`opgen.scaffold.lean_modules` stands in for
them), to the context of a template, which is made anew for each part of each path, to compiling the
same short strings again and again, and to compiling what `opgen.scaffold.plain_templates` does
without a compiler. All of this is left out for the releases of copier that it is tested with;
others are used as they are.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

from opgen.scaffold.lean_modules import stand_ins
from opgen.scaffold.plain_templates import namespace

if TYPE_CHECKING:
    from copier._main import Worker

FIRST, LAST = (9, 16), (9, 19)
"""The releases of copier that need no more than what is stood in for."""
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


def render(template: Path, target: Path, answers: Mapping[str, Any]) -> None:
    """Render a copier template into an empty folder.

    Raises:
        CopierError: the template is wrong.
        jinja2.TemplateError: a file of it is wrong.
    """
    with _without_garbage_collection():
        load()
        rendered = _rendered_lean if is_tested() else _rendered_whole
        with _compiled_once():
            rendered(str(template), target, dict(answers))


def _rendered_lean(template: str, target: Path, answers: dict[str, Any]) -> None:
    from copier._settings import SettingsModel

    with _worker()(
        template,
        target,
        data=answers,
        defaults=True,
        quiet=True,
        overwrite=True,
        settings=SettingsModel(),
    ) as worker:
        worker.run_copy()


def _rendered_whole(template: str, target: Path, answers: dict[str, Any]) -> None:
    import copier
    from plumbum import local

    # Our templates are no repositories, but copier would ask git about every file.
    with local.env(PATH=""):
        copier.run_copy(
            template,
            target,
            data=answers,
            defaults=True,
            quiet=True,
            overwrite=True,
            settings=copier.Settings(),
        )


@cache
def is_tested() -> bool:
    """Whether the installed copier is a release that opgen is tested with."""
    major, minor = version("copier").split(".")[:2]
    return FIRST <= (int(major), int(minor)) <= LAST


@cache
def load() -> None:
    """Import copier, so that its modules can be imported in the usual way."""
    with _stood_in() if is_tested() else _without_garbage_collection():
        import copier  # noqa: F401


@contextmanager
def _stood_in() -> Iterator[None]:
    """Have modules stood in for."""
    modules: dict[str, Any] = sys.modules  # in which None means that there is no such module
    absent = {name: module for name, module in stand_ins().items() if name not in modules}
    modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del modules[name]


@cache
def _worker() -> type[Worker]:
    """Copier's worker for all that opgen renders."""
    from copier._jinja_ext import CopierTemplateLoader
    from copier._main import Worker
    from copier._types import Phase

    class LeanLoader(CopierTemplateLoader):
        """Has only those templates compiled that need it."""

        def load(self, environment: Any, name: str, globals: Any = None) -> Any:
            source = environment.preprocess(self.get_source(environment, name)[0], name)
            plain = namespace(environment, source, name)
            if plain is None:
                return super().load(environment, name, globals)
            return environment.template_class.from_module_dict(environment, plain, globals)

    class LeanWorker(Worker):
        """Makes the context of templates once all questions are answered, and never again."""

        @cached_property
        def jinja_env(self) -> Any:
            """The environment of templates, with a loader that knows plain templates."""
            environment = super().jinja_env
            environment.loader = LeanLoader(self.template.local_abspath)
            return environment

        @property
        def answers_relpath(self) -> Path:
            """The file for copier's answers, which no template of opgen has."""
            return self._answers_file

        @cached_property
        def _answers_file(self) -> Path:
            return super().answers_relpath

        @cached_property
        def _final_context(self) -> Any:
            return super()._render_context()

        def _render_context(self) -> Any:
            rendering = Phase.current() is Phase.RENDER
            return self._final_context if rendering else super()._render_context()

        def _render_string(self, string: str, extra_context: dict[str, Any] | None = None) -> str:
            """The string itself, if there is nothing to render in it."""
            if "{" in string:
                return super()._render_string(string, extra_context)
            return str(self.jinja_env.preprocess(string))

    return LeanWorker


@contextmanager
def _compiled_once() -> Iterator[None]:
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
        else:
            self.preprocess(source)  # which extensions count on
        return known[key]

    SandboxedEnvironment.compile = compile_once  # type: ignore[method-assign]
    try:
        yield
    finally:
        SandboxedEnvironment.compile = original  # type: ignore[method-assign]


def _syntax(environment: Any) -> tuple[Any, ...]:
    """What the code of a template depends on, besides its text."""
    extensions = tuple(sorted(environment.extensions))
    return (extensions, *(getattr(environment, option) for option in _OPTIONS))


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
