"""Which path leads to which webhook; the paths are those that kubebuilder's manifests name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from opgen.api.discovery import discover
from opgen.api.errors import Problem, Problems
from opgen.api.resources import kind_of
from opgen.api.webhooks import Verb, WebhookInfo, converter_info, webhook_info
from opgen.runtime.webhooks.admission import Answer, defaulting, validating
from opgen.runtime.webhooks.conversion import Conversion, Spoke

CONVERT = "/convert"


def find(package: str) -> tuple[type, ...]:
    """The webhooks of a package, then its converters."""
    declared = discover(package)
    return (*declared.webhooks, *declared.converters)


def routes(declared: Iterable[Any]) -> dict[str, Answer]:
    """What answers on which path.

    Args:
        declared: Classes decorated with `@webhook` or `@converter`, or instances of them.

    Raises:
        Problems: two of them are for the same path or version, or one is not decorated.
    """
    found: dict[str, Answer] = {}
    spokes: dict[tuple[str, str], Spoke] = {}
    problems: list[Problem] = []
    for one in declared:
        cls = one if isinstance(one, type) else type(one)
        instance = one() if isinstance(one, type) else one
        if info := webhook_info(cls):
            for verb in info.verbs:
                path = info.path_of(verb)
                if path in found:
                    problems.append(Problem(f"two webhooks are for {path}", location=info.location))
                found[path] = _answer(verb, instance, info)
        elif conversion := converter_info(cls):
            kind = kind_of(conversion.spoke)
            if (kind.api_version, kind.kind) in spokes:
                message = f"two converters are for {kind.kind} of {kind.api_version}"
                problems.append(Problem(message, location=conversion.location))
            spoke = Spoke(conversion.spoke, conversion.hub, instance)
            spokes[(kind.api_version, kind.kind)] = spoke
        else:
            hint = "decorate it with @webhook(...) or @converter(...)"
            problems.append(Problem(f"{cls.__qualname__} is no webhook", hint=hint))
    if problems:
        raise Problems(problems)
    return found | ({CONVERT: Conversion(spokes).answer} if spokes else {})


def _answer(verb: Verb, instance: Any, info: WebhookInfo) -> Answer:
    if verb == "mutate":
        return defaulting(instance, info.resource)
    return validating(instance, info.resource, info.operations)
