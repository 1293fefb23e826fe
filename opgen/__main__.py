"""The `opgen` command.

`--version` is answered here, before anything else is imported, and the lack of the tool's
dependencies is told in one line.
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec

import opgen

NEEDED = ("typer", "copier", "jinja2", "ruamel")
MISSING = """\
error: the opgen command needs packages that a running operator does without
  hint: pip install 'opgen[cli]'
"""


def main() -> int:
    """Run the command with the process's arguments; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        print(f"opgen {opgen.__version__}")  # noqa: T201 - it is the result
        return 0
    if any(find_spec(name) is None for name in NEEDED):
        sys.stderr.write(MISSING)
        return 1
    os.environ.setdefault("TYPER_USE_RICH", "0")  # read when typer is imported; rich costs 60 ms
    from opgen.cli.app import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
