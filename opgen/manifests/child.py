"""The child process: imports a project's code and answers with its documents.

Run as `python -P -m opgen.manifests.child` with a request on standard input. What the project's
code prints goes to standard error, so that it cannot disturb the answer. No bytecode is written
for the project's modules: compiling them costs a millisecond or two, and the tree stays clean.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from opgen.manifests.protocol import VERSION, encode_problem

Say = Callable[[dict[str, Any]], None]


def main() -> None:
    """Answer the request on standard input and end the process."""
    request = json.loads(sys.stdin.buffer.read())
    answers = os.dup(1)
    os.dup2(2, 1)
    with open(os.devnull) as nothing:  # noqa: PTH123 - a descriptor is all that is wanted
        os.dup2(nothing.fileno(), 0)

    def say(message: dict[str, Any]) -> None:
        remaining = memoryview(json.dumps(message).encode() + b"\n")
        while remaining:
            remaining = remaining[os.write(answers, remaining) :]

    say(answer(request, say))
    sys.stdout.flush()
    sys.stderr.flush()
    # The project's threads and exit handlers are no business of ours.
    os._exit(0)


def answer(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """The documents and problems of a project."""
    from opgen.api.controllers import controller_info
    from opgen.api.resources import resource_info
    from opgen.manifests import rbac
    from opgen.manifests.imports import Importer

    root = Path(request["root"])
    importer = Importer(root, lambda module: say({"importing": module}))
    sys.path.insert(0, str(root))
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    importer.package(request["package"])
    sys.dont_write_bytecode = before

    classes = list(importer.classes())
    infos = [info for info in map(controller_info, classes) if info is not None]
    documents, problems = _schemas([cls for cls in classes if resource_info(cls)], request)
    problems = [*importer.problems, *problems, *rbac.check(infos)]
    return {
        "protocol": VERSION,
        "documents": documents,
        "roles": rbac.role(infos, request["role"]) if not importer.problems else [],
        "problems": [encode_problem(_relative(problem, root)) for problem in problems],
    }


def _schemas(resources: list[type], request: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    if not resources:
        return [], []
    from opgen.schema import Options, crds

    options = Options(max_description=request["max_description"], preflight=request["preflight"])
    derived = crds(resources, options)
    return list(derived.documents), list(derived.problems)


def _relative(problem: Any, root: Path) -> Any:
    from dataclasses import replace

    if problem.location is None:
        return problem
    return replace(problem, location=problem.location.relative_to(root))


if __name__ == "__main__":
    main()
