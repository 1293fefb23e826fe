"""What the child process is asked, and which interpreter is asked.

A request is a command line: `python -P -m opgen.manifests.child root=… package=… role=…`. This
module and `opgen.manifests.process` import nothing that an interpreter has not loaded anyway, so
that a request can be on its way before the tool itself is awake.
"""

# pathlib is one of the modules that are not loaded yet.
# ruff: noqa: PTH110, PTH118

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # what `typing` calls so is not loaded yet either
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROLE_NAME = "manager-role"
TRUST_ROLE_NAME = "webhook-trust-role"
"""The ClusterRole of a namespaced operator that makes the certificate of its webhooks itself."""


def service(project: str) -> str:
    """The Service of a project's webhooks."""
    return f"{project}-webhook-service"


def interpreters(root: str) -> Iterator[str]:
    """The project's own interpreter, the active environment's, and at last the tool's."""
    relative = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    own = os.path.realpath(sys.prefix)
    for folder in (os.path.join(root, ".venv"), os.environ.get("VIRTUAL_ENV")):
        if not folder or os.path.realpath(folder) == own:
            continue
        if os.path.exists(os.path.join(folder, relative)):
            yield os.path.join(folder, relative)
    yield sys.executable


def command(
    interpreter: str,
    root: str,
    package: str,
    *,
    role: str = ROLE_NAME,
    max_description: int | None = None,
    preflight: bool = True,
    kube_version: str = "",
    webhook_service: str = "",
    namespaced: bool = False,
) -> tuple[str, ...]:
    """The command that asks an interpreter for a project's documents.

    Args:
        interpreter: The path of a Python that has opgen.
        root: The project's folder, without symbolic links.
        package: The name of the project's package.
        role: The name of the roles.
        max_description: The greatest length of a description in bytes; None for no limit.
        preflight: Whether CRDs are checked by the API server's rules.
        kube_version: The oldest version of Kubernetes that the CRDs are for; any if empty.
        webhook_service: The Service of webhooks whose certificates the operator makes itself.
        namespaced: Whether the operator has rights in its own namespace only.
    """
    request = {
        "root": root,
        "package": package,
        "role": role,
        "max_description": "" if max_description is None else str(max_description),
        "preflight": "yes" if preflight else "",
        "kube_version": kube_version,
        "webhook_service": webhook_service,
        "namespaced": "yes" if namespaced else "",
    }
    words = (f"{name}={value}" for name, value in request.items())
    return (interpreter, "-P", "-m", "opgen.manifests.child", *words)


def read(words: Sequence[str]) -> dict[str, str]:
    """The request in the arguments of a command."""
    return dict(word.split("=", 1) for word in words)
