"""`opgen docker-build`, `docker-push` and `docker-buildx`: the image, with the tool there is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import PurePath
from typing import Annotated

import typer

from opgen.cli import output

TOOLS = ("docker", "podman", "buildah")
WITHOUT_BUILDX = ("podman", "buildah")
"""The tools that collect the images of several platforms in a manifest, and push that."""
VARIABLE = "CONTAINER_TOOL"
PLATFORMS = "linux/amd64,linux/arm64"

Image = Annotated[str | None, typer.Option(help="The image; NAME:v0.1.0 if left out.")]


def docker_build(image: Image = None) -> None:
    """Build the operator's image.

    Its labels tell the tag and the commit.
    """
    name = _image(image)
    _run(_tool(), "build", *_labels(name), "--tag", name, ".")


def docker_push(image: Image = None) -> None:
    """Push the operator's image."""
    name = _image(image)
    _run(_tool(), "push", name)


def docker_buildx(
    image: Image = None,
    platforms: Annotated[str, typer.Option(help="For which platforms, with commas.")] = PLATFORMS,
) -> None:
    """Build and push the image for several platforms.

    docker makes an SBOM and the image's provenance as well.
    """
    name = _image(image)
    tool, how = _tool(), (f"--platform={platforms}", *_labels(name))
    if PurePath(tool).stem in WITHOUT_BUILDX:
        output.say(f"{tool} makes no SBOM; CONTAINER_TOOL=docker does")
        _run(tool, "build", *how, "--manifest", name, ".")
        _run(tool, "manifest", "push", "--all", name, f"docker://{name}")
    else:
        attested = ("--sbom=true", "--provenance=mode=max")
        _run(tool, "buildx", "build", *how, *attested, "--push", "--tag", name, ".")


def _image(image: str | None) -> str:
    from opgen.api.errors import Problems
    from opgen.chart.objects import check_image
    from opgen.cli.plans import load_project, project_root

    if image is None:
        return f"{load_project(project_root()).name}:v0.1.0"
    if problems := list(check_image(image)):
        raise Problems(problems)
    return image


def _labels(image: str) -> Iterator[str]:
    """The Dockerfile's arguments for labels, as far as they are known."""
    from opgen.cli.plans import project_root
    from opgen.scaffold.repository import Repository

    tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2]
    repository = Repository.find(project_root())
    commit = repository.commit() if repository else ""
    for argument, value in (("VERSION", tag), ("REVISION", commit)):
        if value:
            yield f"--build-arg={argument}={value}"


def _tool() -> str:
    """The tool that is wanted, or the first one that is there.

    Raises:
        Problems: there is none.
    """
    from opgen.api.errors import Problems

    wanted = os.environ.get(VARIABLE)
    tool = next((name for name in ([wanted] if wanted else TOOLS) if shutil.which(name)), None)
    if tool is None:
        raise Problems.of(
            f"{wanted or ' or '.join(TOOLS)} cannot be started: it is not on PATH",
            hint=f"install docker, podman or buildah, or set {VARIABLE}",
        )
    return tool


def _run(tool: str, *arguments: str) -> None:
    """Run the tool in the project's folder.

    Raises:
        Problems: it ended with an error.
    """
    from opgen.api.errors import Problems
    from opgen.cli.plans import project_root

    output.say(f"{tool} {' '.join(arguments)}")
    finished = subprocess.run([tool, *arguments], cwd=project_root(), check=False)
    if finished.returncode:
        raise Problems.of(
            f"{tool} {arguments[0]} ended with exit code {finished.returncode}; see above"
        )
