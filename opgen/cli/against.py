"""`opgen make manifests --against REV`: what the types changed since a revision of git."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from opgen.cli.diff_crd import ChangeFormat, show

if TYPE_CHECKING:
    from opgen.scaffold.crd_files import CrdFile
    from opgen.scaffold.plan import Plan


def make_against(root: Path, revision: str, make: Callable[[], Plan], *, as_json: bool) -> int:
    """Make manifests and show how the CRDs differ from those of a revision; the exit code.

    The revision is read first, so that nothing is written if there is no such revision.

    Raises:
        Problems: the revision cannot be read, or manifests cannot be made.
    """
    from opgen.manifests.generate import CRDS
    from opgen.scaffold.crd_diff import crds_at, differences

    old = crds_at(root, CRDS, revision)
    new = _generated(make(), CRDS)
    return show(differences(old, new), ChangeFormat.JSON if as_json else ChangeFormat.TABLE)


def _generated(plan: Plan, folder: str) -> list[CrdFile]:
    """The CRDs that a plan leaves in a folder."""
    from opgen.scaffold.crd_files import crds_of
    from opgen.scaffold.plan import Verb

    found: list[CrdFile] = []
    for action in plan.actions:
        is_crd = action.path.startswith(f"{folder}/") and action.path.endswith(".yaml")
        if is_crd and action.new and action.verb is not Verb.DELETE:
            found += crds_of(action.new.content, action.path)
    return found
