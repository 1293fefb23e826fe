"""CRDs become dataclasses: a whole corpus, one by one and in one run, and the largest of it."""

from __future__ import annotations

import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.process import Child, Usage, repeat
from benchmarks.sizes import CORPUS
from benchmarks.table import Row
from benchmarks.tool import OPGEN


def measure(times: int) -> Iterator[Row]:
    """Yield rows in processor time, which counts all cores and no waiting."""
    if not CORPUS.is_file():
        print(f"no import of a corpus: there is no {CORPUS}", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory(prefix="opgen-bench-") as name:
        folder = Path(name)
        with tarfile.open(CORPUS) as archive:
            archive.extractall(folder / "crds", filter="data")
        files = sorted(map(str, (folder / "crds").rglob("*.yaml")))
        largest = max(files, key=lambda file: Path(file).stat().st_size)
        single = [_import(folder, file) for file in files]
        cpu = sum(usage.cpu for usage in single)
        count = len(files)
        yield Row(name=f"import of {count} CRDs, one by one, CPU", unit="s", opgen=cpu)
        together = _import(folder, *files)
        aim = "≤ 30 s on two cores"
        yield Row(name="  in one run, CPU", unit="s", opgen=together.cpu, aim=aim)
        usage = repeat(min(times, 3), lambda: _import(folder, largest))
        yield Row(name="import of the largest, CPU", unit="s", opgen=usage.cpu)
        yield Row(name="  memory", unit="MB", opgen=usage.memory, aim="≤ 150 MB")


def _import(folder: Path, *files: str) -> Usage:
    command = [OPGEN, "import", "crd", *files, "--to", "types", "--force"]
    return Child(command, folder).wait()
