"""Regular expressions as the API server reads them: those of Go, RE2's syntax.

`mistake` needs nothing but this room and has Go's words. `matches` and `find_all` ask RE2 itself
(google-re2, of the extra `opgen[cel]`).

Start reading at `opgen.regex.patterns`, for the syntax at `opgen.regex.syntax`.
"""

from opgen.regex.patterns import find_all, installed, matches, mistake

__all__ = ["find_all", "installed", "matches", "mistake"]
