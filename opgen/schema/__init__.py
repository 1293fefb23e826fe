"""From a dataclass to a structural OpenAPI schema.

A dataclass is read once into a small frozen tree of nodes; the markers in its annotations change
those nodes, and the nodes are written out as the JSON object that a CRD carries. Nothing is
guessed: a type that Kubernetes cannot express is a `Problem` with the place and the way out, and
all problems of a run are collected.

Start reading at `opgen.schema.derive`.
"""
