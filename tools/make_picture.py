"""Run the demo and draw its terminal: `python tools/make_picture.py docs/demo.svg`."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from opgen.cli import demo
from opgen.cli.demo_view import LiveView


class Recorded(LiveView):
    """The live view without the frames in between, which a still picture cannot show."""

    def output(self, text: str) -> None:
        """Only the last lines of what a command prints: the picture shall fit a page."""
        lines = [line for line in text.splitlines() if line.strip()]
        super().output("\n".join(line for line in lines if not line.startswith((" ", "Next:"))))

    def end(self, project: Path) -> None:
        """Name the folder as a reader of the picture would see it."""
        super().end(Path("demo") / project.name)

    def objects(self, now: demo.Objects) -> None:
        """Leave the frames out."""


def main() -> int:
    """Run the demo in a temporary folder and write the picture."""
    with open(os.devnull, "w") as nothing, tempfile.TemporaryDirectory() as folder:  # noqa: PTH123
        console = Console(record=True, width=96, file=nothing, force_terminal=True, highlight=False)
        with contextlib.chdir(folder):
            code = demo.run(Path("demo"), Recorded(console, pause=0))
        if code == 0:
            picture = console.export_svg(title="opgen demo")
            # The reader's own monospaced font will do; a picture shall load nothing.
            Path(sys.argv[1]).write_text(re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.S))
    return code


if __name__ == "__main__":
    sys.argv[1] = str(Path(sys.argv[1]).resolve())
    sys.exit(main())
