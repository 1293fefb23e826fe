"""Problems with an exit code of their own."""

from __future__ import annotations

from opgen.api.errors import Problems


class UsageProblems(Problems):
    """The command line itself is wrong."""


class StaleProblems(Problems):
    """Files are not as they would be generated."""
