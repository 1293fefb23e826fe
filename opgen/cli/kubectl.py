"""kubectl, always told which cluster: the one whose address was printed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from opgen.cli import output

FIELD_MANAGER = "opgen"


@dataclass(frozen=True, slots=True)
class Kubectl:
    """kubectl with the arguments that pin a cluster."""

    program: str
    pins: tuple[str, ...]

    def apply(self, text: str, *, force: bool = False) -> None:
        """Apply YAML on the server's side.

        Raises:
            Problems: kubectl ended with an error, which it has printed.
        """
        arguments = ("--server-side", f"--field-manager={FIELD_MANAGER}")
        self._run("apply", *arguments, *(("--force-conflicts",) if force else ()), text=text)

    def delete(self, text: str) -> None:
        """Delete what YAML names, as far as it is there, and wait until it is gone.

        Raises:
            Problems: kubectl ended with an error, which it has printed.
        """
        self._run("delete", "--ignore-not-found", text=text)

    def _run(self, verb: str, *arguments: str, text: str) -> None:
        from opgen.api.errors import Problems

        command = [self.program, *self.pins, verb, *arguments, "--filename=-"]
        finished = subprocess.run(command, input=text, text=True, encoding="utf-8", check=False)
        if finished.returncode:
            raise Problems.of(
                f"kubectl {verb} ended with exit code {finished.returncode}; see above"
            )


def pinned(kubeconfig: Path | None, context: str | None) -> Kubectl:
    """Kubectl for one cluster, after telling which one it is.

    Raises:
        Problems: there is no kubectl or no kubeconfig, or the context is unknown.
    """
    from opgen.chart.objects import kubectl_program, without_kubectl
    from opgen.runtime.config import load_config

    config = load_config(kubeconfig, context)
    program = kubectl_program()
    pins = (f"--kubeconfig={kubeconfig.resolve()}",) if kubeconfig else ()
    if context is None:
        try:
            asked = subprocess.run(
                [program, *pins, "config", "current-context"],
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError as error:
            raise without_kubectl() from error
        context = asked.stdout.strip() if asked.returncode == 0 else None
    output.say(f"Cluster: {config.server} ({config.source})")
    return Kubectl(program, (*pins, *((f"--context={context}",) if context else ())))
