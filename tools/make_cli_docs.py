"""Write docs/cli.md from the application: every command with its arguments and options.

python tools/make_cli_docs.py [--check]; with --check nothing is written, and the exit code is 3 if
the file is not as it would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from opgen.cli.app import COMMANDS, application
from opgen.cli.topics import TOPICS

PAGE = Path(__file__).resolve().parent.parent / "docs/cli.md"
HEAD = """\
# Commands

<!-- Written by tools/make_cli_docs.py from the commands themselves. -->

Results go to standard output, everything meant for people to standard error. Commands that change
files make a plan first, and carry it out completely or not at all. `--dry-run` shows the plan,
`--diff` shows it as a diff, `--output json` as data. Commands work in every folder of a project.
"""


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for name in COMMANDS:
        command = get_command(application([name])).commands[name]
        parts += _command(f"opgen {name}", command)
    for topic, text in TOPICS.items():
        parts.append(f"## {topic.replace('-', ' ').capitalize()}\n\n```text\n{text}```\n")
    return "\n".join(parts)


def _command(path: str, command: Any) -> Iterator[str]:
    """A command, or each command of a group."""
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from _command(f"{path} {name}", one)
        return
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    shown = " ".join(_argument(one) for one in arguments)
    yield f"## {path}\n\n```text\n{' '.join(filter(None, (path, '[OPTIONS]', shown)))}\n```\n"
    yield f"{_prose(command.help)}\n"
    rows = [_row(one) for one in command.params if one.param_type_name == "option"]
    rows = [row for row in rows if row]
    if rows:
        yield "| option | what it does |\n|---|---|\n" + "\n".join(rows) + "\n"


def _argument(one: Any) -> str:
    name = one.metavar or one.name.upper()
    return name if one.required or name.startswith("[") else f"[{name}]"


def _prose(text: str | None) -> str:
    paragraphs = (text or "").strip().split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _row(one: Any) -> str:
    if one.name in ("help", "install_completion", "show_completion"):
        return ""
    names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
    choices = getattr(one.type, "choices", None)
    values = f" {', '.join(map(str, choices))}." if choices else ""
    required = " Required." if one.required else ""
    return f"| {names} | {(one.help or '').replace('|', chr(92) + '|')}{values}{required} |"


def main() -> int:
    """Write or check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    wanted = page()
    if not parser.parse_args().check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == wanted:
        return 0
    print("docs/cli.md is stale; run: python tools/make_cli_docs.py", file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main())
