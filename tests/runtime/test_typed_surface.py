"""What users write against is typed from end to end: two type checkers agree on a sample."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = '''
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_type

from opgen.api import CustomResource, resource
from opgen.k8s import apps_v1, core_v1
from opgen.runtime import (
    Cached,
    Context,
    OperatorContext,
    ResourceKind,
    Result,
    TerminalError,
    Watch,
    controller,
    on_start,
    periodic,
)


@dataclass(kw_only=True)
class SiteSpec:
    image: str = "nginx"


@dataclass(kw_only=True)
class SiteStatus:
    ready: int = 0


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Site(CustomResource[SiteSpec, SiteStatus]):
    """A site."""


CERTIFICATE = ResourceKind("cert-manager.io", "v1", "Certificate", "certificates")


def images(obj: Site) -> Iterable[str]:
    return [obj.spec.image]


def sites_of(obj: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return [("default", obj["metadata"]["name"])]


@controller(
    Site,
    owns=(Cached(apps_v1.Deployment, label_selector="a=b"), core_v1.Service),
    watches=(Watch(Cached(core_v1.Secret, metadata_only=True), map=sites_of),),
    indexes={"image": images},
    label_selector="tier=web",
    field_selector="metadata.name!=x",
    concurrency=2,
)
class SiteController:
    async def reconcile(self, obj: Site, ctx: Context) -> Result | None:
        assert_type(await ctx.get(Site, "a"), Site | None)
        assert_type(await ctx.list(Site, index=("image", "nginx")), list[Site])
        assert_type(await ctx.get(CERTIFICATE, "a"), dict[str, Any] | None)
        assert_type(await ctx.list(CERTIFICATE), list[dict[str, Any]])
        config: core_v1.ConfigMap = {"metadata": {"name": obj.metadata.name}}
        assert_type(await ctx.apply(config), core_v1.ConfigMap)
        assert_type(await ctx.delete(core_v1.Service, "a"), bool)
        ctx.event("Done", "all of it")
        ctx.log.info("seen", extra={"image": obj.spec.image})
        if not obj.spec.image:
            raise TerminalError("no image")
        return Result(requeue_after=timedelta(minutes=5))


assert_type(SiteController().reconcile.__name__, str)


@on_start
async def begin(ctx: OperatorContext) -> None:
    assert_type(await ctx.list(Site), list[Site])


@periodic(every=60, everywhere=True)
async def again(ctx: OperatorContext) -> None:
    ctx.log.info("again")
'''


@pytest.mark.parametrize(
    "checker",
    [
        ("mypy", "--strict", "--no-incremental", "--cache-dir=/dev/null"),
        ("pyright", "--pythonpath", sys.executable),
    ],
    ids=lambda command: command[0],
)
def test_both_checkers_agree_on_a_sample(checker: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    done = subprocess.run(
        [sys.executable, "-m", *checker, "sample.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
