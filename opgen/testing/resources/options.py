"""What a write is told besides its document, and by whom it is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from opgen.testing.errors import Document
from opgen.testing.resources.rbac import User

CONTROLLER_MANAGER = User("system:kube-controller-manager", ("system:authenticated",))
"""Who the server's own controllers are."""


@dataclass(slots=True)
class WriteOptions:
    """The query of a write.

    `warnings` collects what the client shall be told. `approval` raises if this user may not write
    this object. `emptied` are the fields that the document has as empty maps, which are not stored;
    `duplicates` are those that it has more than once. `unset` is the metadata of a custom object
    that is applied empty: nobody decodes it, so it is shown if the object goes with the apply.
    """

    manager: str = "unknown"
    dry_run: bool = False
    field_validation: str = "Warn"
    force: bool = False
    user: User = CONTROLLER_MANAGER
    warnings: list[str] = field(default_factory=list)
    approval: Callable[[Document, Document | None], None] | None = None
    emptied: frozenset[str] = frozenset()
    duplicates: Sequence[str] = ()
    unset: Document = field(default_factory=dict)

    def document(self, kind: str) -> Document:
        """The options as webhooks are shown them; `kind` such as `CreateOptions`."""
        options: Document = {"kind": kind, "apiVersion": "meta.k8s.io/v1"}
        if self.dry_run:
            options["dryRun"] = ["All"]
        options["fieldManager"] = self.manager
        options["fieldValidation"] = self.field_validation
        return options


Mutation = Callable[[Document], Document]
