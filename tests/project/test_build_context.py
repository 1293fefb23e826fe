"""What .dockerignore lets through, as docker, podman and buildah read it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath


def expression(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression. Source: moby/patternmatcher, `Pattern.compile`."""
    text = re.escape(pattern).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
    return re.compile(text.replace(r"\*", "[^/]*"))


def ignored(path: str, lines: list[str]) -> bool:
    """Whether a file is left out: the last pattern decides that matches it or a folder above it."""
    levels = [path, *map(str, PurePosixPath(path).parents)][:-1]
    result = False
    for line in lines:
        pattern = expression(line.removeprefix("!"))
        if any(pattern.fullmatch(level) for level in levels):
            result = not line.startswith("!")
    return result


def walked(path: str, lines: list[str]) -> bool:
    """As `ignored`, by programs that ask about each folder before they look into it."""
    parts = PurePosixPath(path).parts
    folders = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
    return any(ignored(folder, lines) for folder in folders)


def test_all_that_the_image_is_built_from_gets_through(made) -> None:
    made.init(multigroup=True)
    made.create(group="apps")
    (made.root / "uv.lock").write_text("")
    (made.root / ".env").write_text("SECRET=1")
    (made.root / "web_operator/__pycache__").mkdir()
    (made.root / "web_operator/__pycache__/x.pyc").write_text("")
    lines = made.read(".dockerignore").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    files = [
        path.relative_to(made.root).as_posix() for path in made.root.rglob("*") if path.is_file()
    ]
    for reading in (ignored, walked):
        sent = {path for path in files if not reading(path, patterns)}
        package = {p for p in files if p.startswith("web_operator/") and "__pycache__" not in p}
        vendored = {path for path in files if path.startswith("vendor/")}
        assert sent == {"pyproject.toml", "README.md", "uv.lock"} | package | vendored
        assert "web_operator/controllers/apps/webserver_controller.py" in sent
