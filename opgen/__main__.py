"""The `opgen` command.

`--version` is answered here, before anything else is imported, and the lack of the tool's
dependencies is told in one line.
"""

from __future__ import annotations

import gc
import os
import sys

import opgen

NEEDED = ("typer", "copier", "jinja2", "ruamel")
MISSING = """\
error: the opgen command needs packages that a running operator does without
  hint: pip install 'opgen[cli]'
"""


def main() -> int:
    """Run the command with the process's arguments; returns the exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["version"]):
        print(f"opgen {opgen.__version__}")  # noqa: T201 - it is the result
        return 0
    gc.disable()  # what is imported is no garbage
    code = _make_manifests(arguments) if arguments[:2] == ["make", "manifests"] else _run(arguments)
    gc.freeze()  # and need not be searched at the end, which takes 5 ms
    return code


def _is_complete() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) for name in NEEDED)


def _run(arguments: list[str]) -> int:
    if not _is_complete():
        sys.stderr.write(MISSING)
        return 1
    os.environ.setdefault("TYPER_USE_RICH", "0")  # read when typer is imported; rich costs 60 ms
    from opgen.cli import app

    gc.enable()
    return app.run(arguments)


def _make_manifests(arguments: list[str]) -> int:
    """The one command that runs at every save: it is on its way before the tool is awake."""
    from opgen.cli import manifests_options

    settings = manifests_options.read(arguments[2:])
    if settings is None:
        return _run(arguments)
    from opgen.cli import manifests
    from opgen.manifests import process

    manifests.start_ahead(settings)
    try:
        if not _is_complete():
            return _run(arguments)
        from opgen.manifests import dataclass_methods

        with dataclass_methods.put_off():
            from opgen.cli import outcome

            return outcome.exit_code(lambda: manifests.main(**settings))
    finally:
        process.end_ahead()


if __name__ == "__main__":
    sys.exit(main())
