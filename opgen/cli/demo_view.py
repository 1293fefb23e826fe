"""How the demo is shown: plain lines, or a live table on a terminal.

Start reading at `View`.
"""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from opgen.cli.demo import Objects

COLUMNS = ("KIND", "NAME", "STATE")


class View(Protocol):
    """What the demo tells, in the order in which it happens."""

    def command(self, text: str) -> None:
        """A command is about to run."""

    def output(self, text: str) -> None:
        """What it printed."""

    def objects(self, now: Objects) -> None:
        """The objects may have changed."""

    def outcome(self, text: str, seconds: float, now: Objects) -> None:
        """What was waited for has come."""

    def fail(self, text: str) -> int:
        """It has not come. Returns the exit code."""
        ...

    def end(self, project: Path) -> None:
        """All is done."""


def rows(now: Objects) -> list[tuple[str, str, str]]:
    """The table of the three objects."""
    from opgen.cli.demo import NAME, value

    deployment: dict[str, Any] = value(now.deployment, "status", default={})
    table = []
    if now.webserver is not None:
        wanted = value(now.webserver, "spec", "replicas", default=0)
        state = "available" if now.available else "progressing"
        table.append(("WebServer", NAME, f"{now.ready}/{wanted} ready, {state}"))
    if now.deployment is not None:
        wanted = value(now.deployment, "spec", "replicas", default=0)
        ready = deployment.get("readyReplicas", 0)
        table.append(("Deployment", NAME, f"{ready}/{wanted} ready, {now.image}"))
    if now.service is not None:
        node_port = value(now.service, "spec", "ports", default=[{}])[0].get("nodePort")
        table.append(("Service", f"{NAME}-service", f"{now.port}:{node_port}/TCP"))
    return table


def ending(project: Path) -> str:
    """Where the project is and what to do with it."""
    types = f"{project.name.replace('-', '_')}/api"
    return (
        f"The project is in {project}. Open it, edit the types in {types}, then:\n\n"
        f"    cd {shlex.quote(str(project))} && make test\n"
    )


class PlainView:
    """Lines on standard output, for pipes and logs."""

    def command(self, text: str) -> None:
        """Print the command behind a prompt."""
        print(f"\n$ {text}", flush=True)

    def output(self, text: str) -> None:
        """Print it as it is."""
        print(text.rstrip(), flush=True)

    def objects(self, now: Objects) -> None:
        """Plain lines show the objects at the outcome only."""

    def outcome(self, text: str, seconds: float, now: Objects) -> None:
        """Print the outcome and the table."""
        print(f"-> {text} ({seconds:.2f} s)")
        table = [COLUMNS, *rows(now)] if rows(now) else [("no objects are left", "", "")]
        for kind, name, state in table:
            print(f"   {kind:<12}{name:<26}{state}".rstrip(), flush=True)

    def fail(self, text: str) -> int:
        """Print what is missing."""
        print(f"error: {text}", flush=True)
        return 1

    def end(self, project: Path) -> None:
        """Print where the project is."""
        print(f"\n{ending(project)}", flush=True)


class LiveView(PlainView):
    """The same lines, with a table under them that follows the objects while a step runs."""

    def __init__(self, console: Console | None = None, *, pause: float = 1.5) -> None:
        from rich.console import Console
        from rich.live import Live

        self.console = console or Console(highlight=False)
        self.pause = pause
        """Seconds for which an outcome stands before the next command, so that it can be read."""
        self.live = Live(console=self.console, auto_refresh=False, transient=True)

    def command(self, text: str) -> None:
        """Print the command in bold."""
        from rich.text import Text

        self.console.print()
        self.console.print(Text(f"$ {text}", style="bold"))

    def output(self, text: str) -> None:
        """Print what the command printed, dimmed."""
        from rich.text import Text

        self.console.print(Text(text.rstrip(), style="dim"))

    def objects(self, now: Objects) -> None:
        """Redraw the table."""
        if not self.live.is_started:
            self.live.start()
        self.live.update(self._table(now), refresh=True)

    def outcome(self, text: str, seconds: float, now: Objects) -> None:
        """Leave the last table standing under the outcome."""
        from rich.text import Text

        self.live.stop()
        self.console.print(Text(f"-> {text} ({seconds:.2f} s)", style="green"))
        self.console.print(self._table(now))
        time.sleep(self.pause)

    def fail(self, text: str) -> int:
        """Print what is missing in red."""
        from rich.text import Text

        self.live.stop()
        self.console.print(Text(f"error: {text}", style="red"))
        return 1

    def end(self, project: Path) -> None:
        """Print where the project is."""
        self.console.print()
        self.console.print(ending(project), markup=False)

    def _table(self, now: Objects) -> RenderableType:
        from rich.table import Table
        from rich.text import Text

        if not rows(now):
            return Text("   no objects are left", style="dim")
        table = Table(box=None, pad_edge=True, padding=(0, 2))
        for column in COLUMNS:
            table.add_column(column)
        for row in rows(now):
            table.add_row(*row)
        return table
