"""Making the names in an object depend on the release.

kustomize wrote the project's name before every name and its namespace into every object. Both are
found again wherever an object mentions them, and become words that Helm replaces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from opgen.chart import text
from opgen.chart.objects import CRD, Document

NAME_LABEL = "app.kubernetes.io/name"
INSTANCE_LABEL = "app.kubernetes.io/instance"
MANAGED_LABEL = "app.kubernetes.io/managed-by"


def _names(document: Document) -> Iterator[str]:
    """The name of an object, and those of what it or its rules bring about."""
    if document["kind"] != CRD:
        yield document["metadata"]["name"]
    if document["kind"] == "Certificate":
        yield document["spec"]["secretName"]
    for rule in document.get("rules") or ():
        yield from rule.get("resourceNames") or ()


class Naming:
    """What the names of a project's objects become."""

    def __init__(self, project: str, documents: Iterable[Document]) -> None:
        self.project = project
        self.prefix = f"{project}-"
        self.namespace = f"{project}-system"
        known = {name for document in documents for name in _names(document)}
        names = sorted((n for n in known if n.startswith(self.prefix)), key=len, reverse=True)
        choices = "|".join(map(re.escape, (self.namespace, *names)))
        space = re.escape(self.namespace)
        self._names = re.compile(rf"(?<![\w.-])({choices})(\.{space})?(?![\w-])")

    def rest(self, document: Document) -> str:
        """The name of an object without the project's."""
        name: str = document["metadata"]["name"]
        return name.removeprefix(self.prefix)

    def released(self, value: Any) -> Any:
        """A value with words in the places of names, and labels of the release."""
        if isinstance(value, str):
            return self._names.sub(self._word, value)
        if isinstance(value, list):
            return [self.released(item) for item in value]
        if not isinstance(value, dict):
            return value
        found = {key: self.released(item) for key, item in value.items()}
        if found.get(NAME_LABEL) == self.project:
            found[INSTANCE_LABEL] = text.RELEASE
            if MANAGED_LABEL in found:
                found[MANAGED_LABEL] = text.SERVICE
        return found

    def _word(self, found: re.Match[str]) -> str:
        if found[1] == self.namespace:
            return text.NAMESPACE
        space = f".{text.NAMESPACE}" if found[2] else ""  # as in the DNS name of a Service
        return f"{text.FULL_NAME}-{found[1].removeprefix(self.prefix)}{space}"
