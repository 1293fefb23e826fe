"""Where a project gets opgen from, and the wheel that is made of the running one."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from importlib.metadata import distribution

import pytest

from opgen.scaffold.origin import from_direct_url, origin, source_root
from opgen.scaffold.wheel import repack


@pytest.mark.parametrize(
    ("direct_url", "requirement"),
    [
        (None, "opgen>=0.1.0,<0.2"),
        (
            {"url": "https://h/o.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            "opgen @ git+https://h/o.git@abc",
        ),
        (
            {
                "url": "https://h/o.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc"},
                "subdirectory": "py",
            },
            "opgen @ git+https://h/o.git@abc#subdirectory=py",
        ),
        ({"url": "https://h/opgen.whl", "archive_info": {}}, "opgen @ https://h/opgen.whl"),
    ],
)
def test_requirements(direct_url, requirement):
    found = from_direct_url(direct_url, distribution("opgen"))
    assert (found.requirement, found.wheel) == (requirement, None)


@pytest.fixture(scope="module")
def wheel():
    is_source = (source_root() / "pyproject.toml").is_file()
    return repack(distribution("opgen"), source_root() if is_source else None)


def test_the_wheel_is_the_same_each_time(wheel):
    is_source = (source_root() / "pyproject.toml").is_file()
    assert repack(distribution("opgen"), source_root() if is_source else None) == wheel
    found = origin()
    assert found.wheel is None or found.wheel == wheel


def test_the_wheel_installs_and_can_be_packed_again(wheel, tmp_path):
    path, target = tmp_path / wheel.name, tmp_path / "site"
    path.write_bytes(wheel.content)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-compile", "--target", str(target), str(path)], check=True)
    script = (
        "import sys; from importlib.metadata import distribution\n"
        "from opgen.scaffold.origin import origin, template_root\n"
        "assert (template_root() / 'project/copier.yml').is_file()\n"
        "assert template_root().name == '_templates'\n"
        "sys.stdout.buffer.write(origin().wheel.content)"
    )
    environment = {"PYTHONPATH": str(target)}
    again = subprocess.run(
        [sys.executable, "-S", "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert again.stdout == wheel.content


def test_the_wheel_holds_code_and_templates_only(wheel):
    names = zipfile.ZipFile(io.BytesIO(wheel.content)).namelist()
    assert "opgen/__init__.py" in names
    assert "opgen/_templates/api/copier.yml" in names
    assert not [name for name in names if name.endswith(".pyc")]
    assert not {"direct_url.json", "INSTALLER"} & {name.rsplit("/", 1)[-1] for name in names}
