"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer


class Format(StrEnum):
    """How a plan is shown."""

    TEXT = "text"
    JSON = "json"


def _switch(name: str, text: str) -> Any:
    """An option that is on, off, or not told."""
    return typer.Option(f"--{name}/--no-{name}", help=text)


# What there is a project and a kind of.
Multigroup = Annotated[bool | None, _switch("multigroup", "A folder for each API group.")]
Namespaced = Annotated[
    bool | None, _switch("namespaced", "Look at the operator's own namespace only.")
]
HighlyAvailable = Annotated[bool | None, _switch("ha", "Two replicas and a PodDisruptionBudget.")]
Prometheus = Annotated[
    bool | None, _switch("prometheus", "Deploy a ServiceMonitor, alerts and a dashboard.")
]
NetworkPolicy = Annotated[bool | None, _switch("network-policy", "Deploy network policies.")]
CertManager = Annotated[
    bool | None, _switch("cert-manager", "Have cert-manager make the certificate of the webhooks.")
]
Version = Annotated[
    str, typer.Option(help="The version, such as v1 or v1alpha1.", show_default=False)
]
Kind = Annotated[str, typer.Option(help="The kind, such as WebServer.", show_default=False)]
Group = Annotated[str, typer.Option(help="What the API group has before the project's domain.")]

# What is done with a plan, and after it.
Make = Annotated[bool, _switch("make", "Run opgen make manifests at the end.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen, write nothing.")]
Diff = Annotated[bool, typer.Option("--diff", help="Show the changes as a diff, write nothing.")]
Force = Annotated[
    bool, typer.Option("--force", help="Replace edited files; the old ones are kept beside them.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show unchanged files as well.")]
Output = Annotated[Format, typer.Option("--output", "-o", help="How the plan is shown.")]

# Which cluster.
Kubeconfig = Annotated[
    Path | None, typer.Option("--kubeconfig", help="The kubeconfig file; else as for kubectl.")
]
Context = Annotated[str | None, typer.Option("--context", help="The context of the kubeconfig.")]
