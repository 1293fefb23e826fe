"""The option --kube-version."""

from __future__ import annotations


def check_kube_version(text: str) -> None:
    """Make sure that a text is a version of Kubernetes.

    Raises:
        UsageProblems: it is not.
    """
    import re

    from opgen.api.errors import Problem
    from opgen.cli.errors import UsageProblems

    if not re.fullmatch(r"v?1\.\d+(\.\d+)?", text):
        message = f"--kube-version: {text!r} is no version of Kubernetes"
        hint = "write a minor version of Kubernetes, such as 1.30"
        raise UsageProblems([Problem(message, hint=hint)])
