"""What changes between two states of a CRD, and which changes break somebody.

A change is breaking if an object, a manifest or a client that was right before may be refused, lose
data or mean something else afterwards; everything else is compatible. Every keyword of a schema has
one rule in a table.

Start reading at `opgen.schema.compare.documents`.
"""

from opgen.schema.compare.changes import Change
from opgen.schema.compare.documents import compare

__all__ = ["Change", "compare"]
