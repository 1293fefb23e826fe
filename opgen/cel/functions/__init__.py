"""The functions that Kubernetes adds to CEL, implemented for evaluation.

A value of a type of its own, such as a quantity, is a map with the type's name (`values.tagged`):
the library passes maps to Python functions and compares them by their content. Errors are
`ValueError` with the API server's words.

Start reading at `opgen.cel.functions.extension`.
"""

from opgen.cel.functions.extension import extension

__all__ = ["extension"]
