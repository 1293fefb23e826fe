"""Match conditions: expressions about a request that say whether a webhook is asked.

They see `object` and `oldObject`, null where there is none, and `request`, as an AdmissionReview
has it. `authorizer` is not known here. Source: "Matching requests: matchConditions" of the
Kubernetes documentation.
"""

from __future__ import annotations

from typing import Any

from opgen.cel.checking import compile_wording
from opgen.cel.evaluation import EvaluationError, run, with_optional_calls
from opgen.cel.library import admitting
from opgen.cel.tree import read


class Condition:
    """A match condition, compiled."""

    def __init__(self, expression: str) -> None:
        """Compile an expression.

        Raises:
            ImportError: the library is not installed.
            EvaluationError: the library cannot compile the expression, or it is of another type
                than bool; the text is that of the API server.
        """
        self.expression = expression
        try:
            self._compiled = admitting().compile(with_optional_calls(expression))
        except RuntimeError as error:
            raise EvaluationError(compile_wording(str(error))) from None
        tree = read(self._compiled.serialize())
        found = tree.type_of(tree.root).kind
        if found != "bool":
            raise EvaluationError(f"must evaluate to bool but got {found}")

    def holds(self, new: Any, old: Any, request: Any) -> bool:
        """Whether it is true of a request.

        Args:
            new: The JSON value of the object; None for a deletion.
            old: The JSON value that is stored; None for a creation.
            request: The request of the AdmissionReview.

        Raises:
            EvaluationError: the expression fails on these values.
        """
        data = {"object": new, "oldObject": old, "request": request}
        return run(self._compiled, data) is True
