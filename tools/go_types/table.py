"""Makes opgen's table of Go types from what the Go program beside this file prints.

`go run . | python table.py` writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from opgen.k8s.schemas import definitions

TABLE = Path(__file__).parents[2] / "opgen" / "testing" / "objects" / "go_types.txt"


def main() -> None:
    """Write the table, with the types that opgen knows."""
    found = json.load(sys.stdin)
    lines = [
        f"{name}\t{json.dumps(found[name], separators=(',', ':'))}\n"
        for name in sorted(found)
        if name in definitions()
    ]
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
