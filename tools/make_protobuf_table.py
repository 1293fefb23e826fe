"""Make the table of protobuf field numbers that the in-process API server decodes requests with.

    python tools/make_protobuf_table.py ~/go/pkg/mod/k8s.io/api@v0.36.3 \
        ~/go/pkg/mod/k8s.io/apimachinery@v0.36.3

The arguments are folders of the Go modules, whose `generated.proto` files are read. Each line of
`opgen/testing/_data/protobuf.txt` is a message: its name and, for each field, number, name, type
and whether it is repeated (`*`) or a map (`%`).
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "opgen" / "testing" / "_data" / "protobuf.txt"
SKIPPED = re.compile(r"/v\d+(alpha|beta)\d+/|/extensions/|/imagepolicy/|/testapigroup/")
FIELD = re.compile(
    r"^  (?:(?P<rule>optional|repeated|required) )?(?P<map>map<string, )?(?P<type>[.\w]+)>? "
    r"(?P<name>\w+) = (?P<number>\d+)"
)


def messages(file: Path) -> dict[str, list[str]]:
    """The messages of a file, by full name."""
    package, current = "", ""
    found: dict[str, list[str]] = {}
    for line in file.read_text().splitlines():
        if line.startswith("package "):
            package = line.split()[1].rstrip(";")
        elif line.startswith("message "):
            current = f"{package}.{line.split()[1]}"
            found[current] = []
        elif (match := FIELD.match(line)) and current:
            kind = match["type"].lstrip(".")
            if "." not in kind and kind[0].isupper():
                kind = f"{package}.{kind}"
            mark = "%" if match["map"] else "*" if match["rule"] == "repeated" else ""
            found[current].append(f"{match['number']}:{match['name']}:{mark}{kind}")
    return found


def main() -> None:
    """Write the table."""
    found: dict[str, list[str]] = {}
    for root in map(Path, sys.argv[1:]):
        for file in sorted(root.rglob("generated.proto")):
            if not SKIPPED.search(file.as_posix()):
                found |= messages(file)
    lines = [f"{name} {' '.join(fields)}" for name, fields in sorted(found.items())]
    TABLE.write_text("\n".join(lines) + "\n")
    print(f"{TABLE}: {len(lines)} messages")


if __name__ == "__main__":
    main()
