"""From objects to the text of Helm templates.

An object is written as YAML first, with words in the places of Helm's expressions. Then whatever
looks like an expression already, such as Prometheus' `{{ $labels.kind }}`, is quoted, and the words
become expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from opgen.manifests.emitter import dump

FULL_NAME = "OPGENFULLNAME"
NAMESPACE = "OPGENNAMESPACE"
RELEASE = "OPGENRELEASE"
SERVICE = "OPGENSERVICE"
ROLE = "OPGENROLE"
ACCOUNT = "OPGENACCOUNT"
SCOPE = "OPGENSCOPE"
"""A key whose line becomes the namespace of a Role, and nothing for a ClusterRole."""

WORDS: Mapping[str, str] = {
    FULL_NAME: '{{ include "chart.fullname" . }}',
    NAMESPACE: "{{ .Release.Namespace }}",
    RELEASE: "{{ .Release.Name | quote }}",
    SERVICE: "{{ .Release.Service }}",
    ROLE: '{{ include "chart.roleKind" . }}',
    ACCOUNT: '{{ include "chart.serviceAccountName" . }}',
}
_SCOPE_LINE = re.compile(rf"^( *){SCOPE}: .*\n", re.M)
_SCOPE_TEXT = (
    "{{- if .Values.rbac.namespaced }}\n"
    r"\g<1>namespace: {{ .Release.Namespace }}"
    "\n{{- end }}\n"
)
_QUOTED = {"{{": '{{ "{{" }}', "}}": '{{ "}}" }}'}


def template(value: Any, indent: int = 0) -> str:
    """A value with words in it as the text of a template.

    Args:
        value: A mapping or a list.
        indent: The column at which every line of it begins.
    """
    text = re.sub(r"\{\{|\}\}", lambda found: _QUOTED[found[0]], dump(value))
    for word, expression in WORDS.items():
        text = text.replace(word, expression)
    text = _SCOPE_LINE.sub(_SCOPE_TEXT, text)
    margin = " " * indent
    return "".join(f"{margin}{line}" if line.strip() else line for line in text.splitlines(True))


def when(condition: str, text: str) -> str:
    """The text under a condition; without one if it is empty."""
    return f"{{{{- if {condition} }}}}\n{text}{{{{- end }}}}\n" if condition else text
