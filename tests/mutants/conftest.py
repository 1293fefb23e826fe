"""Where the mutants' package is, and a real API server to judge them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def server(control_plane: Any) -> Any:
    """The configuration of the real API server."""
    return control_plane.config


@pytest.fixture(scope="session")
def sources() -> list[tuple[str, dict[str, Any]]]:
    """The CRDs that are changed; without the corpus, opgen's own goldens."""
    from mutation.sources import crds

    return crds()
