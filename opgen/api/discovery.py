"""Finding the declarations of a project.

A project's package holds kinds in `<package>.api`, controllers in `<package>.controllers` and
webhooks in `<package>.webhooks`. Every module below those is imported and the decorated classes are
collected, so that nobody edits a list when a controller is added.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

from opgen.api.controllers import controller_info
from opgen.api.resources import resource_info

if TYPE_CHECKING:
    from opgen.api.webhooks import WebhookInfo

ROOMS = ("api", "controllers", "webhooks")


@dataclass(frozen=True, slots=True)
class Declarations:
    """The decorated classes of a package, each once, in the order of module names and lines.

    Attributes:
        runnables: Functions decorated with `on_start` or `periodic`.
        foreign_webhooks: Webhooks that somebody else serves: records in variables of modules, or in
            lists there.
    """

    resources: tuple[type, ...] = ()
    controllers: tuple[type, ...] = ()
    webhooks: tuple[type, ...] = ()
    converters: tuple[type, ...] = ()
    foreign_webhooks: tuple[WebhookInfo, ...] = ()
    runnables: tuple[Callable[..., Any], ...] = ()


def discover(package: str) -> Declarations:
    """Import the declaring modules of a package and collect what they declare.

    Raises:
        ModuleNotFoundError: there is no such package.
        Exception: whatever the import of one of its modules raises.
    """
    return collect([importlib.import_module(name) for name in module_names(package)])


def collect(modules: Iterable[ModuleType]) -> Declarations:
    """What modules that are imported already declare."""
    modules = list(modules)
    classes = list(_classes(modules))

    def those(info: Callable[[type], object]) -> tuple[type, ...]:
        return tuple(cls for cls in classes if info(cls) is not None)

    declared: dict[str, tuple[Any, ...]] = {}
    if "opgen.api.webhooks" in sys.modules:  # or else nobody can have declared one
        from opgen.api.webhooks import converter_info, webhook_info

        declared["webhooks"] = those(webhook_info)
        declared["converters"] = those(converter_info)
        declared["foreign_webhooks"] = tuple({id(one): one for one in _records(modules)}.values())
    if "opgen.api.runnables" in sys.modules:
        declared["runnables"] = tuple(_runnables(modules))
    return Declarations(
        resources=those(resource_info), controllers=those(controller_info), **declared
    )


def module_names(package: str) -> Iterator[str]:
    """The names of all declaring modules of a package, in order; imports packages to list them.

    Raises:
        ModuleNotFoundError: there is no such package.
    """
    root = importlib.import_module(package)
    yield package
    rooms = {info.name: info for info in pkgutil.iter_modules(root.__path__)}
    for room in ROOMS:
        if room not in rooms:
            continue
        name = f"{package}.{room}"
        yield name
        if rooms[room].ispkg:
            yield from _below(name)


def _below(package: str) -> Iterator[str]:
    path = importlib.import_module(package).__path__
    for info in sorted(pkgutil.iter_modules(path), key=lambda info: info.name):
        name = f"{package}.{info.name}"
        yield name
        if info.ispkg:
            yield from _below(name)


def _classes(modules: Iterable[ModuleType]) -> Iterator[type]:
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def _runnables(modules: Iterable[ModuleType]) -> Iterator[Callable[..., Any]]:
    from opgen.api.runnables import runnable_info

    for module in modules:
        for value in vars(module).values():
            if runnable_info(value) is not None and value.__module__ == module.__name__:
                yield value


def _records(modules: Iterable[ModuleType]) -> Iterator[WebhookInfo]:
    from opgen.api.webhooks import WebhookInfo

    for module in modules:
        for value in vars(module).values():
            several = value if isinstance(value, (list, tuple)) else (value,)
            yield from (one for one in several if isinstance(one, WebhookInfo))
