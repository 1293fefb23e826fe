"""The library behind this room, and the environments that expressions are compiled in.

`checking` types `self` as the schema does, and knows functions by their signatures only.
`evaluating` lets `self` be anything, because absent fields of a message would have defaults where
those of an object are errors; its functions are implemented (`opgen.cel.functions`). `admitting` is
the same for the conditions of webhooks, which see other variables.

cel-expr-python is an extra and its import costs 30 ms, so nothing is imported before it is used.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from opgen.cel.declarations import config, names
from opgen.cel.declared import Declared
from opgen.cel.descriptors import Messages, Pool

INSTALL = "pip install 'opgen[cel]'"
"""The command that brings the library."""

_EXTENSIONS = ("optional", "sets", "two-var-comprehensions")
_LISTS = {"name": "lists", "version": 2}
_STRINGS = {"name": "strings", "version": 2}
_SCALARS = ("bool", "int", "double", "string", "bytes", "timestamp", "duration", "dyn")


@cache
def installed() -> bool:
    """Whether expressions can be compiled here."""
    needed = ("cel_expr_python", "google", "google.protobuf")
    return all(importlib.util.find_spec(name) is not None for name in needed)


@cache
def cel() -> Any:
    """The library's module.

    Raises:
        ImportError: it is not installed.
    """
    if not installed():
        raise ImportError(f"CEL expressions need cel-expr-python: {INSTALL}", name="opgen[cel]")
    return importlib.import_module("cel_expr_python.cel")


def checking(declared: Declared, words: frozenset[str], optional_old_self: bool) -> Any:
    """An environment where `self` and `oldSelf` have a declared type.

    It is the same one for all types that do not differ in what is declared.

    Args:
        declared: The type of `self`.
        words: Identifiers and operators in the expressions: other fields and functions need no
            declaration.
        optional_old_self: Whether `oldSelf` is an optional.
    """
    messages = Messages(words)
    own = json.dumps(_type(declared, messages))
    return _checking(Pool(messages), own, words & names(), optional_old_self)


@lru_cache(maxsize=1024)
def _checking(pool: Pool, spelled: str, functions: frozenset[str], optional_old_self: bool) -> Any:
    module = cel()
    own = json.loads(spelled)
    if optional_old_self:
        return module.NewEnv(descriptor_pool=pool, config=_optional_config(own, functions))
    variables = dict.fromkeys(("self", "oldSelf"), _library_type(own))
    config_of_all = _checking_config(functions)
    return module.NewEnv(descriptor_pool=pool, config=config_of_all, variables=variables)


@cache
def evaluating() -> Any:
    """The environment where `self` is any value and `old` a list with the old one, if there is."""
    kinds = cel().Type
    return _environment({"self": kinds.DYN, "oldSelf": kinds.DYN, "old": kinds.LIST})


@cache
def admitting() -> Any:
    """The environment of what decides about admission: any objects, and the request."""
    return _environment(dict.fromkeys(("object", "oldObject", "request"), cel().Type.DYN))


def _environment(variables: Mapping[str, Any]) -> Any:
    """An environment whose functions are implemented."""
    from opgen.cel.functions import extension

    module = cel()
    return module.NewEnv(
        config=_config({}, _STRINGS),
        variables=dict(variables),
        extensions=[extension(module)],
    )


@cache
def _checking_config(functions: frozenset[str]) -> Any:
    return _config(config(functions))


def _config(more: Mapping[str, Any], *extensions: Mapping[str, Any]) -> Any:
    # JSON is YAML.
    named = [{"name": name} for name in _EXTENSIONS]
    whole = {"name": "kubernetes", "extensions": [*named, _LISTS, *extensions], **more}
    return cel().NewEnvConfigFromYaml(json.dumps(whole))


def _optional_config(own: Mapping[str, Any], functions: frozenset[str]) -> Any:
    # Variables of the constructor cannot have an optional type.
    old = {"type_name": "optional_type", "params": [own]}
    variables = [{"name": "self", **own}, {"name": "oldSelf", **old}]
    return _config({**config(functions), "variables": variables})


def _type(declared: Declared, messages: Messages) -> Mapping[str, Any]:
    """A type as the library's configuration spells it."""
    if declared.kind == "object":
        return {"type_name": messages.name_of(declared)}
    if declared.element is None:
        return {"type_name": declared.kind}
    inner = [_type(declared.element, messages)]
    if declared.kind == "map":
        inner.insert(0, {"type_name": "string"})
    return {"type_name": declared.kind, "params": inner}


def _library_type(spelled: Mapping[str, Any]) -> Any:
    """The same type as an object of the library."""
    types = cel().Type
    name, inner = spelled["type_name"], [_library_type(one) for one in spelled.get("params", ())]
    if inner:
        return types.List(*inner) if name == "list" else types.Map(*inner)
    return getattr(types, name.upper()) if name in _SCALARS else types(name)
