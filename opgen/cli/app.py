"""The application: all commands, and what becomes of errors.

Exit codes: 0 ok, 1 error, 2 wrong usage, 3 conflicts or stale files, 70 a mistake in opgen,
130 interrupted.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from collections.abc import Sequence

import typer
from typer.main import get_command

import opgen
from opgen.api.errors import Problem, Problems
from opgen.cli import apiserver, create, demo_command, init, install, make, output, run_operator
from opgen.cli.options import CONFLICTS, UsageProblems

ERROR, USAGE, BUG, INTERRUPTED = 1, 2, 70, 130

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("init")(init.init)
app.add_typer(create.app, name="create")
app.add_typer(make.app, name="make")
app.command("run", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    run_operator.run
)
app.command("install")(install.install)
app.command("uninstall")(install.uninstall)
app.command("demo")(demo_command.demo)
app.command("apiserver")(apiserver.apiserver)


@app.callback()
def root() -> None:
    """Kubernetes operators in Python: from a dataclass to a working, deployable operator."""


@app.command()
def version() -> None:
    """Show the version."""
    print(f"opgen {opgen.__version__}")


def run(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code."""
    try:
        result = get_command(app).main(list(arguments), prog_name="opgen", standalone_mode=False)
    except Problems as error:
        output.show_problems(error.problems)
        return _code_of(error)
    except (typer.Abort, KeyboardInterrupt):
        result = INTERRUPTED
    except Exception as error:
        return _unexpected(error)
    if result == INTERRUPTED:
        output.say("Interrupted")
    return result if isinstance(result, int) else 0


def _code_of(error: Problems) -> int:
    from opgen.scaffold.execute import Conflicts

    if isinstance(error, UsageProblems):
        return USAGE
    return CONFLICTS if isinstance(error, Conflicts) else ERROR


def _unexpected(error: Exception) -> int:
    """Tell a wrong command line, or a mistake in opgen with its traceback in a file."""
    if hasattr(error, "format_message") and hasattr(error, "ctx"):
        output.show_problems([_usage(error)])
        return USAGE
    with tempfile.NamedTemporaryFile(
        "w", prefix="opgen-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(f"opgen {opgen.__version__}\nPython {sys.version}\n{sys.argv}\n\n")
        traceback.print_exception(error, file=file)
    text = str(error) or type(error).__name__
    output.show_problems(
        [
            Problem(
                f"a mistake in opgen: {text.splitlines()[0]}",
                hint=f"please report it with the file {file.name}",
            )
        ]
    )
    return BUG


def _usage(error: Exception) -> Problem:
    """A wrong command line as a problem."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "opgen"
    message = " ".join(str(error.format_message()).split()).rstrip(".")  # type: ignore[attr-defined]
    return Problem(message, hint=f"see: {command} --help")
