"""From a CRD to the dataclasses that make it: the way back of `opgen.schema.derive`.

Every keyword becomes the type or marker that writes it; what has no marker is kept as raw `Schema`,
so that nothing is lost. Names in Python follow the JSON names where they can.

Start reading at `opgen.schema.importer.module`.
"""

from opgen.schema.importer.module import source

__all__ = ["source"]
