"""Objects of a kind: what they have when nothing is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from opgen.api import CustomResource, Optional, resource


@dataclass
class Spec:
    x: int = 0


@dataclass
class Status:
    y: int = 0


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Plain(CustomResource[Spec, Status]):
    pass


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Redeclared(CustomResource[Spec, Status]):
    status: Annotated[Status, Optional]


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class WithoutStatus(CustomResource[Spec, None]):
    pass


def test_each_object_has_a_status_of_its_own() -> None:
    first, second = Plain(spec=Spec()), Plain(spec=Spec())
    assert first.status == Status()
    assert first.status is not second.status


def test_a_redeclared_status_is_made_as_well() -> None:
    assert Redeclared(spec=Spec()).status == Status()


def test_a_kind_without_status_has_none() -> None:
    assert WithoutStatus(spec=Spec()).status is None


def test_group_version_and_kind() -> None:
    plain = Plain(spec=Spec())
    assert (plain.api_version, plain.kind) == ("example.com/v1", "Plain")
