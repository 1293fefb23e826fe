"""The options of writes as queries have them. Source: apimachinery's ValidatePatchOptions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opgen.testing.errors import (
    FieldError,
    forbidden_field,
    invalid,
    invalid_value,
    not_supported,
    required,
    too_long,
)

_LONGEST_MANAGER = 128
_VALIDATIONS = ("", "Ignore", "Strict", "Warn")


def check_options(query: Mapping[str, str], kind: str, *, applies: bool) -> None:
    """Check the options of a create, an update or a patch.

    Raises:
        StatusError: 422, they are wrong.
    """
    problems = list(_problems(query, patches=kind == "PatchOptions", applies=applies))
    if problems:
        raise invalid("meta.k8s.io", kind, "", problems)


def _problems(query: Mapping[str, str], *, patches: bool, applies: bool) -> Iterator[FieldError]:
    manager = query.get("fieldManager", "")
    if applies and not manager:
        yield required("fieldManager", "is required for apply patch")
    if patches and not applies and "force" in query:
        yield forbidden_field("force", "may not be specified for non-apply patch")
    if len(manager.encode()) > _LONGEST_MANAGER:
        yield too_long("fieldManager", _LONGEST_MANAGER)
    for index, character in enumerate(manager):
        if not character.isprintable():
            text = f"invalid character U+{ord(character):04X} (at position {index})"
            yield invalid_value("fieldManager", manager, text)
    yield from dry_run_problems(query)
    validation = query.get("fieldValidation", "")
    if validation not in _VALIDATIONS:
        yield not_supported("fieldValidation", validation, _VALIDATIONS)


def dry_run_problems(query: Mapping[str, str]) -> Iterator[FieldError]:
    """What is wrong with a query's dryRun."""
    if query.get("dryRun", "All") != "All":
        yield not_supported("dryRun", [query["dryRun"]], ["All"])
