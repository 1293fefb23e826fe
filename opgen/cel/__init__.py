"""CEL, the language of the rules in CRDs, behind one small door.

The library cel-expr-python (extra `opgen[cel]`) parses, type-checks and evaluates. This room tells
it how the API server types a schema (`declared`, `descriptors`), which functions Kubernetes adds
(`declarations`, `functions`), and computes what the library does not: the estimated cost (`cost`,
`calls`) by which the API server refuses rules. Importing this room imports no library; `installed`
tells whether there is one.

Start reading at `opgen.cel.checking`, for running rules at `opgen.cel.evaluation`, and
for the conditions of webhooks at `opgen.cel.conditions`.
"""

from opgen.cel.checking import Checked, Scope
from opgen.cel.conditions import Condition
from opgen.cel.evaluation import EvaluationError, Program
from opgen.cel.library import INSTALL, installed

__all__ = ["INSTALL", "Checked", "Condition", "EvaluationError", "Program", "Scope", "installed"]
