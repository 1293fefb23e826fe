"""What users write against is typed from end to end: two type checkers agree on a sample."""

from __future__ import annotations

import re
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
    Index,
    OperatorContext,
    ResourceKind,
    Result,
    SyncContext,
    SyncOperatorContext,
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


by_image = Index("image", images)


def sites_of(obj: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return [("default", obj["metadata"]["name"])]


@controller(
    Site,
    owns=(Cached(apps_v1.Deployment, label_selector="a=b"), core_v1.Service),
    watches=(Watch(Cached(core_v1.Secret, metadata_only=True), map=sites_of),),
    indexes=(by_image,),
    label_selector="tier=web",
    field_selector="metadata.name!=x",
    concurrency=2,
)
class SiteController:
    async def reconcile(self, obj: Site, ctx: Context) -> Result | None:
        assert_type(await ctx.get(Site, "a"), Site | None)
        assert_type(await ctx.list(Site, index=(by_image, "nginx")), list[Site])
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


@controller(Site, name="plain", owns=(core_v1.ConfigMap,))
class PlainController:
    def reconcile(self, obj: Site, ctx: SyncContext) -> Result | None:
        assert_type(ctx.get(Site, "a"), Site | None)
        assert_type(ctx.list(Site, index=(by_image, "nginx")), list[Site])
        assert_type(ctx.get(CERTIFICATE, "a"), dict[str, Any] | None)
        assert_type(ctx.list(CERTIFICATE), list[dict[str, Any]])
        config: core_v1.ConfigMap = {"metadata": {"name": obj.metadata.name}}
        assert_type(ctx.apply(config), core_v1.ConfigMap)
        assert_type(ctx.patch(core_v1.ConfigMap, "a", {"data": {}}), core_v1.ConfigMap)
        assert_type(ctx.delete(core_v1.Service, "a"), bool)
        assert_type(ctx.wait(ctx.client.get(core_v1.Node, "a")), dict[str, Any])
        assert_type(ctx.set_condition({}, "Ready", True, reason="Done"), bool)
        ctx.event("Done", "all of it")
        ctx.log.info("seen by %s", ctx.name)
        return None

    def finalize(self, obj: Site, ctx: SyncContext) -> None:
        ctx.delete(core_v1.Service, "a")


@on_start
def check(ctx: SyncOperatorContext) -> None:
    assert_type(ctx.list(Site), list[Site])


@on_start
async def begin(ctx: OperatorContext) -> None:
    assert_type(await ctx.list(Site), list[Site])


@periodic(every=60, everywhere=True)
async def again(ctx: OperatorContext) -> None:
    ctx.log.info("again")
'''


CHECKERS = [
    ("mypy", "--strict", "--no-incremental", "--cache-dir=/dev/null"),
    ("pyright", "--pythonpath", sys.executable),
]


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda command: command[0])
def test_both_checkers_agree_on_a_sample(checker: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(SAMPLE)
    done = subprocess.run(
        [sys.executable, "-m", *checker, "sample.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


WRONG = (
    SAMPLE
    + """

by_zone: Index[core_v1.Node] = Index("zone", lambda node: [str(node.get("kind"))])


class Mistakes:
    def plain(self, ctx: SyncContext) -> Site | None:
        return await_me(ctx.get(Site, "a"))

    async def by_words(self, ctx: Context) -> list[Site]:
        return await ctx.list(Site, index=("image", "nginx"))

    async def of_another_kind(self, ctx: Context) -> list[Site]:
        return await ctx.list(Site, index=(by_zone, "a"))


async def await_me(site: Site) -> Site:
    return site
"""
)


@pytest.mark.parametrize("checker", CHECKERS, ids=lambda command: command[0])
def test_both_checkers_find_the_mistakes(checker: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "sample.py").write_text(WRONG)
    done = subprocess.run(
        [sys.executable, "-m", *checker, "sample.py"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout
    found = set(map(int, re.findall(r"sample\.py:(\d+).*error", done.stdout)))
    lines = WRONG.splitlines()
    assert {lines[number - 1].strip() for number in found} == {
        'return await_me(ctx.get(Site, "a"))',
        'return await ctx.list(Site, index=("image", "nginx"))',
        'return await ctx.list(Site, index=(by_zone, "a"))',
    }
