"""What copier imports, as far as rendering a folder with all answers given needs it.

* pydantic checks what people pass; opgen passes values of the right types, so the dataclasses of
  the standard library do
* plumbum runs git; a template of opgen is a folder and no repository, so there is no git
* libraries for prompts, versions, places of settings and fast matching are not used: whatever they
  are asked for is a class that cannot be called, so that an error names it should copier ever do so
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

UNUSED = (
    "dunamai",
    "pathspec._backends.hyperscan",
    "pathspec._backends.hyperscan.base",
    "pathspec._backends.hyperscan.gitignore",
    "pathspec._backends.hyperscan.pathspec",
    "pathspec._backends.re2",
    "pathspec._backends.re2.base",
    "pathspec._backends.re2.gitignore",
    "pathspec._backends.re2.pathspec",
    "platformdirs",
    "prompt_toolkit",
    "prompt_toolkit.lexers",
    "pygments",
    "pygments.lexers",
    "pygments.lexers.data",
    "questionary",
    "questionary.prompts",
    "questionary.prompts.common",
)
"""What copier imports, and rendering with all answers given does not use.

A dozen patterns are matched before one of pathspec's fast engines is loaded.
"""


def stand_ins() -> dict[str, ModuleType]:
    """The modules to import copier with, by name."""
    unused = {name: _Unused(name) for name in UNUSED}
    return unused | {name: _module(name, content) for name, content in _CONTENTS.items()}


class _Unused(ModuleType):
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


def _module(name: str, content: Mapping[str, Any]) -> ModuleType:
    module = ModuleType(name)
    module.__path__ = []
    module.__dict__.update(content)
    return module


class _Model:
    """A pydantic model: a dataclass."""

    def __init_subclass__(cls) -> None:
        dataclasses.dataclass(cls)


def _dataclass(cls: type | None = None, *, config: object = None) -> Any:
    """Pydantic's decorator, with or without settings."""
    return dataclasses.dataclass if cls is None else dataclasses.dataclass(cls)


def _field(default: Any = dataclasses.MISSING, **settings: Any) -> Any:
    if default is not dataclasses.MISSING:
        return dataclasses.field(default=default)
    return dataclasses.field(default_factory=settings["default_factory"])


def _as_it_is(*_: object) -> Callable[[Any], Any]:
    """A decorator that changes nothing, or what stands for one in an annotation."""
    return lambda decorated: decorated


class _ValidationError(Exception):
    """Never raised: nothing is validated."""


class _CommandFailed(OSError):
    """Never raised: no command is run."""


class _CommandNotFound(_CommandFailed):
    """There are no commands."""


class _NoCommands:
    """A machine without git."""

    def which(self, name: str) -> str:
        """Look for a command.

        Raises:
            _CommandNotFound: always.
        """
        raise _CommandNotFound(name)

    __getitem__ = which


_MACHINE = _NoCommands()
_CONTENTS: Mapping[str, Mapping[str, Any]] = {
    "colorama": {
        "Fore": _Unused("colorama.Fore"),
        "Style": _Unused("colorama.Style"),
        "just_fix_windows_console": lambda: None,
    },
    "plumbum": {
        "TF": None,
        "CommandNotFound": _CommandNotFound,
        "ProcessExecutionError": _CommandFailed,
        "colors": None,
        "local": _MACHINE,
    },
    "plumbum.commands": {},
    "plumbum.commands.base": {"BaseCommand": object},
    "plumbum.commands.processes": {"ProcessExecutionError": _CommandFailed},
    "plumbum.machines": {"local": _MACHINE},
    "pydantic": {
        "AfterValidator": _as_it_is,
        "BaseModel": _Model,
        "ConfigDict": dict,
        "Field": _field,
        "PositiveInt": int,
        "StrictBool": bool,
        "ValidationError": _ValidationError,
        "field_validator": _as_it_is,
    },
    "pydantic.dataclasses": {"dataclass": _dataclass},
    "pydantic_core": {"to_jsonable_python": str},
    "pydantic_core.core_schema": {"ValidationInfo": object},
}
"""The names that copier imports."""
