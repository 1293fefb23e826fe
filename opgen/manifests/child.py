"""The child process: imports a project's code and answers with its documents.

Run as `opgen.manifests.request` says. What the project's code prints goes to standard error, so
that it cannot disturb the answer. No bytecode is written for the project's modules: compiling them
costs a millisecond or two, and the tree stays clean.
"""

# The import of pathlib takes as long as that of a project's types, and is not needed otherwise.
# ruff: noqa: PTH118, PTH123

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING, Any

from opgen.manifests import dataclass_methods, request

with dataclass_methods.put_off():
    import opgen.api  # noqa: F401 - every answer takes it, and so does the process that asks

if TYPE_CHECKING:
    from opgen.api.discovery import Declarations
    from opgen.api.errors import Problem
    from opgen.schema import Ahead, Options
    from opgen.schema.preflight.beside import Beside

Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Answer the request in the arguments and end the process."""
    gc.disable()  # the process is over before there is garbage worth collecting
    wanted = request.read(sys.argv[1:])
    del sys.argv[1:]
    answers = os.dup(1)
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        remaining = memoryview(json.dumps(message).encode() + b"\n")
        while remaining:
            remaining = remaining[os.write(answers, remaining) :]

    try:
        with dataclass_methods.put_off():
            say(answer(wanted, say))
    except Exception:  # what the project's code does wrong is a problem, and no exception
        import traceback

        say({"mistake": traceback.format_exc()})
    sys.stdout.flush()
    sys.stderr.flush()
    # The project's threads and exit handlers are no business of ours.
    os._exit(0)


def answer(wanted: Mapping[str, str], say: Say) -> dict[str, Any]:
    """The documents and problems of a project."""
    from opgen.api.controllers import controller_info
    from opgen.api.discovery import collect
    from opgen.manifests import rbac
    from opgen.manifests.imports import Importer
    from opgen.manifests.protocol import VERSION, encode_problem

    root = wanted["root"]
    beside = _beside(f"{root}/{wanted['package']}", wanted) if wanted["preflight"] else None
    ahead = _ahead(wanted, beside) if beside is not None else None
    sys.path.insert(0, root)
    path, writes_bytecode = list(sys.path), not sys.dont_write_bytecode

    def imported(module: ModuleType) -> None:
        if ahead is not None:
            with _importing(path, writes_bytecode):
                for cls in collect([module]).resources:
                    ahead.begin(cls)

    importer = Importer(root, lambda module: say({"importing": module}), imported)
    with _importing(path, writes_bytecode=False):
        importer.package(wanted["package"])
    say({"importing": None})

    declared = collect(importer.modules)
    infos = [info for info in map(controller_info, declared.controllers) if info is not None]
    webhooks, converted, problems = _webhooks(declared)
    found = _schemas(declared.resources, converted, wanted, ahead, say)
    if beside is not None:
        beside.end()
    certificates, misnamed = _certificate_rules(declared, wanted)
    problems = [*importer.problems, *found, *rbac.check(infos), *problems, *misnamed]
    return {
        "protocol": VERSION,
        "webhooks": webhooks,
        "roles": [] if importer.problems else rbac.role(infos, wanted["role"], certificates),
        "problems": [encode_problem(_relative(problem, root)) for problem in problems],
    }


@contextmanager
def _importing(path: Sequence[str], writes_bytecode: bool) -> Iterator[None]:
    """Import from some folders for a while, whatever becomes of the path meanwhile."""
    before = list(sys.path), sys.dont_write_bytecode
    sys.path[:], sys.dont_write_bytecode = path, not writes_bytecode
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = before


def _webhooks(declared: Declarations) -> tuple[list[Any], frozenset[Any], list[Problem]]:
    """The webhook configurations, group and kind of what is converted, and problems of both."""
    if not (declared.webhooks or declared.foreign_webhooks or declared.converters):
        return [], frozenset(), []
    from opgen.api.resources import kind_of
    from opgen.api.webhooks import converter_info, webhook_info
    from opgen.manifests.webhook_rules import check
    from opgen.manifests.webhooks import configurations

    infos = [info for info in map(webhook_info, declared.webhooks) if info is not None]
    infos += declared.foreign_webhooks
    converters = [info for info in map(converter_info, declared.converters) if info is not None]
    problems = check(infos, converters)
    converted = frozenset(kind_of(info.spoke).group_kind for info in converters)
    return [] if problems else configurations(infos), converted, problems


def _beside(package: str, wanted: Mapping[str, str]) -> Beside | None:
    """A process that helps with preflight, if the package looks as if it had CEL rules."""
    import re

    rules = re.compile(rb"\bCEL\b|Immutable|OneOf|x-kubernetes-validations")
    files = sorted(_modules(f"{package}/api"))
    if not any(rules.search(_content(file)) for file in files):
        return None
    from opgen.schema.preflight import beside

    return beside.start(wanted["kube_version"] or None, files)


def _modules(folder: str) -> Iterator[str]:
    """The Python files below a folder."""
    for place, _, names in os.walk(folder):
        yield from (os.path.join(place, name) for name in names if name.endswith(".py"))


def _content(file: str) -> bytes:
    with open(file, "rb") as opened:
        return opened.read()


def _options(wanted: Mapping[str, str]) -> Options:
    from opgen.schema import Options

    longest = wanted["max_description"]
    return Options(
        max_description=int(longest) if longest else None,
        preflight=bool(wanted["preflight"]),
        kube_version=wanted["kube_version"] or None,
    )


def _ahead(wanted: Mapping[str, str], beside: Beside) -> Ahead:
    from opgen.schema import Ahead

    return Ahead(_options(wanted), beside)


def _schemas(
    resources: Sequence[type],
    converted: frozenset[Any],
    wanted: Mapping[str, str],
    ahead: Ahead | None,
    say: Say,
) -> Sequence[Problem]:
    """What is wrong with the CRDs, which are told themselves before they are checked."""
    if not resources:
        return ()
    from dataclasses import replace

    from opgen.manifests.protocol import VERSION, pack
    from opgen.schema import crds

    options = replace(_options(wanted), converted=converted)
    unspeakable: list[Exception] = []

    def draft(documents: list[dict[str, Any]]) -> None:
        try:
            say({"draft": VERSION, "documents": pack(documents)})
        except (TypeError, ValueError) as error:
            unspeakable.append(error)

    problems = crds(resources, options, draft, ahead).problems
    if unspeakable and not any(problem.severity == "error" for problem in problems):
        raise unspeakable[0]
    return problems


def _certificate_rules(
    declared: Declarations, wanted: Mapping[str, str]
) -> tuple[tuple[Any, ...], tuple[Problem, ...]]:
    """What the role needs for certificates that the operator makes, and what is wrong with that."""
    classes = [*declared.webhooks, *declared.converters]
    service = wanted["webhook_service"]
    if not (classes and service):
        return (), ()
    from opgen.api.errors import Problems
    from opgen.api.self_signed import names_behind, rules

    try:
        # kustomize puts the operator's real namespace in the place of this one.
        needed = rules(names_behind(service, classes), "system")
    except Problems as found:
        return (), found.problems
    return (tuple(map(_apart, needed)) if wanted["namespaced"] else needed), ()


def _apart(rule: Any) -> Any:
    """The rule for an operator whose only role is one in its own namespace.

    What belongs to no namespace goes into a ClusterRole of its own, with nothing else in it.
    """
    from dataclasses import replace

    from opgen.manifests.request import TRUST_ROLE_NAME

    return replace(rule, namespace="") if rule.namespace else replace(rule, role=TRUST_ROLE_NAME)


def _relative(problem: Any, root: str) -> Any:
    from dataclasses import replace
    from pathlib import Path

    if problem.location is None:
        return problem
    return replace(problem, location=problem.location.relative_to(Path(root)))


if __name__ == "__main__":
    main()
