"""What cannot work is refused where it is declared, or before the first request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from opgen.api import Condition, CustomResource, Problems, resource
from opgen.k8s import apps_v1, core_v1
from opgen.runtime import (
    Cached,
    Context,
    Index,
    OperatorContext,
    ResourceKind,
    SyncContext,
    Watch,
    controller,
    on_start,
    periodic,
)
from opgen.runtime.client import Client
from opgen.runtime.config import ClusterConfig
from opgen.runtime.decoding import KNOWN
from opgen.runtime.manager import Manager, Options
from opgen.schema import crds
from opgen.testing.server import ApiServer

NOWHERE = ClusterConfig(server="http://127.0.0.1:1")
CRDS = ResourceKind(
    "apiextensions.k8s.io",
    "v1",
    "CustomResourceDefinition",
    "customresourcedefinitions",
    namespaced=False,
)


by_tier: Index[Any] = Index("tier", lambda obj: [])
by_another_tier: Index[Any] = Index("tier", lambda obj: [])
by_nobody: Index[Any] = Index("nobody", lambda obj: [])


class Plain:
    """The base of controllers that do nothing."""

    async def reconcile(self, obj: Any, ctx: Context) -> None:
        """Nothing."""


@controller(core_v1.ConfigMap, owns=(Cached(core_v1.Secret, label_selector="a=b"),))
class One(Plain):
    pass


@controller(core_v1.ConfigMap)
class Twin(Plain):
    pass


@controller(apps_v1.Deployment, owns=(core_v1.Secret,))
class Another(Plain):
    pass


@controller(core_v1.ConfigMap, name="other", indexes=(by_tier,))
class Indexes(Plain):
    pass


@controller(core_v1.ConfigMap, name="third", indexes=(by_another_tier,))
class IndexesToo(Plain):
    pass


@dataclass(kw_only=True)
class PriceSpec:
    amount: complex = 0j
    raw: list[bytearray] | None = None
    conditions: list[Condition] | None = None


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Price(CustomResource[PriceSpec, None]):
    """A price."""


@controller(Price)
class Prices(Plain):
    pass


async def found_by_nobody(ctx: Context) -> list[Any]:
    return await ctx.list(core_v1.ConfigMap, index=(by_nobody, "a"))


@controller(core_v1.ConfigMap, indexes=(by_tier,))
class LooksUp:
    async def reconcile(self, obj: Any, ctx: Context) -> None:
        await ctx.list(core_v1.ConfigMap, index=(by_tier, "a"))
        await found_by_nobody(ctx)


@controller(core_v1.ConfigMap, finalizer="example.com/f")
class Unfinished(Plain):
    pass


@pytest.mark.parametrize(
    ("controllers", "lines"),
    [
        ([], ["error: there is no controller to run"]),
        ([One, Another], ["error: Secret is to be cached in two ways"]),
        ([Indexes, IndexesToo], ["error: ConfigMap has two indexes named 'tier'"]),
        ([One, Twin], ["two controllers reconcile ConfigMap"]),
        (
            [Prices],
            [
                f"error: JSON has no values for complex; there are {KNOWN}",
                "  --> PriceSpec.amount",
                f"error: JSON has no values for bytearray; there are {KNOWN}",
                "  --> PriceSpec.raw",
            ],
        ),
        (
            [LooksUp],
            ["error: index 'nobody' is looked up, but no controller has it\n  --> " + __file__],
        ),
        ([Unfinished], ["error: controller 'configmap' has a finalizer but no method finalize"]),
    ],
)
def test_what_does_not_fit_together_is_refused(controllers: list[Any], lines: list[str]) -> None:
    with pytest.raises(Problems) as problems:
        Manager(NOWHERE, controllers)
    shown = str(problems.value)
    places = [shown.index(line) for line in lines]
    assert places == sorted(places)
    assert "hint: " in shown or "complex" in shown


async def asynchronous(obj: Any) -> list[tuple[str, str]]:
    return []


class Yields:
    async def reconcile(self, obj: Any, ctx: Context) -> Any:
        yield None


class PlainButAwaits:
    def reconcile(self, obj: Any, ctx: Context) -> None:
        pass


class AsyncButWaits(Plain):
    async def finalize(self, obj: Any, ctx: SyncContext) -> None:
        pass


def awaits_in_vain(ctx: OperatorContext) -> None:
    pass


class Nothing:
    pass


class Narrow:
    async def reconcile(self, obj: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (
            lambda: Watch(core_v1.Secret, map=asynchronous),  # type: ignore[arg-type]
            "asynchronous must be a plain function: it runs while a change is taken in",
        ),
        (
            lambda: controller(core_v1.Secret, predicates=(asynchronous,))(Plain),
            "asynchronous must be a plain function: it runs while a change is taken in",
        ),
        (
            lambda: Index("a", asynchronous),
            "asynchronous must be a plain function: it runs while a change is taken in",
        ),
        (
            lambda: controller(core_v1.Secret)(Yields),
            "Yields.reconcile must return its result and not yield",
        ),
        (
            lambda: controller(core_v1.Secret)(Narrow),
            "Narrow.reconcile must take (self, obj, ctx)",
        ),
        (
            lambda: controller(core_v1.Secret)(Nothing),
            "Nothing needs a method async def reconcile(self, obj, ctx)",
        ),
        (lambda: on_start(lambda: None), "must take one argument, an OperatorContext"),
        (
            lambda: controller(core_v1.Secret)(PlainButAwaits),
            "PlainButAwaits.reconcile is a plain function and takes ctx: Context; "
            "write ctx: SyncContext, or async def",
        ),
        (
            lambda: controller(core_v1.Secret)(AsyncButWaits),
            "AsyncButWaits.finalize is asynchronous and takes ctx: SyncContext; write ctx: Context",
        ),
        (
            lambda: on_start(awaits_in_vain),
            "awaits_in_vain is a plain function and takes ctx: OperatorContext; "
            "write ctx: SyncOperatorContext, or async def",
        ),
    ],
)
def test_functions_of_the_wrong_kind_are_refused_where_they_are_declared(
    declare: Any, message: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(message)):
        declare()


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: controller(core_v1.Secret, concurrency=0), "concurrency must be 1 or more, not 0"),
        (lambda: periodic(every=0), "every must be positive, not 0 seconds"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(declare: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        declare()


class Sites:
    """Versions of one kind; in a real project they stand in modules of their own."""

    @resource(group="example.com", version="v1", storage=True)
    @dataclass(kw_only=True)
    class Site(CustomResource[PriceSpec, None]):
        """A site."""


@dataclass(kw_only=True)
class BoatSpec:
    length: int = 5


@resource(group="example.com", version="v1", storage=True)
@dataclass(kw_only=True)
class Boat(CustomResource[BoatSpec, None]):
    """A boat."""


@resource(group="example.com", version="v2", storage=True, plural="boats")
@dataclass(kw_only=True)
class NewBoat(CustomResource[BoatSpec, None]):
    """A boat of the next version."""


@pytest.mark.parametrize(
    ("cls", "installed", "message"),
    [
        (Boat, False, "the API server has no kind Boat in example.com/v1 (boats.example.com)"),
        (NewBoat, True, "the API server serves boats.example.com in v1 and not in v2"),
    ],
)
def test_a_kind_that_is_not_served_is_told_before_anything_is_written(
    cls: Any, installed: bool, message: str, run: Any, eventually: Any
) -> None:
    @on_start
    async def writes(ctx: OperatorContext) -> None:
        raise AssertionError("must not be called")

    async def scenario() -> None:
        async with ApiServer() as server, Client(server.config) as client:
            if installed:
                await client.create(CRDS, crds([Boat]).documents[0])

                async def served() -> bool:
                    return await client.list(Boat) == []

                await eventually(served)
            manager = Manager(
                server.config,
                [controller(cls)(type("Reconciler", (Plain,), {}))],
                Options(check_access=True),
                runnables=[writes],
            )
            with pytest.raises(Problems) as problems:
                await manager.run()
            first, where, hint = str(problems.value).splitlines()
            assert first == f"error: {message}"
            assert f"{__file__}:" in where
            assert "install" in hint

    run(scenario())
