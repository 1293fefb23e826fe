"""The classes of the built-in types, made on first use.

`core_v1.EnvVar` is a name for a definition and no container: calling it gives a plain dict, so what
controllers make and what the API server sends are the same thing. Making a class needs no table,
only its name; a schema is looked up by `opgen.k8s.schemas` when somebody asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from opgen.k8s.kinds import by_definition


class BuiltInType(type):
    """The class of the built-in types' classes."""

    __opgen_k8s__: str
    """The name of the definition, such as `io.k8s.api.core.v1.EnvVar`."""

    def __call__(cls, value: Any = None, /, **fields: Any) -> Any:
        """A plain dict of the fields; that of a kind starts with `apiVersion` and `kind`.

        A type that is no object, such as `core_v1.PullPolicy`, gives its value back.
        """
        if value is not None and not isinstance(value, Mapping):
            return value
        kind = cls.__dict__.get("__opgen_kind__")
        head = {} if kind is None else {"apiVersion": kind.api_version, "kind": kind.kind}
        return head | dict(value or {}, **fields)

    def __instancecheck__(cls, instance: object) -> bool:
        """Objects are plain dicts, so the question has no answer.

        Raises:
            TypeError: always.
        """
        raise TypeError(
            f"isinstance cannot be used with {cls.__qualname__}: objects of built-in types are "
            'plain dicts; look at their "apiVersion" and "kind"'
        )

    def __repr__(cls) -> str:
        return f"{cls.__module__}.{cls.__qualname__}"


def lazy_types(
    module: str, package: str, names: Sequence[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a module that makes its classes on first use.

    Args:
        module: The module's name.
        package: What the names of its definitions start with, such as `io.k8s.api.core.v1`.
        names: The names of its types.
    """
    known = frozenset(names)

    def __getattr__(name: str) -> Any:
        if name not in known:
            raise _no_such_type(module, name, names)
        cls = make_type(module, package, name)
        setattr(sys.modules[module], name, cls)
        return cls

    def __dir__() -> list[str]:
        return sorted(known)

    return __getattr__, __dir__


def make_type(module: str, package: str, name: str) -> BuiltInType:
    """The class of a definition."""
    definition = f"{package}.{name}"
    body: dict[str, Any] = {"__module__": module, "__opgen_k8s__": definition}
    built_in = by_definition(definition)
    if built_in is not None:
        body["__opgen_kind__"] = built_in.kind
    return BuiltInType(name, (), body)


def _no_such_type(module: str, name: str, names: Sequence[str]) -> AttributeError:
    message = f"module {module!r} has no type {name!r}"
    if not name.startswith("__"):
        from difflib import get_close_matches

        near = get_close_matches(name, names, n=1) or get_close_matches(
            name.lower(), [known for known in names if known.lower() == name.lower()], n=1
        )
        message += f"; did you mean {near[0]}?" if near else ""
    return AttributeError(message, name=name)
