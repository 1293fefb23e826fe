"""From a dataclass to a structural OpenAPI schema.

A dataclass is read once into a small frozen tree of nodes (`walk`); the markers in its annotations
are applied when the nodes are written out as the JSON object that a CRD carries (`render`). Nothing
is guessed: a type that Kubernetes cannot express is a `Problem` with the place and the way out, and
all problems of a run are collected. The finished document is checked against the API server's own
rules (`preflight`).

Two states of a CRD are compared in `compare`; `importer` goes the way back, from a CRD to classes.

Start reading at `opgen.schema.derive`.
"""

from opgen.schema.derive import Ahead, Derived, Options, crds
from opgen.schema.preflight import check

__all__ = ["Ahead", "Derived", "Options", "check", "crds"]
