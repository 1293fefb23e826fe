"""The checker's library is imported for CRDs with CEL rules, and for no others."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys
from opgen.schema import check
rules = [{"rule": "self.size() > 1"}] if len(sys.argv) > 1 else []
schema = {"type": "string", "maxLength": 3, "x-kubernetes-validations": rules}
root = {"type": "object", "properties": {"x": schema}}
version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": root}}
names = {"kind": "A", "plural": "as"}
spec = {"group": "b.c", "scope": "Cluster", "names": names, "versions": [version]}
assert check({"metadata": {"name": "as.b.c"}, "spec": spec}) == []
print(any(name.startswith(("cel_expr", "google", "opgen.cel")) for name in sys.modules))
"""


@pytest.mark.parametrize(("arguments", "expected"), [([], "False\n"), (["rules"], "True\n")])
def test_imported_when_needed(arguments: list[str], expected: str) -> None:
    command = [sys.executable, "-c", CODE, *arguments]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout == expected
