"""Record today's templates as a generation, from which later versions of opgen can update.

Run it before a release:  python tools/record_templates.py [--check]

With --check nothing is written; the exit code is 3 if today's templates are not recorded.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import opgen
from opgen.scaffold.history import History, generation_of

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


def main() -> int:
    """Record or check; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args()
    history = History.load(TEMPLATES)
    name = generation_of(TEMPLATES)
    if any(one.name == name for one in history.generations):
        print(f"{name} is recorded; {len(history.generations)} generations")
        return 0
    if options.check:
        print(f"{name} is not recorded; run: python tools/record_templates.py", file=sys.stderr)
        return 3
    history.with_templates(TEMPLATES, opgen.__version__).save(TEMPLATES)
    print(f"{name} recorded for opgen {opgen.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
