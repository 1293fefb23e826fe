"""Methods of dataclasses, made when they are looked up.

`@dataclass` writes Python for each method of a class and compiles it, which takes several times as
long as all else that reading the class takes. Documents are made of what classes declare: hardly
anything is constructed, compared or shown for that. So the process that imports a project's code
puts the compiling off until a method is wanted, which then is what it always is.

How `dataclasses` goes about it is not documented. So it is done with the releases of Python that it
is tested with; with any other, methods are made at once.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, NoReturn

FIRST, LAST = (3, 11), (3, 13)
"""The releases of Python whose `dataclasses` is known."""


def is_known() -> bool:
    """Whether this is a release of Python with which methods are put off."""
    return FIRST <= sys.version_info[:2] <= LAST


@contextmanager
def put_off() -> Iterator[None]:
    """Let methods of the dataclasses that are declared for a while be made when looked up.

    Their docstrings, if they have none, are the names of the classes alone: the rest would be the
    signature of a method. Python itself leaves it out where there is none to be had.
    """
    if not is_known():
        yield
        return
    names = dataclasses.__dict__
    before = names.get("exec", exec), names["inspect"]
    names["exec"] = _define  # it comes before the builtin function
    names["inspect"] = SimpleNamespace(**vars(inspect) | {"signature": _no_signature})
    try:
        yield
    finally:
        names["exec"], names["inspect"] = before


class Methods:
    """What `dataclasses` has written: a function that returns one or several methods."""

    __slots__ = ("_names", "_text", "_values", "made")

    def __init__(self, text: str, names: dict[str, Any], values: Mapping[str, Any]) -> None:
        self._text, self._names, self._values = text, names, values
        self.made: Mapping[str, Any] = {}

    def make(self) -> None:
        """Compile it."""
        code = compile(self._text, "<string>", "exec", dont_inherit=True)
        defined: dict[str, Any] = {}
        exec(code, self._names, defined)  # noqa: S102 - what Python itself has written
        methods = defined["__create_fn__"](**self._values)
        methods = methods if type(methods) is tuple else (methods,)
        self.made = {method.__name__: method for method in methods}


class Method:
    """What stands in a class for a method until that is looked up."""

    __slots__ = ("__name__", "__qualname__", "_methods")

    def __init__(self, name: str, methods: Methods) -> None:
        self.__name__ = name
        self._methods = methods

    @property
    def made(self) -> Any:
        """The method itself."""
        if not self._methods.made:
            self._methods.make()
        return self._methods.made[self.__name__]

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        name, owner, method = self.__name__, owner or type(instance), self.made
        for cls in owner.__mro__:
            if vars(cls).get(name) is self:
                method.__qualname__ = f"{cls.__qualname__}.{name}"
                setattr(cls, name, method)
        return method.__get__(instance, owner)

    def __call__(self, *arguments: Any) -> Any:
        """Be the function inside a decorator: `__repr__` is decorated before Python 3.13."""
        return self.made(*arguments)


def _define(text: str, names: dict[str, Any], defined: dict[str, Any]) -> None:
    """Do as `exec` does, but for the work."""
    *_, returned = text.rpartition(" return ")

    def create(**values: Any) -> Any:
        methods = Methods(text, names, values)
        if returned.startswith("("):
            return tuple(Method(name, methods) for name in re.findall(r"\w+", returned))
        return Method(returned, methods)

    defined["__create_fn__"] = create


def _no_signature(*_: object, **__: object) -> NoReturn:
    raise ValueError
