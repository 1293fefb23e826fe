"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"


DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, write nothing.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show the changes as a diff, write nothing.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace edited files; the old ones are kept beside them.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show unchanged files as well.")]
Output = Annotated[Format, typer.Option("--output", "-o", help="How the plan is shown.")]
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", help="The kubeconfig file; else as for kubectl.")
]
Context = Annotated[str | None, typer.Option("--context", help="The context of the kubeconfig.")]
