"""What `opgen.api` exports, and that importing it costs nothing but the standard library."""

import subprocess
import sys

import opgen.api
from opgen.api.markers import MARKERS

HOUSE = (
    "resource CustomResource controller rbac Result TerminalError ResourceKind kind_of "
    "ResourceInfo resource_info ControllerInfo controller_info json_fields Problem Problems "
    "Location Ge Gt Le Lt MultipleOf MinLen MaxLen Pattern Format Enum Default NoDefault "
    "Required Optional Nullable Name ListMap ListSet ListAtomic MapAtomic CEL PrintColumn "
    "SpecReplicas StatusReplicas ReplicasSelector Selectable Doc Title Example "
    "PreserveUnknown EmbeddedResource Schema Int32 Int64 Quantity IntOrString Time Duration "
    "Json Condition ObjectMeta "
)
LOADED = """
import sys
before = set(sys.modules)
import opgen.api
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def test_exports_exist_and_are_sorted() -> None:
    assert all(hasattr(opgen.api, name) for name in opgen.api.__all__)
    assert len(set(opgen.api.__all__)) == len(opgen.api.__all__)


def test_everything_that_is_imported_is_exported() -> None:
    submodules = {name.rpartition(".")[2] for name in sys.modules if name.startswith("opgen.api.")}
    # pytest puts names of its own into modules of a plugin's distribution; they begin with @.
    public = {name for name in vars(opgen.api) if not name.startswith(("_", "@"))} - submodules
    assert public <= set(opgen.api.__all__)


def test_the_house_keeps_its_word() -> None:
    assert set(HOUSE.split()) <= set(opgen.api.__all__)


def test_all_markers_are_exported() -> None:
    assert {marker.__name__ for marker in MARKERS} <= set(opgen.api.__all__)


def test_only_the_standard_library_is_imported() -> None:
    run = subprocess.run(
        [sys.executable, "-I", "-c", LOADED], capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert loaded - set(sys.stdlib_module_names) == {"opgen"}
    assert not loaded & {"asyncio", "http", "json", "socket", "ssl", "email"}
