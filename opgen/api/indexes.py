"""Indexes: by what cached objects can be found.

```python
by_image = Index("image", lambda site: [site.spec.image])

@controller(Site, indexes=(by_image,))
class SiteController:
    async def reconcile(self, obj: Site, ctx: Context) -> None:
        others = await ctx.list(Site, index=(by_image, obj.spec.image))
```

An index is declared and used as the same value, so that one that nobody has declared is noticed
when the operator starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from opgen.api.callables import refuse_coroutine
from opgen.api.errors import Location

Object = TypeVar("Object", contravariant=True)


@dataclass(frozen=True, eq=False, slots=True)
class Index(Generic[Object]):
    """What objects of a kind can be found by.

    Attributes:
        name: Its name, of which there is one for each kind.
        values: Gives the values by which an object can be found.

    Raises:
        TypeError: `values` is asynchronous.
    """

    name: str
    values: Callable[[Object], Iterable[str]]

    def __post_init__(self) -> None:
        refuse_coroutine(self.values, "runs while a change is taken in")

    @property
    def location(self) -> Location | None:
        """Where its function stands, if that can be known."""
        code = getattr(self.values, "__code__", None)
        return Location(code.co_filename, code.co_firstlineno) if code is not None else None
