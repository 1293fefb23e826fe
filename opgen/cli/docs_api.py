"""`opgen docs api`: its arguments, and the plan of its pages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from opgen.cli import output
from opgen.cli.options import Diff, DryRun, Force, Format, Output, Verbose

if TYPE_CHECKING:
    from opgen.scaffold.plan import Plan
    from opgen.schema.reference import Page

FOLDER = "docs/api"
app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Write documentation.")


class PageFormat(StrEnum):
    """What pages are written as."""

    MARKDOWN = "markdown"
    HTML = "html"


@app.callback()
def docs() -> None:
    """Write documentation."""


@app.command("api")
def docs_api(
    to: Annotated[
        str, typer.Option(metavar="FOLDER", help="Where the pages go, below the project.")
    ] = FOLDER,
    formats: Annotated[
        list[PageFormat] | None,
        typer.Option("--format", help="markdown or html; both if left out."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; show the diff and exit with 3 if stale.")
    ] = False,
    dry_run: DryRun = False,
    diff: Diff = False,
    force: Force = False,
    verbose: Verbose = False,
    output_format: Output = Format.TEXT,
) -> None:
    """Write reference pages of the project's kinds, from their types."""
    from opgen.api.errors import Problem
    from opgen.cli.errors import StaleProblems
    from opgen.cli.plans import Mode, carry_out, project_root

    root = project_root()
    as_json = output_format is Format.JSON
    mode = Mode(
        dry_run=dry_run or (check and as_json),
        diff=diff or (check and not as_json),
        verbose=verbose,
        json=as_json,
    )
    folder, wanted = to.rstrip("/"), formats or list(PageFormat)
    plan = carry_out(lambda: _plan(root, folder, wanted, force), mode)
    sys.stdout.flush()
    if check and plan.changes:
        hint = "run: opgen docs api"
        raise StaleProblems(Problem(f"{one.path} is stale", hint=hint) for one in plan.changes)


def _plan(root: Path, folder: str, formats: list[PageFormat], force: bool) -> Plan:
    """The plan that writes the pages, and deletes those of kinds that are gone.

    Raises:
        Problems: the project's code cannot be read, or declares something wrong.
    """
    from opgen.scaffold.generated import generated_plan
    from opgen.schema.reference.markdown import HEADER

    files = dict(_files(_pages(root), folder, formats))
    gone = _obsolete(root, folder, files)
    return generated_plan(root, files, gone, header=HEADER.strip(), force=force)


def _pages(root: Path) -> list[Page]:
    from opgen.api.errors import Problems
    from opgen.cli.plans import load_project
    from opgen.manifests.emitter import dump
    from opgen.manifests.generate import CRDS, Options, generate
    from opgen.scaffold.crd_files import crds_of
    from opgen.schema.reference import page

    project = load_project(root)
    generated = generate(root, project.package, Options(namespaced=project.namespaced))
    if any(problem.severity == "error" for problem in generated.problems):
        raise Problems(generated.problems)
    output.show_problems(generated.problems)
    texts = [text for path, text in sorted(generated.files.items()) if path.startswith(CRDS)]
    crds = [crd for text in texts for crd in crds_of(text.encode(), CRDS)]
    return [page(crd.document, dump) for crd in crds]


def _files(pages: list[Page], folder: str, formats: list[PageFormat]) -> Iterator[tuple[str, str]]:
    from opgen.schema.reference import html, html_index, markdown, markdown_index

    writers: Mapping[PageFormat, tuple[str, str, Callable[[Page], str], Callable[[Any], str]]] = {
        PageFormat.MARKDOWN: ("md", "README", markdown, markdown_index),
        PageFormat.HTML: ("html", "index", html, html_index),
    }
    for one in dict.fromkeys(formats):
        suffix, index, write, write_index = writers[one]
        listed = [(page, f"{page.name}.{suffix}") for page in pages]
        for page, file in listed:
            yield f"{folder}/{file}", write(page)
        yield f"{folder}/{index}.{suffix}", write_index(listed)


def _obsolete(root: Path, folder: str, wanted: Iterable[str]) -> Iterator[str]:
    """Pages that opgen wrote for kinds that are gone."""
    from opgen.schema.reference.markdown import HEADER

    for path in sorted((root / folder).glob("*")):
        name = f"{folder}/{path.name}"
        if path.suffix in (".md", ".html") and path.is_file() and name not in set(wanted):
            head = path.read_text(encoding="utf-8", errors="replace")[:200]
            if HEADER.strip() in head:
                yield name
