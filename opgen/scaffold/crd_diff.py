"""What changed between two states of the CRDs of files, by the names of the CRDs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opgen.api.errors import Problems
from opgen.scaffold.crd_files import CrdFile, complete, crds_of
from opgen.schema.compare import Change, compare


@dataclass(frozen=True, slots=True)
class CrdChange:
    """A change and the CRD that it is about."""

    crd: str
    change: Change

    @property
    def is_breaking(self) -> bool:
        """Whether somebody must do something about it."""
        return self.change.severity == "breaking"


def differences(old: Iterable[CrdFile], new: Iterable[CrdFile]) -> list[CrdChange]:
    """The changes of all CRDs, in the order of their names.

    Raises:
        Problems: a CRD has not the fields that every CRD has.
    """
    before, after = _by_name(old), _by_name(new)
    found: list[CrdChange] = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            found.append(CrdChange(name, Change("breaking", "", "the CRD is gone")))
        elif name not in before:
            found.append(CrdChange(name, Change("compatible", "", "the CRD is new")))
        else:
            found += [CrdChange(name, change) for change in compare(before[name], after[name])]
    return found


def _by_name(crds: Iterable[CrdFile]) -> dict[str, Mapping[str, Any]]:
    crds = list(crds)
    complete(crds)
    return {crd.name: crd.document for crd in crds}


def crds_at(root: Path, folder: str, revision: str) -> list[CrdFile]:
    """The CRDs that a folder of a project had in a revision of git; none if it was not there.

    Raises:
        Problems: there is no such revision, no repository or no git.
    """
    _git(root, revision, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    listed = _git(root, revision, "ls-tree", "-z", "--name-only", revision, f"{folder}/")
    found: list[CrdFile] = []
    for name in filter(None, listed.decode().split("\0")):
        if name.endswith((".yaml", ".yml")):
            content = _git(root, revision, "show", f"{revision}:./{name}")
            if b"CustomResourceDefinition" in content:
                found += crds_of(content, f"{revision}:{name}")
    return found


def _git(root: Path, revision: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Problems.of(
            f"{revision} cannot be read: there is no git", hint="install git"
        ) from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        why = said.splitlines()[0] if said else "there is no such revision"
        raise Problems.of(
            f"{revision} cannot be read: {why}",
            hint="pass a revision of the project's repository, such as main or HEAD~1",
        )
    return done.stdout
