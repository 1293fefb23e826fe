"""Which indexes a controller looks things up by, as far as its code shows before it runs.

Code refers to an index by a name: of its module, of a module that it has imported, or of an
enclosing function. All names in the methods of a controller are looked at, and in the functions of
its own module that they refer to.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from opgen.api.indexes import Index


def used_indexes(declared: Any) -> Iterator[Index[Any]]:
    """The indexes that the code of a controller class, or of a function, refers to."""
    waiting = [*_functions(declared)]
    seen = set[FunctionType]()
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        for value in _referred(function):
            if isinstance(value, Index):
                yield value
            elif isinstance(value, FunctionType) and value.__globals__ is function.__globals__:
                waiting.append(value)


def _functions(declared: Any) -> Iterator[FunctionType]:
    if isinstance(declared, FunctionType):
        yield declared
    elif isinstance(declared, type):
        for cls in declared.__mro__:
            for value in vars(cls).values():
                function = getattr(value, "__func__", value)
                if isinstance(function, FunctionType):
                    yield function


def _referred(function: FunctionType) -> Iterator[Any]:
    """What the names in a function stand for now, in its module and around it."""
    names = set(_names(function.__code__))
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType):
            yield from (vars(value)[one] for one in names if one in vars(value))
        else:
            yield value
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # nothing has been put into it yet
            continue


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
