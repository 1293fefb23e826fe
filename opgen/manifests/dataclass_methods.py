"""Methods of dataclasses, made when they are looked up.

`@dataclass` writes Python for each method of a class and compiles it, which takes several times as
long as all else that reading the class takes. Documents are made of what classes declare: hardly
anything is constructed, compared or shown for that. So the process that imports a project's code
puts the compiling off until a method is wanted, which then is what it always is.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, NoReturn


@contextmanager
def put_off() -> Iterator[None]:
    """Let methods of the dataclasses that are declared for a while be made when looked up.

    Their docstrings, if they have none, are the names of the classes alone: the rest would be the
    signature of a method. Python itself leaves it out where there is none to be had.
    """
    names = vars(dataclasses)
    before = names.get("exec", exec), names["inspect"]
    names["exec"] = _define  # it comes before the builtin function
    names["inspect"] = SimpleNamespace(**vars(inspect) | {"signature": _no_signature})
    try:
        yield
    finally:
        names["exec"], names["inspect"] = before


class Method:
    """What stands in a class for a method until that is looked up."""

    def __init__(self, name: str, made: Callable[[], Mapping[str, Any]]) -> None:
        self.__name__ = name
        self._made = made

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        name, owner = self.__name__, owner or type(instance)
        function = self._made()[name]
        for cls in owner.__mro__:
            if vars(cls).get(name) is self:
                function.__qualname__ = f"{cls.__qualname__}.{name}"
                setattr(cls, name, function)
        return function.__get__(instance, owner)

    def __call__(self, *arguments: Any) -> Any:
        """Be the function inside a decorator: `__repr__` is decorated before Python 3.13."""
        return self._made()[self.__name__](*arguments)


def _define(text: str, names: dict[str, Any], defined: dict[str, Any]) -> None:
    """Do as `exec` does with what `dataclasses` writes: a function that returns functions."""
    *_, returned = text.rpartition(" return ")

    def create(**values: Any) -> Any:
        @cache
        def made() -> Mapping[str, Any]:
            code = compile(text, "<string>", "exec", dont_inherit=True)
            exec(code, names, defined)  # noqa: S102 - what Python itself has written
            functions = defined["__create_fn__"](**values)
            functions = functions if type(functions) is tuple else (functions,)
            return dict(zip(methods, functions, strict=True))

        methods = {name: Method(name, made) for name in re.findall(r"\w+", returned)}
        return tuple(methods.values()) if returned.startswith("(") else methods[returned]

    defined["__create_fn__"] = create


def _no_signature(*_: object, **__: object) -> NoReturn:
    raise ValueError
