"""Dataclasses whose methods are made when they are looked up: nobody can tell the difference."""

from __future__ import annotations

import abc
import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, replace
from typing import Any

import pytest

from opgen.manifests import dataclass_methods
from opgen.manifests.dataclass_methods import Method, is_known, put_off

known = pytest.mark.skipif(not is_known(), reason="this release of Python makes methods at once")


def plain() -> type[Any]:
    @dataclass
    class Port:
        number: int
        names: list[str] = field(default_factory=list)

    return Port


def frozen() -> type[Any]:
    @dataclass(frozen=True, slots=True, order=True)
    class Port:
        """A port."""

        number: int
        names: InitVar[str] = ""

        def __post_init__(self, names: str) -> None:
            if not self.number:
                raise ValueError(f"no number for {names}")

    return Port


def inherited() -> type[Any]:
    @dataclass(kw_only=True, unsafe_hash=True)
    class Base:
        number: int

        def __init__(self, number: int) -> None:
            self.number = number

    @dataclass
    class Port(Base):
        names: tuple[str, ...] = ()

        def __init__(self, number: int) -> None:
            super().__init__(number)

    class Inner(Port):
        """Not decorated itself."""

    return Inner


def abstract() -> type[Any]:
    class Base(abc.ABC):
        @abc.abstractmethod
        def __eq__(self, other: object) -> bool: ...

    @dataclass
    class Port(Base):
        number: int

    return Port


def raised(act: Callable[[], Any]) -> str:
    """The error of a call, or what it returns."""
    try:
        return repr(act())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def knotted(cls: type[Any]) -> Any:
    """An object that contains itself, if it has names."""
    made = cls(1)
    if isinstance(getattr(made, "names", None), list):
        made.names.append(made)
    return made


SEEN: dict[str, Callable[[type[Any]], Any]] = {
    "repr": lambda cls: cls(1),
    "repr of a knot": knotted,
    "missing argument": lambda cls: cls(),
    "unknown argument": lambda cls: cls(1, colour="red"),
    "post init": lambda cls: cls(0, "http"),
    "equal": lambda cls: (cls(1) == cls(1), cls(1) == cls(2), cls(1) == 1),
    "order": lambda cls: cls(1) < cls(2) <= cls(2),
    "hash": lambda cls: hash(cls(1)) == hash(cls(1)),
    "set": lambda cls: setattr(cls(1), "number", 2),
    "delete": lambda cls: delattr(cls(1), "number"),
    "copy": lambda cls: copy.deepcopy(cls(3)),
    "replace": lambda cls: replace(cls(1), number=4),
    "signature": inspect.signature,
    "names": lambda cls: [
        getattr(cls, name).__qualname__ for name in ("__init__", "__repr__", "__eq__", "__hash__")
    ],
    "own": lambda cls: sorted(vars(cls)),
    "kinds of functions": lambda cls: [type(cls.__init__), type(cls(1).__repr__)],
    "match": lambda cls: cls.__match_args__,
    "fields": lambda cls: [one.name for one in dataclasses.fields(cls)],
}


@pytest.mark.parametrize("declare", [plain, frozen, inherited, abstract])
@pytest.mark.parametrize("seen", SEEN)
def test_nobody_can_tell(seen: str, declare: Callable[[], type[Any]]) -> None:
    usual = declare()
    with put_off():
        late = declare()
    assert raised(lambda: SEEN[seen](late)) == raised(lambda: SEEN[seen](usual))


@known
def test_a_method_is_made_once_and_when_it_is_wanted() -> None:
    with put_off():
        cls = plain()
    assert isinstance(vars(cls)["__init__"], Method)
    assert isinstance(vars(cls)["__eq__"], Method)
    cls(1)
    assert vars(cls)["__init__"] is cls.__init__
    assert isinstance(vars(cls)["__eq__"], Method)


@known
def test_the_docstring_says_less() -> None:
    with put_off():
        late, documented = plain(), frozen()
    assert (late.__doc__, documented.__doc__) == ("Port", "A port.")
    assert plain().__doc__.startswith("Port(number: ")  # type: ignore[union-attr]


def test_what_cannot_be_declared_is_refused_at_once() -> None:
    with put_off(), pytest.raises(TypeError, match="Cannot overwrite attribute __lt__"):

        @dataclass(order=True)
        class Port:
            number: int

            def __lt__(self, other: object) -> bool: ...  # type: ignore[misc]


@dataclass
class Kept:
    """A class that can be found by its name."""

    number: int


def test_objects_can_be_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    with put_off():
        late: Any = dataclass(type("Kept", (), {"__annotations__": {"number": int}}))
    monkeypatch.setattr(inspect.getmodule(Kept), "Kept", late)
    late.__module__ = __name__
    assert pickle.loads(pickle.dumps(late(3))) == late(3)


@known
def test_it_is_for_a_while() -> None:
    with put_off():
        with pytest.raises(KeyError), put_off():
            raise KeyError
        assert isinstance(vars(plain())["__init__"], Method)
    assert inspect.isfunction(vars(plain())["__init__"])
    assert str(plain().__doc__).startswith("Port(")


def test_a_release_of_python_that_is_not_known_makes_them_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dataclass_methods, "LAST", (3, 10))
    with put_off():
        assert inspect.isfunction(vars(plain())["__init__"])
