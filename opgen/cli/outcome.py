"""What becomes of a command: its exit code, and its errors as messages.

Exit codes: 0 ok, 1 error, 2 wrong usage, 3 conflicts or stale files, 70 a mistake in opgen,
130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import opgen
from opgen.cli import output

ERROR, USAGE, CONFLICTS, BUG, INTERRUPTED = 1, 2, 3, 70, 130


def exit_code(act: Callable[[], int]) -> int:
    """Do something and tell what goes wrong; returns the exit code."""
    try:
        code = act()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except Exception as error:
        return _told(error)
    if code == INTERRUPTED:
        output.say("Interrupted")
    return code


def _told(error: Exception) -> int:
    from opgen.api.errors import Problems

    if not isinstance(error, Problems):
        return _mistake(error)
    output.show_problems(error.problems)
    return _code_of(error)


def _code_of(error: Exception) -> int:
    from opgen.cli.errors import StaleProblems, UsageProblems
    from opgen.scaffold.execute import Conflicts

    if isinstance(error, UsageProblems):
        return USAGE
    return CONFLICTS if isinstance(error, StaleProblems | Conflicts) else ERROR


def _mistake(error: Exception) -> int:
    """Tell a mistake in opgen, with its traceback in a file."""
    import tempfile
    import traceback

    from opgen.api.errors import Problem

    with tempfile.NamedTemporaryFile(
        "w", prefix="opgen-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"opgen {opgen.__version__}\nPython {sys.version}\n{sys.argv}\n\n")
        traceback.print_exception(error, file=file)
    text = str(error) or type(error).__name__
    problem = Problem(
        f"a mistake in opgen: {text.splitlines()[0]}",
        hint=f"please report it with the file {file.name}",
    )
    output.show_problems([problem])
    return BUG
