"""The match conditions of webhooks: checked with the configuration, evaluated with each request.

A webhook is asked if all its conditions hold. If one cannot be evaluated and none is false, its
failurePolicy decides. Source: apiserver's `admission/plugin/webhook/matchconditions`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from opgen import cel
from opgen.testing.errors import (
    Document,
    FieldError,
    duplicate,
    forbidden,
    invalid_value,
    required,
)
from opgen.testing.objects.names import qualified_name_problems
from opgen.testing.resources.strategies import Strategy
from opgen.testing.webhooks.rules import Attributes, Webhook

log = logging.getLogger("opgen.testing")


class ConfigurationStrategy(Strategy):
    """For configurations of webhooks."""

    unconditional_update = False

    def validate(self, new: Document, old: Document | None) -> Iterator[FieldError]:
        """Their conditions must have names, and must compile."""
        for index, webhook in enumerate(new.get("webhooks") or ()):
            conditions = webhook.get("matchConditions") or ()
            yield from _problems(conditions, f"webhooks[{index}].matchConditions")

    def warnings(self, new: Document, old: Document | None) -> Iterator[str]:
        """That conditions are not evaluated, where they cannot be."""
        webhooks = new.get("webhooks") or ()
        if not cel.installed() and any(item.get("matchConditions") for item in webhooks):
            yield (
                f"the matchConditions of {new['metadata'].get('name')} are not evaluated, because "
                f"cel-expr-python is not installed: {cel.INSTALL}"
            )


def _problems(conditions: Any, path: str) -> Iterator[FieldError]:
    seen: set[str] = set()
    for index, condition in enumerate(conditions):
        field = f"{path}[{index}]"
        expression, name = condition.get("expression") or "", condition.get("name") or ""
        if not expression.strip():
            yield required(f"{field}.expression")
        elif cel.installed():
            yield from _compile_problems(expression, f"{field}.expression")
        if not name:
            yield required(f"{field}.name")
            continue
        for text in qualified_name_problems(name):
            yield invalid_value(f"{field}.name", name, text)
        if name in seen:
            yield duplicate(f"{field}.name", name)
        seen.add(name)


def _compile_problems(expression: str, field: str) -> Iterator[FieldError]:
    try:
        _compiled(expression)
    except cel.EvaluationError as error:
        yield invalid_value(field, expression, str(error))


@lru_cache(maxsize=256)
def _compiled(expression: str) -> cel.Condition:
    return cel.Condition(expression)


def conditions_hold(webhook: Webhook, attributes: Attributes, request: Document) -> bool:
    """Whether all conditions of a webhook hold for the request of an AdmissionReview.

    Raises:
        StatusError: 403, one cannot be evaluated and the webhook must not be left out.
    """
    conditions = webhook.document.get("matchConditions")
    if not conditions or not cel.installed():
        return True
    failures: list[str] = []
    for condition in conditions:
        expression = condition["expression"]
        try:
            if not _compiled(expression).holds(request["object"], request["oldObject"], request):
                return False
        except cel.EvaluationError as error:
            failures.append(f"expression '{expression}' resulted in error: {error}")
    if not failures:
        return True
    text = failures[0] if len(failures) == 1 else f"[{', '.join(failures)}]"
    if webhook.ignores_failure:
        log.warning("conditions of webhook %s, failing open: %s", webhook.name, text)
        return False
    raise forbidden(*attributes.type.resource, attributes.name, text)
