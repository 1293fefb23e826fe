"""The page about CRDs from elsewhere does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "import-and-compare.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def equal_times(text: str) -> str:
    return re.sub(r"\(\d+\.\d+s\)", "(TIME)", text)


def test_commands(tmp_path: Path) -> None:
    (manifest,) = blocks("yaml")
    (tmp_path / "rack.yaml").write_text(manifest)
    commands = 0
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            done = subprocess.run(
                ["bash", "-c", command], cwd=tmp_path, env=environment, text=True, check=False,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            )  # fmt: skip
            assert equal_times(done.stdout) == equal_times(shown), command
            commands += 1
    assert commands == 8
