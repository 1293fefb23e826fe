"""Plans for generated files that people may edit, such as those of a Helm chart.

What a person edited stays as it is. If opgen has something new for it, that goes beside the file,
as `values.yaml.opgen-new`, and everything else is brought up to date all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from opgen.api.errors import Location, Problem
from opgen.scaffold.desired import Desired
from opgen.scaffold.merger import NEW_SUFFIX
from opgen.scaffold.paths import File, Tree
from opgen.scaffold.plan import Action, Plan, Policy, Verb, compare, ordered
from opgen.scaffold.project import Project
from opgen.scaffold.record import finished_plan

MAIN = "Chart.yaml"
"""The file that makes a folder a chart."""


def of_charts(project: Project) -> frozenset[str]:
    """The files in PROJECT that `opgen chart` wrote, whatever the folder."""
    folders = [
        path.removesuffix(MAIN) for path in project.files if PurePosixPath(path).name == MAIN
    ]
    return frozenset(path for path in project.files if path.startswith(tuple(folders)))


def editable_plan(
    tree: Tree, project: Project, folder: str, files: Mapping[str, str], *, force: bool = False
) -> Plan:
    """The plan that writes generated files into a folder.

    Args:
        tree: The files on disk.
        project: What PROJECT says.
        folder: Where the files go; what opgen wrote there and writes no more is deleted.
        files: The text of each file by its path in the folder.
        force: Whether edited files are replaced, keeping a backup.

    Raises:
        Problems: something else than a file is in the place of one.
    """
    wanted = {f"{folder}/{path}": File(text.encode()) for path, text in files.items()}
    below = [path for path in project.files if path.startswith(f"{folder}/")]
    gone = Desired({path: File(b"") for path in below if path not in wanted})
    plan = finished_plan(tree, project, Desired(wanted), project, obsolete=gone, force=force)
    actions = [one for action in plan.actions for one in _both(tree, action, project)]
    return replace(plan, actions=ordered(actions))


def _both(tree: Tree, action: Action, project: Project) -> Iterator[Action]:
    """An action; for an edited file with news, one that keeps it and one that writes the news."""
    if action.verb is not Verb.CONFLICT or action.path not in project.files or not action.new:
        yield action
        return
    beside = f"{action.path}{NEW_SUFFIX}"
    yield replace(action, verb=Verb.SKIP, reason=f"you edited it; see {beside}")
    yield compare(tree, beside, action.new, Policy(generated=True))


def left_beside(plan: Plan) -> list[Problem]:
    """What a person has to look at after a plan: news that went beside edited files."""
    return [
        Problem(
            f"{path.removesuffix(NEW_SUFFIX)} was edited, and opgen has something new for it",
            location=Location(path),
            hint=f"take over what you want of {path}, then delete it",
        )
        for path in (action.path for action in plan.actions)
        if path.endswith(NEW_SUFFIX)
    ]
