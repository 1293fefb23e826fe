"""`opgen docker-build`, `docker-push` and `docker-buildx`: the image, with the tool there is."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Annotated

import typer

from opgen.cli import output

TOOLS = ("docker", "podman", "buildah")
VARIABLE = "CONTAINER_TOOL"
PLATFORMS = "linux/amd64,linux/arm64"

Image = Annotated[str | None, typer.Option(help="The image; NAME:v0.1.0 if left out.")]


def docker_build(image: Image = None) -> None:
    """Build the operator's image."""
    name = _image(image)
    _run("build", "--tag", name, ".")


def docker_push(image: Image = None) -> None:
    """Push the operator's image."""
    _run("push", _image(image))


def docker_buildx(
    image: Image = None,
    platforms: Annotated[str, typer.Option(help="For which platforms, with commas.")] = PLATFORMS,
) -> None:
    """Build and push the image for several platforms.

    An SBOM and the image's provenance go with it.
    """
    name = _image(image)
    _run(
        "buildx",
        "build",
        f"--platform={platforms}",
        "--sbom=true",
        "--provenance=mode=max",
        "--push",
        "--tag",
        name,
        ".",
    )


def _image(image: str | None) -> str:
    from opgen.api.errors import Problems
    from opgen.chart.objects import check_image
    from opgen.cli.plans import load_project, project_root

    if image is None:
        return f"{load_project(project_root()).name}:v0.1.0"
    if problems := list(check_image(image)):
        raise Problems(problems)
    return image


def _run(*arguments: str) -> None:
    """Run the tool in the project's folder.

    Raises:
        Problems: there is none, or it ended with an error.
    """
    from opgen.api.errors import Problems
    from opgen.cli.plans import project_root

    wanted = os.environ.get(VARIABLE)
    tool = next((name for name in ([wanted] if wanted else TOOLS) if shutil.which(name)), None)
    if tool is None:
        raise Problems.of(
            f"{wanted or ' or '.join(TOOLS)} cannot be started: it is not on PATH",
            hint=f"install docker, podman or buildah, or set {VARIABLE}",
        )
    output.say(f"{tool} {' '.join(arguments)}")
    finished = subprocess.run([tool, *arguments], cwd=project_root(), check=False)
    if finished.returncode:
        raise Problems.of(
            f"{tool} {arguments[0]} ended with exit code {finished.returncode}; see above"
        )
