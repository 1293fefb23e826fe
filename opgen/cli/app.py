"""The application: all commands, each imported when it is called or listed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

import typer
from typer.main import get_command

import opgen
from opgen.cli import outcome

COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("init", "init"),
    "create": ("create", "app"),
    "destroy": ("destroy", "app"),
    "edit": ("edit", "edit"),
    "update": ("update", "update"),
    "list": ("status", "list_kinds"),
    "status": ("status", "status"),
    "doctor": ("status", "doctor"),
    "make": ("make", "app"),
    "import": ("import_crd", "app"),
    "lint": ("lint_crd", "app"),
    "diff": ("diff_crd", "app"),
    "docs": ("docs_api", "app"),
    "run": ("run_operator", "run"),
    "install": ("install", "install"),
    "uninstall": ("install", "uninstall"),
    "deploy": ("deploy", "deploy"),
    "undeploy": ("deploy", "undeploy"),
    "build-installer": ("deploy", "build_installer"),
    "chart": ("chart", "chart"),
    "docker-build": ("docker", "docker_build"),
    "docker-push": ("docker", "docker_push"),
    "docker-buildx": ("docker", "docker_buildx"),
    "demo": ("demo_command", "demo"),
    "apiserver": ("apiserver", "apiserver"),
    "completion": ("completion", "completion"),
    "help": ("topics", "help_topic"),
    "version": ("app", "version"),
}
"""The module and the name of each command, in the order of `opgen --help`."""

COMPLETE = "_OPGEN_COMPLETE"
"""The variable by which a shell's script asks for completions."""
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
_SETTINGS: Mapping[str, dict[str, Any]] = {"run": _PASSED_ON}


def root() -> None:
    """Kubernetes operators in Python: from a dataclass to a working, deployable operator."""


def version() -> None:
    """Show the version."""
    print(f"opgen {opgen.__version__}")


def application(names: Iterable[str] = COMMANDS) -> typer.Typer:
    """The application with the given commands."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    for name in names:
        module, attribute = COMMANDS[name]
        command = getattr(import_module(f"opgen.cli.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, context_settings=_SETTINGS.get(name))(command)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run a command; returns the exit code."""
    return outcome.exit_code(lambda: _run(arguments))


def _run(arguments: Sequence[str]) -> int:
    if COMPLETE in os.environ:
        from typer._completion_classes import completion_init

        completion_init()
    _refuse_unspeakable(arguments)
    called = [name for name in arguments[:1] if name in COMMANDS]
    command = _in_order(get_command(application(called or COMMANDS)))
    try:
        result = command.main(list(arguments), prog_name="opgen", standalone_mode=False)
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    except Exception as error:
        if hasattr(error, "format_message") and hasattr(error, "ctx"):
            raise _usage(error) from error
        raise
    return result if isinstance(result, int) else 0


def _refuse_unspeakable(arguments: Sequence[str]) -> None:
    """Refuse arguments that no file name and no file can hold.

    Raises:
        UsageProblems: one holds NUL, or bytes that are no text.
    """
    wrong = [one for one in arguments if "\0" in one or any("\ud800" <= c <= "\udfff" for c in one)]
    if wrong:
        from opgen.api.errors import Problem
        from opgen.cli.errors import UsageProblems

        hint = "pass it as text in the encoding of the terminal"
        raise UsageProblems(
            Problem(f"the argument {one!a} holds bytes that are no text", hint=hint)
            for one in wrong
        )


def _in_order(group: Any) -> Any:
    """The group with its commands as in COMMANDS; typer has groups last."""
    group.commands = {name: group.commands[name] for name in COMMANDS if name in group.commands}
    return group


def _usage(error: Any) -> Exception:
    """A wrong command line as a problem."""
    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems

    command = error.ctx.command_path if error.ctx else "opgen"
    message = " ".join(str(error.format_message()).split()).rstrip(".")
    return UsageProblems([Problem(message, hint=f"see: {command} --help")])
