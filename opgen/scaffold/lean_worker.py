"""copier's worker for all that opgen renders, as `opgen.scaffold.lean_copier` imports it."""

from __future__ import annotations

import stat
from functools import cached_property
from pathlib import Path
from typing import Any

from copier._jinja_ext import CopierTemplateLoader
from copier._main import Worker
from copier._types import Phase

from opgen.scaffold.paths import File
from opgen.scaffold.plain_templates import namespace


class LeanLoader(CopierTemplateLoader):
    """Has only those templates compiled that need it."""

    def load(self, environment: Any, name: str, globals: Any = None) -> Any:
        """The template with a name."""
        source = environment.preprocess(self.get_source(environment, name)[0], name)
        plain = namespace(environment, source, name)
        if plain is None:
            return super().load(environment, name, globals)
        return environment.template_class.from_module_dict(environment, plain, globals)


class LeanWorker(Worker):
    """Makes the context of templates once all questions are answered, and never again.

    Files are kept instead of written.
    """

    @cached_property
    def rendered(self) -> dict[str, File]:
        """The rendered files by path."""
        return {}

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

    def _render_file(self, src_relpath: Path, dst_relpath: Path, *rest: Any, **more: Any) -> None:
        self._source = self.template.local_abspath / src_relpath
        super()._render_file(src_relpath, dst_relpath, *rest, **more)

    def _render_allowed(
        self, dst_relpath: Path, is_dir: bool = False, *_: Any, **rendered: Any
    ) -> bool:
        """Whether something is written, which copier asks once it is rendered: never."""
        if not is_dir:
            executable = bool(self._source.stat().st_mode & stat.S_IXUSR)
            file = File(rendered["expected_contents"], executable)
            self.rendered[dst_relpath.as_posix()] = file
        return False
