"""What the cells of nodes show. Source: Kubernetes' pkg/printers/internalversion, `printNode`."""

from __future__ import annotations

from opgen.testing.errors import Document
from opgen.testing.web.cells import NONE, UNKNOWN, Shown, part

_ROLE, _OLD_ROLE = "node-role.kubernetes.io/", "kubernetes.io/role"
_STATUS = {"True": "Ready"}


def status(document: Document) -> str:
    """Whether it is ready, and whether pods may come to it."""
    conditions = part(document, "status", "conditions", default=())
    found = {item["type"]: _STATUS.get(item["status"], "NotReady") for item in conditions}
    shown = [found.get("Ready", "Unknown")]
    if part(document, "spec", "unschedulable"):
        shown.append("SchedulingDisabled")
    return ",".join(shown)


def roles(document: Document) -> str:
    """What it is for, by its labels."""
    labels = part(document, "metadata", "labels", default={})
    found = {name.removeprefix(_ROLE) for name in labels if name.startswith(_ROLE)}
    found.add(labels.get(_OLD_ROLE, ""))
    return ",".join(sorted(found - {""})) or NONE


def address(kind: str) -> Shown:
    """Its first address of a kind."""

    def shown(document: Document) -> str:
        addresses = part(document, "status", "addresses", default=())
        return next((item["address"] for item in addresses if item["type"] == kind), NONE)

    return shown


def about(name: str) -> Shown:
    """What it tells of its machine."""
    return lambda document: part(document, "status", "nodeInfo", name) or UNKNOWN


def kernel(document: Document) -> str:
    """The kernel, and for which processor it is."""
    architecture = part(document, "status", "nodeInfo", "architecture")
    shown: str = about("kernelVersion")(document)
    return f"{shown} ({architecture})" if architecture else shown
