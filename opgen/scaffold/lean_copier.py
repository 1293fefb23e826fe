"""copier's rendering, without what opgen does not use of copier.

Most of the time that copier takes goes to imports (`opgen.scaffold.lean_modules` stands in for
them), to the context of a template, which is made anew for each part of each path, to compiling the
same short strings again and again, to compiling what `opgen.scaffold.plain_templates` does without
a compiler, and to files that are written only to be read once. All of this is left out for the
releases of copier that it is tested with; others are used as they are.
"""

from __future__ import annotations

import gc
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType
from typing import Any

from opgen.scaffold.lean_modules import stand_ins
from opgen.scaffold.paths import File

FIRST, LAST = (9, 18), (9, 19)
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


def render(template: Path, answers: Mapping[str, Any]) -> dict[str, File]:
    """Render a copier template; returns its files by path.

    Raises:
        CopierError: the template is wrong.
        jinja2.TemplateError: a file of it is wrong.
        Problems: a file of it cannot be a file of a project.
    """
    with _without_garbage_collection():
        load()
        rendered = _rendered_lean if is_tested() else _rendered_whole
        with _compiled_once():
            return rendered(template, dict(answers))


def _rendered_lean(template: Path, answers: dict[str, Any]) -> dict[str, File]:
    from copier._settings import SettingsModel

    from opgen.scaffold.lean_worker import LeanWorker

    with LeanWorker(
        str(template),
        template / "nowhere",
        data=answers,
        defaults=True,
        quiet=True,
        overwrite=True,
        cleanup_on_error=False,
        settings=SettingsModel(),
    ) as worker:
        worker.run_copy()
        return worker.rendered


def _rendered_whole(template: Path, answers: dict[str, Any]) -> dict[str, File]:
    import copier
    from copier.errors import CopierError
    from plumbum import local

    # Our templates are no repositories, but copier would ask git about every file.
    with tempfile.TemporaryDirectory(prefix="opgen-") as folder, local.env(PATH=""):
        try:
            copier.run_copy(
                str(template),
                folder,
                data=answers,
                defaults=True,
                quiet=True,
                overwrite=True,
                settings=copier.Settings(),
            )
        except (AssertionError, FileExistsError, NotADirectoryError) as error:
            raise CopierError("it has a file where it has a folder, too") from error
        return {
            path.relative_to(folder).as_posix(): File(path.read_bytes(), _is_executable(path))
            for path in Path(folder).rglob("*")
            if path.is_file()
        }


def _is_executable(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IXUSR)


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
    absent = {name: module for name, module in stand_ins().items() if name not in sys.modules}
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


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
