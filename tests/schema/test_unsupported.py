"""Every annotation that Kubernetes cannot express: the exact message, place and way out."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from opgen.api import Problem
from opgen.schema import Derived, crds

HEAD = """\
from __future__ import annotations

from opgen_test_unsupported import *


@dataclass(kw_only=True)
class ThingSpec:
    \"\"\"What a thing is.\"\"\"

"""
TAIL = """


@resource(group="example.com", version="v1")
@dataclass(kw_only=True)
class Thing(CustomResource[ThingSpec, None]):
    \"\"\"A thing.\"\"\"
"""
LINE = HEAD.count("\n") + 1


@pytest.fixture
def derived(
    kinds: Callable[[str], ModuleType], module: Callable[[str], ModuleType]
) -> Callable[[str], Derived]:
    """What is derived from a kind whose spec has the given lines."""

    def derive(fields: str) -> Derived:
        kinds("unsupported")
        return crds([module(f"{HEAD}    {fields}\n{TAIL}").Thing])

    return derive


@pytest.fixture
def problem_of(derived: Callable[[str], Derived]) -> Callable[[str], Problem]:
    def derive(field: str) -> Problem:
        problems = derived(field).problems
        assert len(problems) == 1, problems
        return problems[0]

    return derive


CASES = {
    "x: int | float": (
        "int | float: a field of a CRD has one type",
        "use a dataclass with one optional field for each case and "
        "@marked(ExactlyOneOf(...)), or Annotated[Any, Schema({...})]",
    ),
    "x: Inner | Node": (
        "Inner | Node: a field of a CRD has one type",
        "write Annotated[Inner | Node, OneOf], or use a dataclass with one optional field for "
        "each case and @marked(ExactlyOneOf(...))",
    ),
    "x: tuple[int, str]": (
        "tuple[int, str]: the items of a list in a CRD have one type",
        "use a dataclass with a field for each item, or list[...] with one type",
    ),
    "x: Pair": ("Pair is a named tuple, which JSON does not have", "make it a dataclass"),
    "x: dict[int, str]": (
        "dict[int, str]: the keys of a map are strings",
        "write dict[str, str]",
    ),
    **{
        f"x: dict[{key}, str]": (
            f"dict[{key}, str]: the keys of a map are strings",
            "write dict[str, str]",
        )
        for key in ("str | None", "bytes", "Plain", "Any", "Literal['a', None]")
    },
    **{
        f"x: {written}": (
            f"{written} has no counterpart in a CRD",
            "use str, int, bool, list, dict, a dataclass or a type of opgen.k8s",
        )
        for written in ("{'a': 1}", "[int, str]")
    },
    "x: [int]": ("[int] is no type", "write list[int]"),
    "x: Box": ("Box does not say what its T is", "give an argument, as in Box[int]"),
    "x: Bare_Box": (
        "Bare_Box derives from Box without arguments",
        "write class Bare_Box(Box[...]) with a type for T",
    ),
    "x: Changed": (
        "x has no annotation, so it is no field",
        "write x: int = 5, or mark it as ClassVar",
    ),
    "x: str = field(default_factory=lambda: None)": (
        "the default None is no str",
        "write str | None",
    ),
    "x: Inner = field(default_factory=lambda: Inner('a'))": (
        "the default {'x': 'a'} breaks the field's own rules: x must be of type integer",
        "change the default or the rule",
    ),
    "x: Inner = field(default_factory=lambda: Box(1))": (
        "the default {'content': 1} breaks the field's own rules: content is unknown to the schema",
        "change the default or the rule",
    ),
    "x: Annotated[str, Name('a'), Name('b')]": (
        "Name('b') contradicts Name('a')",
        "say one of them",
    ),
    "x: Annotated[str, NoDefault, Default('b')]": (
        "NoDefault contradicts Default",
        "say one of them, on the alias or on the field",
    ),
    "x: Literal[None]": (
        "Literal[None] lists None: the values of an enum have one type, string, integer or boolean",
        "give all values one type",
    ),
    "x: Annotated[str, Name(5)]": ("5 is no JSON name", 'write it as in Name("from")'),
    "x: Annotated[str, Doc(5)]": (
        "Doc(5) needs a string as its documentation, not 5",
        'write it as in Annotated[str, Doc("A name.")]',
    ),
    "x: str = '\\ud800'": (
        "the default cannot be written as JSON: '\\ud800' is no JSON value",
        "use a JSON value, or mark the field with NoDefault",
    ),
    "x: typing.AnyStr": (
        "the type variable AnyStr has no value",
        "give the generic class an argument, as in Box[int]",
    ),
    "x: str = field(default_factory=lambda: exit(1))": (
        "the default factory fails: SystemExit: 1",
        "give a factory that can be called without arguments",
    ),
    "x: list": ("list does not say what its items are", "write list[str] or the like"),
    "x: tuple": ("tuple does not say what its items are", "write tuple[str, ...] or the like"),
    "x: tuple[()]": (
        "tuple: the items of a list in a CRD have one type",
        "use a dataclass with a field for each item, or list[...] with one type",
    ),
    "x: set": ("set does not say what its items are", "write set[str] or the like"),
    "x: dict": (
        "dict does not say what is allowed, so that nothing would be kept",
        "write Annotated[dict, PreserveUnknown] to keep everything, or name the type",
    ),
    "x: Any": (
        "Any does not say what is allowed, so that nothing would be kept",
        "write Annotated[Any, PreserveUnknown] to keep everything, or name the type",
    ),
    "x: object": (
        "object does not say what is allowed, so that nothing would be kept",
        "write Annotated[object, PreserveUnknown] to keep everything, or name the type",
    ),
    "x: Mixed": (
        "Mixed lists 1, 'b': the values of an enum have one type, string, integer or boolean",
        "give all values one type",
    ),
    "x: Literal[1, 'a']": (
        "Literal[1, 'a'] lists 1, 'a': the values of an enum have one type, "
        "string, integer or boolean",
        "give all values one type",
    ),
    "x: Access": (
        "Access is a Flag, whose values can be combined",
        "use set[...] of a StrEnum",
    ),
    "x: Rights": (
        "Rights is a Flag, whose values can be combined",
        "use set[...] of a StrEnum",
    ),
    "x: Bare": ("Bare is no dataclass", "decorate it with @dataclass"),
    "x: complex": (
        "complex has no counterpart in a CRD",
        "use str, int, bool, list, dict, a dataclass or a type of opgen.k8s",
    ),
    **{
        f"x: {written}": (
            f"{told or written} has no counterpart in a CRD",
            "use str, int, bool, list, dict, a dataclass or a type of opgen.k8s",
        )
        for written, told in {
            "type[int]": "",
            "typing.Callable[[], int]": "Callable[[], int]",
            "typing.Callable": "Callable",
            "range": "",
            "bytearray": "",
            "type": "",
        }.items()
    },
    "x: typing.Self": (
        "Self has no counterpart in a CRD",
        "a CRD cannot describe recursion; name the class, as in "
        "Annotated[Node, PreserveUnknown], or give the field the type Json",
    ),
    "x: re.Pattern[bytes]": (
        "Pattern[bytes] has no counterpart in a CRD",
        "write re.Pattern[str]",
    ),
    "x: Json = re.compile(b'a')": (
        "the default cannot be written as JSON: b'a' is a regular expression for bytes",
        "use a JSON value, or mark the field with NoDefault",
    ),
    "x: Struct": (
        "Struct is a msgspec Struct, not a dataclass",
        "write it as a dataclass; its Meta(...) can stay in Annotated",
    ),
    "x: Model": (
        "Model is a pydantic model, not a dataclass",
        "write it as a dataclass; its Field(...) can stay in Annotated",
    ),
    "x: Defined": (
        "Defined is an attrs class, not a dataclass",
        "write it as a dataclass; its validators become markers, such as Ge(1)",
    ),
    "x: Readable": (
        "Readable is a Protocol, not a dataclass",
        "use a dataclass that has what it asks for",
    ),
    "x: Other": (
        "Other is a kind, whose objects the API server keeps on their own",
        "use the type of its spec or a reference by name, or write "
        "Annotated[Other, EmbeddedResource] to hold a whole object here",
    ),
    # What has been refused is not spoken of again for its markers and default.
    "x: Annotated[complex, Ge(1)] = 1j": (
        "complex has no counterpart in a CRD",
        "use str, int, bool, list, dict, a dataclass or a type of opgen.k8s",
    ),
    "x: Annotated[Any, Schema({'tpye': 'string'})]": (
        "Schema({'tpye': 'string'}) has the unknown keyword 'tpye'",
        "is type meant?",
    ),
    "x: Annotated[Any, Schema({'type': 'string', 'const': 1})]": (
        "Schema({'type': 'string', 'const': 1}) has the unknown keyword 'const'",
        "use a keyword of OpenAPI, such as oneOf",
    ),
    **{
        f"x: Annotated[{kind}, {marker}]": (
            f"{shown or marker} holds {stranger}, which JSON does not have",
            "write strings, finite numbers, booleans, None, lists and dicts with string keys",
        )
        for kind, marker, shown, stranger in (
            ("Any", "Schema({'maximum': 1e999})", "Schema({'maximum': inf})", "inf"),
            ("Any", "Schema({'enum': [b'x']})", "", "b'x'"),
            ("Any", "Schema({'type': 'object', 'default': {1: 2}})", "", "1"),
            ("str", "Example(b'x')", "", "b'x'"),
            ("list[str]", "Example([-1e999])", "Example([-inf])", "-inf"),
            ("str", "Enum(1e999)", "Enum(inf)", "inf"),
            ("dict[str, str]", "Default({'a': 1j})", "", "1j"),
        )
    },
    "x: Annotated[Any, Schema('type')]": (
        "Schema('type') needs a mapping of OpenAPI keywords",
        'write it as in Annotated[Any, Schema({"type": "string"})]',
    ),
    "x: Unnameable": (
        "no rule can name the field '3scale'",
        "write the rule without it, or rename the field",
    ),
    "x = 'a'": (
        "x has no annotation, so it is no field",
        "write x: str = 'a', or mark it as ClassVar",
    ),
    "x: None": ("None alone is no type of a field", "write the type that the value may have"),
    "x: Missing": (
        "the annotation names 'Missing', which does not exist",
        "define or import Missing at the top of the module",
    ),
    "x: Annotated[str, Required, Optional]": (
        "Required contradicts Optional",
        "say one of them, on the alias or on the field",
    ),
    "x: Json = field(default_factory=object)": (
        "the default cannot be written as JSON: <object object> is no JSON value",
        "use a JSON value, or mark the field with NoDefault",
    ),
    "x: list[Missing]": (
        "the annotation names 'Missing', which does not exist",
        "define or import Missing at the top of the module",
    ),
    "x: Annotated[Int32, Ge(1)] = 0": (
        "the default 0 breaks the field's own rules: is too small: the minimum is 1",
        "change the default or the rule",
    ),
    "x: str = 1": (
        "the default 1 breaks the field's own rules: must be of type string",
        "change the default or the rule",
    ),
    "x: Literal['a'] = 'b'": (
        "the default 'b' breaks the field's own rules: must be one of ['a']",
        "change the default or the rule",
    ),
    "x: Int32 = 2**31": (
        "the default 2147483648 breaks the field's own rules: does not fit into int32",
        "change the default or the rule",
    ),
    "x: str = None": ("the default None is no str", "write str | None"),
    "x: Json = 1j": (
        "the default cannot be written as JSON: 1j is no JSON value",
        "use a JSON value, or mark the field with NoDefault",
    ),
    "x: list[str] = field(default_factory=lambda: 1 / 0)": (
        "the default factory fails: ZeroDivisionError: division by zero",
        "give a factory that can be called without arguments",
    ),
    "x: Annotated[Int32, MinLen(1)]": (
        "MinLen(1) applies to strings, lists, maps, objects and int-or-string values, "
        "not to an integer",
        "remove MinLen(1) or change the type",
    ),
    "x: Annotated[list[int], Ge(1)]": (
        "Ge(1) applies to integers and numbers, not to a list",
        "to constrain the items, write list[Annotated[..., Ge(1)]]",
    ),
    "x: Annotated[dict[str, int], Ge(1)]": (
        "Ge(1) applies to integers and numbers, not to a map",
        "to constrain the values, write dict[str, Annotated[..., Ge(1)]]",
    ),
    "x: Annotated[Lazy, Ge(2)]": (
        "Ge(2) contradicts what the type or another marker says: minimum is already 1",
        "say minimum only once, on the alias or on the field",
    ),
    "x: Annotated[Int32, Ge]": ("Ge needs arguments", "write it as in Annotated[Int32, Ge(1)]"),
    "x: list[Annotated[int, Required]]": (
        "Required belongs on a field, not on the items of a list or map",
        "move it into the outermost Annotated of the field",
    ),
    "x: dict[Annotated[str, Title('t')], int]": (
        "Title('t') cannot constrain the keys of a map",
        "remove it from the key",
    ),
    "x: Annotated[Int32, StatusReplicas]": (
        "StatusReplicas belongs on a field of the status",
        "move it",
    ),
    "x: Annotated[str, SpecReplicas]": (
        "SpecReplicas needs an integer, not string",
        "change the type",
    ),
    "x: Annotated[Int32, SpecReplicas]": (
        "SpecReplicas needs StatusReplicas on a field of the status",
        "mark the field of the status that counts replicas with StatusReplicas",
    ),
}


@pytest.mark.parametrize("field", CASES)
def test_refused(field: str, problem_of: Callable[[str], Problem]) -> None:
    message, hint = CASES[field]
    problem = problem_of(field)
    assert (problem.message, problem.hint, problem.severity) == (message, hint, "error")
    assert problem.location is not None
    assert problem.field in (*(f"Thing.spec.x{more}" for more in ("", "[]", ".x")), "Thing.spec.a")
    if field not in ("x: Unnameable", "x: Bare_Box", "x: Changed"):
        assert problem.location.line == LINE


def test_recursion_names_the_cycle(problem_of: Callable[[str], Problem]) -> None:
    problem = problem_of("x: Node")
    assert problem.message == "Node contains itself: Node -> Node"
    assert problem.hint == (
        "a CRD cannot describe recursion; mark one field of the cycle, as in "
        "Annotated[Node, PreserveUnknown], or give it the type Json"
    )
    assert problem.field == "Thing.spec.x.children[]"


def test_floats_are_a_warning(derived: Callable[[str], Derived]) -> None:
    documents, problems = derived("x: float = 0.5")
    assert [problem.severity for problem in problems] == ["warning"]
    spec = documents[0]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert spec["properties"]["spec"]["properties"]["x"] == {"type": "number", "default": 0.5}


def test_two_fields_with_one_json_name(problem_of: Callable[[str], Problem]) -> None:
    problem = problem_of('x: int\n    y: Annotated[str, Name("x")]')
    assert problem.message == "x and y both have the JSON name 'x'"
    assert problem.hint == 'give one of them another with Name("...")'
    assert problem.location is not None
    assert problem.location.line == LINE + 1


def test_all_problems_come_together(derived: Callable[[str], Derived]) -> None:
    documents, problems = derived("x: list\n    y: complex\n    z: Any")
    assert documents == ()
    assert len(problems) == 3


def test_a_class_without_decorator_is_no_kind() -> None:
    class Thing:
        pass

    with pytest.raises(TypeError, match=r"Thing is not decorated with @resource\(\.\.\.\)"):
        crds([Thing])


def test_all_names_that_do_not_exist_are_told(derived: Callable[[str], Derived]) -> None:
    fields = 'x: Missing\n    y: list["Gone"] | None = None\n    z: str = ""\n    v: -""'
    problems = derived(fields).problems
    assert [(problem.field, problem.message) for problem in problems] == [
        ("Thing.spec.x", "the annotation names 'Missing', which does not exist"),
        ("Thing.spec.y", "the annotation names 'Gone', which does not exist"),
        (
            "Thing.spec.v",
            "the annotation cannot be evaluated: bad operand type for unary -: 'str'",
        ),
    ]


def test_replicas_need_a_field_of_the_status(problem_of: Callable[[str], Problem]) -> None:
    problem = problem_of("n: Annotated[Int32, SpecReplicas] = 1")
    assert problem.message == "SpecReplicas needs StatusReplicas on a field of the status"


def test_what_may_be_unreadable_is_not_called_missing(
    problem_of: Callable[[str], Problem],
) -> None:
    problem = problem_of("n: Annotated[Int32, SpecReplicas] = 1\n    x: Missing")
    assert problem.field == "Thing.spec.x"
