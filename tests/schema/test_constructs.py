"""What people annotate with, construct by construct, and the tests that hold what comes of it.

A test asks for the schema, or for the exact error; whatever there is a schema for, the runtime can
read as well (the fixture `spec` sees to that). A case that is gone is noticed here.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping

import pytest

SCALARS = "test_scalar_types::test_type"
COLLECTIONS = "test_collection_types::test_type"
OBJECTS = "test_object_types::test_type"
PRESENCE = "test_presence::test_field"
NEWER = "test_newer_syntax::test_type"
NEWER_REFUSED = "test_newer_syntax::test_refused"
EXTENSIONS = "test_typing_extensions::test_type"
REFUSED = "test_unsupported::test_refused"
ALL: tuple[str, ...] = ()
"""A test of one case."""

CONSTRUCTS: dict[str, Mapping[str, Iterable[str]]] = {
    "int": {SCALARS: ("int", "Int32", "Int64")},
    "float": {"test_scalar_types::test_a_float_is_a_number_with_a_warning": ALL},
    "bool, str": {SCALARS: ("bool", "str")},
    "bytes": {SCALARS: ("bytes",), REFUSED: ("x: bytearray",)},
    "Any, object, JSON": {
        SCALARS: ("Json", "Annotated[Any, PreserveUnknown]", "Annotated[object, PreserveUnknown]"),
        REFUSED: ("x: Any", "x: object"),
    },
    "T | None = None": {
        PRESENCE: ("str | None = None", "Annotated[int, Ge(1)] | None = None"),
        NEWER: ("Percent | None = None",),
    },
    "Annotated[T, Nullable], T | None": {
        PRESENCE: ("Annotated[str, Nullable]", "str | None", "typing.Optional[str]"),
        COLLECTIONS: ("list[str | None]",),
    },
    "int | str": {SCALARS: ("int | str", "str | int", "IntOrString")},
    "Quantity": {SCALARS: ("Quantity",)},
    "list[T], Sequence, tuple[T, ...]": {
        COLLECTIONS: ("list[str]", "typing.List[str]", "Sequence[str]", "tuple[str, ...]"),
    },
    "bare list, dict": {
        REFUSED: ("x: list", "x: dict", "x: set", "x: tuple"),
        COLLECTIONS: ("Annotated[dict, PreserveUnknown]",),
    },
    "tuple[A, B], NamedTuple": {REFUSED: ("x: tuple[int, str]", "x: tuple[()]", "x: Pair")},
    "set[T], frozenset[T]": {
        COLLECTIONS: ("set[str]", "frozenset[str]", "collections.abc.Set[str]"),
        PRESENCE: ("set[Mode] = field(default_factory=lambda: set(Mode))",),
    },
    "dict[str, T], Mapping; keys: str, str-Enum, NewType of str": {
        COLLECTIONS: ("dict[str, int]", "Mapping[str, int]", "dict[Mode, int]", "dict[Key, int]"),
    },
    "dict[int, T]": {REFUSED: ("x: dict[int, str]", "x: dict[bytes, str]", "x: dict[Plain, str]")},
    "Literal": {SCALARS: ("Literal['a', 'b']", "Literal[1, 2]", "Literal['a']", "Literal[True]")},
    "Literal with None": {
        SCALARS: ("Literal['a', None]", "Literal['a'] | None"),
        PRESENCE: ("Literal['a', None]", "Literal['a', None] = None"),
        REFUSED: ("x: Literal[None]",),
    },
    "mixed-type Literal, Enum": {REFUSED: ("x: Literal[1, 'a']", "x: Mixed")},
    "Enum, StrEnum, IntEnum": {SCALARS: ("Color", "Mode", "Size", "Switch")},
    "Flag": {REFUSED: ("x: Access", "x: Rights")},
    "datetime, date, time, timedelta": {
        SCALARS: (
            "datetime.datetime",
            "datetime.date",
            "datetime.time",
            "datetime.timedelta",
            "Time",
            "Duration",
        ),
    },
    "Decimal, UUID, IPv4Address, Path, re.Pattern": {
        SCALARS: (
            "decimal.Decimal",
            "uuid.UUID",
            "ipaddress.IPv4Address",
            "ipaddress.IPv6Address",
            "ipaddress.IPv4Network",
            "ipaddress.IPv4Interface",
            "pathlib.Path",
            "pathlib.PurePosixPath",
            "re.Pattern",
            "re.Pattern[str]",
        ),
        REFUSED: ("x: re.Pattern[bytes]",),
    },
    "nested dataclass, inheritance, mixins": {
        OBJECTS: ("Plain", "Derived", "Narrowed", "Mixed", "Slotted", "Labelled"),
        REFUSED: ("x: Bare", "x: Changed"),
    },
    "a kind": {OBJECTS: ("Annotated[Other, EmbeddedResource]",), REFUSED: ("x: Other",)},
    "recursion": {
        "test_unsupported::test_recursion_names_the_cycle": ALL,
        "test_choices::test_recursion_ends_where_unknown_fields_are_preserved": ALL,
    },
    "union of dataclasses": {
        REFUSED: ("x: Inner | Node", "x: int | float"),
        "test_choices::test_a_union_has_the_fields_of_all_and_one_set_of_required_ones": ALL,
    },
    "generic dataclass Box[T], class Box[T]": {
        OBJECTS: ("Box[int]", "list[Box[str]]", "Box[Annotated[int, Ge(1)]]"),
        NEWER: ("Bound[str]", "Outer.Inner[int]", "Shelf[str]"),
        NEWER_REFUSED: ("Crate", "Growing[int]"),
        REFUSED: ("x: Box", "x: Bare_Box", "x: typing.AnyStr"),
    },
    "NewType, type Port = ..., old alias": {
        SCALARS: ("Port", "Annotated[Port, Ge(1)]", "Percent", "Annotated[Percent, MultipleOf(5)]"),
        NEWER: ("Percent", "list[Percent]", "Pair[int]", "Explicit", "ByName[int]"),
        EXTENSIONS: ("Percent", "ByName[int]"),
    },
    "recursive type alias": {NEWER_REFUSED: ("Tree", "Lost")},
    "TypedDict, attrs, pydantic model, msgspec Struct": {
        OBJECTS: ("Typed", "Partial", "Deeper"),
        NEWER: ("Cell[int]",),
        EXTENSIONS: ("Row", "Wide"),
        REFUSED: ("x: Defined", "x: Model", "x: Struct"),
    },
    "Gt(1)": {SCALARS: ("Annotated[int, Gt(1)]",)},
    "Annotated[list[Annotated[str, MinLen(1)]], MaxLen(5)]": {
        COLLECTIONS: (
            "Annotated[list[Annotated[str, MinLen(1)]], MaxLen(5)]",
            "dict[str, Annotated[list[Annotated[str, MinLen(1)]], MaxLen(5)]]",
        ),
    },
    "Optional[Annotated[int, Ge(1)]] and Annotated[int | None, Ge(1)]": {
        SCALARS: ("typing.Optional[Annotated[int, Ge(1)]]", "Annotated[int | None, Ge(1)]"),
    },
    "default scalar, default_factory": {
        PRESENCE: (
            "str = 'a'",
            "int = 0",
            "bool = False",
            "Mode = Mode.FAST",
            "int | None = 3",
            "list[int] = field(default_factory=list)",
            "dict[str, int] = field(default_factory=dict)",
            "list[int] = field(default_factory=lambda: [1, 2])",
            "Annotated[int, NoDefault] = 5",
        ),
        REFUSED: (
            "x: Json = field(default_factory=object)",
            "x: list[str] = field(default_factory=lambda: 1 / 0)",
            "x: str = None",
        ),
    },
    "dataclass default instance": {
        PRESENCE: (
            "Slotted = Slotted(1)",
            "Ruled = field(default_factory=Ruled)",
            "Annotated[Retry, Default({})] = field(default_factory=Retry)",
        ),
    },
    "required and default": {PRESENCE: ("Annotated[int, Required] = 5",)},
    "ClassVar, InitVar, KW_ONLY, init=False, _names, properties, methods": {
        OBJECTS: ("PythonOnly",),
        PRESENCE: ("InitVar[int] = 3",),
    },
    "Final[T], ReadOnly": {
        SCALARS: ("Final[int]", "Annotated[Final[int], Immutable]"),
        EXTENSIONS: ("te.ReadOnly[int]",),
        "test_newer_syntax::test_read_only_keys": ALL,
    },
    "Self, type[X], Callable, Protocol, complex, LiteralString": {
        SCALARS: ("LiteralString",),
        REFUSED: (
            "x: typing.Self",
            "x: type[int]",
            "x: type",
            "x: typing.Callable[[], int]",
            "x: typing.Callable",
            "x: Readable",
            "x: complex",
        ),
    },
    "class docstring, and the text that dataclass makes up": {
        OBJECTS: ("Documented", "DerivedDocumented", "Plain"),
    },
    "Condition list": {"test_collection_types::test_conditions": ALL},
    "a dataclass nested in a class names itself": {OBJECTS: ("Outer.Inner",)},
    "patterns of RE2 that Python does not know": {
        SCALARS: (r"Annotated[str, Pattern('^\\pL+\\z')]",),
    },
}


def cases_of(test: str) -> list[str]:
    """The names of a test's cases.

    Raises:
        AttributeError: there is no such test.
    """
    module, _, name = test.partition("::")
    marks = getattr(getattr(importlib.import_module(module), name), "pytestmark", ())
    rows = [row for mark in marks if mark.name == "parametrize" for row in mark.args[1]]
    return [row if isinstance(row, str) else row[0] for row in rows]


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_construct_is_tested(construct: str) -> None:
    held = CONSTRUCTS[construct].items()
    missing = {test: set(cases) - set(cases_of(test)) for test, cases in held}
    assert not any(missing.values()), missing
