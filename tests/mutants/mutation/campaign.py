"""A campaign: mutants from a seed, the verdicts of both judges, and where they differ."""

from __future__ import annotations

import asyncio
import copy
import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from opgen.runtime.config import ClusterConfig
from opgen.runtime.errors import Unreachable
from opgen.runtime.transport import Transport
from opgen.schema import check

from . import names, structure, values  # noqa: F401  their operators enter the table
from .changes import OPERATORS, Draft, NothingToChange, Operator
from .sources import Document

PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ATTEMPTS = 50
_RULES = "x-kubernetes-validations"
_FACTOR = r"exceeds budget by factor of (more than 100x|[\d.]+x)"
ECHOES = frozenset(
    [
        *("spec.version", "status.storedVersions", "metadata.name"),
        *("spec.names.listKind", "spec.names.singular"),
    ]
)
"""What the server fills in itself, and finds wrong once more where its source is wrong."""
_SCHEMA = r"spec\.(versions\[\d+\]\.schema|validation)\.openAPIV3Schema"
_HOISTED = r"spec\.versions\[\d+\]\.(additionalPrinterColumns|subresources|selectableFields)"


@dataclass(frozen=True)
class Mutant:
    """A changed CRD: its number in the campaign, where it comes from, what was done to it."""

    number: int
    source: str
    operator: Operator
    document: Document

    def __str__(self) -> str:
        return f"#{self.number} {self.operator.rule} {self.operator.name} on {self.source}"


@dataclass(frozen=True)
class Verdict:
    """Whether a judge takes a CRD and, if not, the fields that it names with its words."""

    accepted: bool
    fields: tuple[str, ...]
    words: str
    messages: tuple[str, ...] = ()
    """What is said of each field, if the judge is opgen."""

    def without(self, pattern: str) -> Verdict:
        """The same without what a pattern describes."""
        told = zip(self.fields, self.messages, strict=True)
        left = [(field, words) for field, words in told if not re.fullmatch(pattern, words)]
        messages = tuple(words for _, words in left)
        fields = tuple(field for field, _ in left)
        return Verdict(not left, fields, "; ".join(messages), messages)


def mutants(seed: int, count: int, sources: list[tuple[str, Document]]) -> Iterator[Mutant]:
    """So many mutants; each depends on the seed and its number alone."""
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        operator = OPERATORS[number % len(OPERATORS)]
        for _ in range(_ATTEMPTS):
            source, document = chance.choice(sources)
            changed = copy.deepcopy(document)
            try:
                operator.change(Draft(changed, chance))
            except NothingToChange:
                continue
            yield Mutant(number, source, operator, changed)
            break


def of_opgen(document: Document) -> Verdict:
    """The verdict of preflight."""
    errors = [problem for problem in check(document) if problem.severity == "error"]
    fields = tuple(_normal(problem.field) for problem in errors)
    messages = tuple(problem.message for problem in errors)
    return Verdict(not errors, fields, "; ".join(messages), messages)


async def of_server(config: ClusterConfig, documents: Iterable[Document]) -> list[Verdict]:
    """The verdicts of a real API server on creating each CRD in a dry run."""
    transport = Transport(config, user_agent="mutants/1.0")
    try:
        return [await _ask(transport, document) for document in documents]
    finally:
        await transport.close()


async def _ask(transport: Transport, document: Document) -> Verdict:
    body = json.dumps(document).encode()
    try:
        reply = await transport.send(
            "POST", PATH, params={"dryRun": "All"}, body=body, content_type="application/json"
        )
    except Unreachable as error:
        # A server that panics closes the connection.
        return Verdict(False, (), str(error))
    answer: dict[str, Any] = json.loads(reply.body)
    if reply.status == 201:
        return Verdict(True, (), "")
    causes = (answer.get("details") or {}).get("causes") or []
    fields = tuple(_normal(cause.get("field", "")) for cause in causes)
    return Verdict(False, fields, f"{reply.status} {answer.get('message', '')}")


def judge(config: ClusterConfig, found: list[Mutant]) -> list[tuple[Mutant, Verdict, Verdict]]:
    """Each mutant with opgen's verdict and the server's."""
    theirs = asyncio.run(of_server(config, [mutant.document for mutant in found]))
    ours = [of_opgen(mutant.document) for mutant in found]
    return list(zip(found, ours, theirs, strict=True))


def same_fields(ours: Verdict, theirs: Verdict) -> bool:
    """Whether each judge's fields are all named by the other, if perhaps less precisely."""
    if not theirs.fields:
        return True
    if "rule compile error" in theirs.words:
        return "compilation failed" in ours.words
    own = [field for field in theirs.fields if field not in ECHOES] or list(theirs.fields)
    told = ours.fields
    if stops_at_defaults(theirs):
        told = tuple(field for field in told if _RULES not in field)
    return all(_named(field, theirs.fields) for field in told) and all(
        _named(field, ours.fields) for field in own
    )


def stops_at_defaults(theirs: Verdict) -> bool:
    """Whether the server has looked at no CEL rules for the sake of a default; opgen tells both."""
    return any(re.search(r"\.default\b", field) for field in theirs.fields)


def same_costs(ours: Verdict, theirs: Verdict) -> bool:
    """Whether both name the same factors by which CEL rules are too expensive."""
    if stops_at_defaults(theirs):
        return True
    return set(re.findall(_FACTOR, ours.words)) == set(re.findall(_FACTOR, theirs.words))


def _named(field: str, others: tuple[str, ...]) -> bool:
    return any(_leads(field, other) or _leads(other, field) for other in others)


def _leads(path: str, inner: str) -> bool:
    return inner == path or inner.startswith((f"{path}.", f"{path}["))


def _normal(field: str) -> str:
    """A field's path as the server writes it where all versions have the same schema."""
    field = re.sub(_SCHEMA, "schema", field)
    field = re.sub(_HOISTED, r"spec.\1", field)
    # Named as in the server's own types.
    field = field.replace("conversion.webhookClientConfig", "conversion.webhook.clientConfig")
    field = field.replace("conversion.conversionReview", "conversion.webhook.conversionReview")
    # It takes the one for the other: k8s.io/apiserver/pkg/util/webhook has them in another order.
    field = re.sub(r"(clientConfig\.service)\.(name|namespace)$", r"\1", field)
    return field.replace("JSONPath", "jsonPath")
