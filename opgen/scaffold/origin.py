"""How opgen is installed, and so how a new project gets it.

PEP 610 has installers write `direct_url.json` for everything that does not come from an index:

* an index: an ordinary version requirement
* a VCS or web address: that address
* a local folder or wheel: nobody else has it, so a wheel goes into the project's `vendor/`

`OPGEN_REQUIREMENT` in the environment overrides all of these, for a mirror or a fork.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import opgen
from opgen.scaffold.wheel import Wheel, repack

VENDOR = "vendor"
REQUIREMENT_VARIABLE = "OPGEN_REQUIREMENT"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a project gets opgen from: a requirement, and a wheel if it must bring that itself."""

    requirement: str
    wheel: Wheel | None = None


def origin() -> Origin:
    """Where the running opgen comes from."""
    if requirement := os.environ.get(REQUIREMENT_VARIABLE):
        return Origin(requirement)
    try:
        installed = distribution("opgen")
    except PackageNotFoundError:
        return Origin("opgen", repack(None, source_root()))
    text = installed.read_text("direct_url.json")
    return from_direct_url(json.loads(text) if text else None, installed)


def from_direct_url(direct_url: Mapping[str, Any] | None, installed: Distribution) -> Origin:
    """The origin of a distribution by its `direct_url.json`, or None where it has none."""
    if direct_url is None:
        return Origin(f"opgen>={installed.version},<{_next_minor(installed.version)}")
    url = str(direct_url["url"])
    if vcs := direct_url.get("vcs_info"):
        below = f"#subdirectory={path}" if (path := direct_url.get("subdirectory")) else ""
        return Origin(f"opgen @ {vcs['vcs']}+{url}@{vcs['commit_id']}{below}")
    if url.startswith("file:"):
        editable = bool(direct_url.get("dir_info", {}).get("editable"))
        return Origin("opgen", repack(installed, source_root() if editable else None))
    return Origin(f"opgen @ {url}")


def template_root() -> Path:
    """The folder with the templates: in the installed package, or beside it in a source tree."""
    packed = Path(opgen.__file__).parent / "_templates"
    return packed if packed.is_dir() else source_root() / "templates"


def source_root() -> Path:
    """The folder of the source tree that opgen runs from."""
    return Path(opgen.__file__).resolve().parent.parent


def _next_minor(version: str) -> str:
    major, minor = [*version.split("."), "0"][:2]
    return f"{major}.{int(minor) + 1}"
