"""`opgen create api --from-crd FILE`: a kind that exists already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from opgen.cli import output

if TYPE_CHECKING:
    from opgen.cli.plans import Mode
    from opgen.scaffold.crd_files import CrdFile


@dataclass(frozen=True, slots=True)
class FromCrd:
    """What `opgen create api` was told beside `--from-crd`.

    Attributes:
        source: The file of the CRD.
        kind: Which CRD of the file; it may have one only, if left out.
        version: The version that the controller works with; the stored one if left out.
        controller: Whether a controller is written; it is, if left out.
        given: Options that the CRD answers, with their values.
    """

    source: str
    kind: str | None
    version: str | None
    controller: bool | None
    given: Mapping[str, Any]

    def create(self, root: Path, mode: Mode, *, make: bool, force: bool) -> None:
        """Add the kind of the CRD to the project.

        Raises:
            UsageProblems: an option was given that the CRD answers.
            Problems: something is wrong with the CRD or the project.
        """
        from opgen.cli.manifests import make_manifests
        from opgen.cli.plans import Mode, carry_out
        from opgen.scaffold.from_crd import create_from_crd

        self._refuse_others()
        crd = self._chosen()
        controller = self.controller is not False
        plan = carry_out(
            lambda: create_from_crd(root, crd, self.version, controller=controller, force=force),
            mode,
        )
        if not mode.writes:
            return
        if make:
            make_manifests(root, Mode(verbose=mode.verbose))
        paths = [action.path for action in plan.actions if action.path.endswith("_controller.py")]
        edited = [path for path in paths if not path.startswith("tests/")]
        output.show_next(*(f"edit {path}" for path in edited), "make manifests", "make test")

    def _refuse_others(self) -> None:
        from opgen.api.errors import Problem
        from opgen.cli.errors import UsageProblems

        told = [f"--{name}" for name, value in self.given.items() if value is not None]
        if told:
            hint = "leave it out; what is not as it should be is edited in the types"
            raise UsageProblems(
                Problem(f"{flag} does not go with --from-crd, which answers it", hint=hint)
                for flag in told
            )

    def _chosen(self) -> CrdFile:
        """The CRD of the file that was asked for.

        Raises:
            Problems: there is none, or there are several and none was chosen.
        """
        from opgen.api.errors import Problems
        from opgen.scaffold.crd_files import load
        from opgen.scaffold.imported import chosen

        crds = load(self.source)
        if self.kind is None and len(crds) > 1:
            raise Problems.of(
                f"{self.source} has {len(crds)} CRDs: {', '.join(crd.name for crd in crds)}",
                hint="choose one with --kind",
            )
        return chosen(crds, [self.kind] if self.kind else [], "--kind")[0]
