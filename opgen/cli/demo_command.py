"""`opgen demo`: its arguments, and the choice of the view."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer


def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where the project is made.")
    ] = Path("demo"),
    plain: Annotated[bool, typer.Option("--plain", help="Print lines, no live table.")] = False,
) -> None:
    """Show an operator's whole life with no cluster."""
    from opgen.cli.demo import run
    from opgen.cli.demo_view import LiveView, PlainView

    lively = sys.stdout.isatty() and not plain and find_spec("rich") is not None
    raise typer.Exit(run(folder.resolve(), LiveView() if lively else PlainView()))
