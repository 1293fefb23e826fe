"""Why an operator cannot start, in words that say what to do."""

from __future__ import annotations

from opgen.api.errors import Problem, Problems
from opgen.api.resources import ResourceKind
from opgen.runtime.errors import ApiError, Unreachable


def explain(error: Exception, kind: ResourceKind, source: str) -> tuple[Problem, ...]:
    """What is wrong when a kind cannot be listed.

    Args:
        error: What happened.
        kind: The kind.
        source: Where the cluster's configuration came from.
    """
    if isinstance(error, Problems):
        return error.problems
    if isinstance(error, Unreachable):
        hint = "check with kubectl cluster-info that the cluster runs and the context is right"
        return (Problem(str(error), field=source, hint=hint),)
    if isinstance(error, ApiError):
        return (_refused(error, kind, source),)
    return (Problem(f"cannot read {kind.plural}: {error}", field=source),)


def _refused(error: ApiError, kind: ResourceKind, source: str) -> Problem:
    name = f"{kind.plural}.{kind.group}" if kind.group else kind.plural
    if error.code == 401:
        hint = "log in again, or choose another context with --context"
        return Problem("the API server does not accept our credentials", field=source, hint=hint)
    if error.code == 403:
        hint = (
            "name the kind in @controller(...) or add rbac(...), run opgen make manifests, and "
            "apply config/rbac"
        )
        return Problem(f"not allowed: {error.message}", field=source, hint=hint)
    if error.code == 404:
        return Problem(
            f"the API server has no kind {kind.kind} in {kind.api_version} ({name})",
            field=source,
            hint="install its CRD with opgen install",
        )
    return Problem(f"cannot read {name}: {error}", field=source)


def is_final(error: Exception | None) -> bool:
    """Whether waiting will not help: we are not known, or not allowed."""
    return isinstance(error, Problems) or (isinstance(error, ApiError) and error.code in (401, 403))
