"""Property names as CEL knows them.

CEL has identifiers and reserved words; JSON has neither. The API server spells property names in a
way of its own where they differ (Kubernetes documentation, "Validation rules", escaping).
"""

from __future__ import annotations

import re

RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
        "namespace",
        "null",
        "package",
        "return",
        "true",
        "var",
        "void",
        "while",
    ]
)
_SPELLED = {"__": "__underscores__", ".": "__dot__", "-": "__dash__", "/": "__slash__"}
_PLAIN = r"[A-Za-z_][A-Za-z0-9_]*"


def escape(name: str) -> str | None:
    """The identifier for a property; None if CEL cannot reach the property at all."""
    if name in RESERVED:
        return f"__{name}__"
    if re.fullmatch(_PLAIN, name) and "__" not in name:
        return name
    if not name or name[0].isdigit() or not re.fullmatch(r"[A-Za-z0-9_./-]+", name):
        return None
    return re.sub(r"__|[./-]", lambda found: _SPELLED[found[0]], name)
