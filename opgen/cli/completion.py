"""`opgen completion SHELL`: a script that completes commands and options."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Shell(StrEnum):
    """The shells that there is a script for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"
    PWSH = "pwsh"


def completion(
    shell: Annotated[Shell, typer.Argument(help="The shell.", show_default=False)],
) -> None:
    """Print a script that completes commands and options.

    For bash, put this into ~/.bashrc: source <(opgen completion bash)
    """
    from typer._completion_shared import get_completion_script

    from opgen.cli import app

    print(get_completion_script(prog_name="opgen", complete_var=app.COMPLETE, shell=shell))
