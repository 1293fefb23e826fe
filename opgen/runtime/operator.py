"""What a function of `on_start` or `periodic` can do."""

from __future__ import annotations

from opgen.runtime.reader import Reader


class OperatorContext(Reader):
    """The operator as a whole: its caches, its client and a logger.

    It belongs to no object, so there is nothing to own, to tell events about or to set conditions
    on; `client` writes what has to be written.
    """
