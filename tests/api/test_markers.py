"""Every marker on a fitting schema, on a wrong one, and as a value."""

import copy
from typing import Any

import pytest

from opgen.api import markers
from opgen.api.markers import (
    CEL,
    MARKERS,
    AtLeastOneOf,
    AtMostOneOf,
    Default,
    Descriptions,
    Doc,
    EmbeddedResource,
    Enum,
    ExactlyOneOf,
    Example,
    ExternalDocs,
    FieldMarker,
    Format,
    Ge,
    Gt,
    IntOrStringValue,
    Le,
    ListAtomic,
    ListMap,
    ListSet,
    Lt,
    MapAtomic,
    MapGranular,
    Marker,
    MarkerError,
    MaxLen,
    MinLen,
    MultipleOf,
    Name,
    Nullable,
    OneOf,
    Optional,
    Pattern,
    PreserveUnknown,
    PrintColumn,
    Required,
    Schema,
    SchemaMarker,
    SpecReplicas,
    Title,
    TypeMarker,
    instance,
    marked,
    markers_of,
)

STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
LIST = {"type": "array", "items": STRING}
MAP = {"type": "object", "additionalProperties": STRING}
OBJECT = {"type": "object", "properties": {"x": STRING}}
EITHER = {"x-kubernetes-int-or-string": True, "anyOf": [INTEGER, STRING]}

FITTING: list[tuple[SchemaMarker, dict[str, Any], dict[str, Any]]] = [
    (Ge(1), INTEGER, {"minimum": 1}),
    (Ge(1.0), INTEGER, {"minimum": 1}),
    (Ge(0.5), NUMBER, {"minimum": 0.5}),
    (Le(9), INTEGER, {"maximum": 9}),
    (Gt(1), INTEGER, {"minimum": 1, "exclusiveMinimum": True}),
    (Lt(9), INTEGER, {"maximum": 9, "exclusiveMaximum": True}),
    (MultipleOf(5), INTEGER, {"multipleOf": 5}),
    (MinLen(0), STRING, {"minLength": 0}),
    (MinLen(1), LIST, {"minItems": 1}),
    (MinLen(1), MAP, {"minProperties": 1}),
    (MinLen(1), OBJECT, {"minProperties": 1}),
    (MaxLen(3), STRING, {"maxLength": 3}),
    (MaxLen(3), EITHER, {"maxLength": 3}),
    (MaxLen(3), LIST, {"maxItems": 3}),
    (MaxLen(3), MAP, {"maxProperties": 3}),
    (Pattern("^a"), STRING, {"pattern": "^a"}),
    (Pattern("^a"), EITHER, {"pattern": "^a"}),
    (Format("ipv4"), STRING, {"format": "ipv4"}),
    (Format("int32"), INTEGER, {"format": "int32"}),
    (Enum("", "a"), STRING, {"enum": ["", "a"]}),
    (Enum(1, 2), INTEGER, {"enum": [1, 2]}),
    (
        ListMap("b", "a", "b"),
        LIST,
        {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["b", "a"]},
    ),
    (ListSet(), LIST, {"x-kubernetes-list-type": "set"}),
    (ListAtomic(), LIST, {"x-kubernetes-list-type": "atomic"}),
    (MapAtomic(), MAP, {"x-kubernetes-map-type": "atomic"}),
    (MapGranular(), OBJECT, {"x-kubernetes-map-type": "granular"}),
    (Nullable(), STRING, {"nullable": True}),
    (Default("x"), STRING, {"default": "x"}),
    (Doc("A\nb."), STRING, {"description": "A\nb."}),
    (
        Descriptions({"x": "A text."}),
        OBJECT,
        {"properties": {"x": {"type": "string", "description": "A text."}}},
    ),
    (Descriptions({"[]": "An item."}), LIST, {"items": {**STRING, "description": "An item."}}),
    (Title("T"), STRING, {"title": "T"}),
    (Example("e"), STRING, {"example": "e"}),
    (ExternalDocs("https://a.b"), STRING, {"externalDocs": {"url": "https://a.b"}}),
    (
        ExternalDocs("https://a.b", "More"),
        STRING,
        {"externalDocs": {"url": "https://a.b", "description": "More"}},
    ),
    (OneOf(), {**OBJECT, "oneOf": [{"required": ["x"]}]}, {}),
    (CEL("self > 1"), INTEGER, {"x-kubernetes-validations": [{"rule": "self > 1"}]}),
    (
        CEL(
            "self.x > 1",
            message="m",
            message_expression="'e'",
            reason="FieldValueInvalid",
            field_path=".x",
            optional_old_self=False,
        ),
        OBJECT,
        {
            "x-kubernetes-validations": [
                {
                    "rule": "self.x > 1",
                    "message": "m",
                    "messageExpression": "'e'",
                    "reason": "FieldValueInvalid",
                    "fieldPath": ".x",
                    "optionalOldSelf": False,
                }
            ]
        },
    ),
    (PreserveUnknown(), OBJECT, {"x-kubernetes-preserve-unknown-fields": True}),
    (PreserveUnknown(), {}, {"x-kubernetes-preserve-unknown-fields": True}),
    (EmbeddedResource(), {}, {"type": "object", "x-kubernetes-embedded-resource": True}),
    (IntOrStringValue(), {}, EITHER),
    (Schema({"oneOf": [{"required": ["x"]}]}), OBJECT, {"oneOf": [{"required": ["x"]}]}),
]


@pytest.mark.parametrize(("marker", "schema", "added"), FITTING, ids=repr)
def test_fitting(marker: SchemaMarker, schema: dict[str, Any], added: dict[str, Any]) -> None:
    changed = copy.deepcopy(schema)
    marker.apply(changed)
    assert changed == {**schema, **added}


NUMBERS = "applies to integers and numbers, not to"
LENGTHS = "applies to strings, lists, maps, objects and int-or-string values, not to"
WRONG: list[tuple[SchemaMarker, dict[str, Any], str]] = [
    (Ge(1), STRING, f"Ge(1) {NUMBERS} a string"),
    (Gt(1), LIST, f"Gt(1) {NUMBERS} a list"),
    (Le(1), MAP, f"Le(1) {NUMBERS} a map"),
    (Lt(1), OBJECT, f"Lt(1) {NUMBERS} an object"),
    (MultipleOf(2), {"type": "boolean"}, f"MultipleOf(2) {NUMBERS} a boolean"),
    (Ge(0.5), INTEGER, "Ge(0.5) sits on an integer and needs a whole number"),
    (Ge(True), INTEGER, "Ge(True) needs a number"),
    (Ge(float("inf")), NUMBER, "Ge(inf) needs a finite number"),
    (MultipleOf(0), INTEGER, "MultipleOf(0) needs a number greater than 0"),
    (MultipleOf(None), INTEGER, "MultipleOf(None) needs a number"),
    (MinLen(1), INTEGER, f"MinLen(1) {LENGTHS} an integer"),
    (MaxLen(1), NUMBER, f"MaxLen(1) {LENGTHS} a number"),
    (MaxLen(-1), STRING, "MaxLen(-1) needs a whole number that is not negative"),
    (
        Pattern("a"),
        INTEGER,
        "Pattern('a') applies to strings and int-or-string values, not to an integer",
    ),
    (
        Format("x"),
        LIST,
        "Format('x') applies to strings, integers and numbers, not to a list",
    ),
    (Descriptions({"y.z": "?"}), OBJECT, "Descriptions names 'y.z', which is no field here"),
    (Enum(), STRING, "Enum() needs at least one value"),
    (Enum("a", 1), STRING, "Enum('a', 1) lists 1, which is no string"),
    (Enum(True), INTEGER, "Enum(True) lists True, which is no integer"),
    (ListMap("a"), MAP, "ListMap('a') applies to lists, not to a map"),
    (ListMap(), LIST, "ListMap() needs the names of the fields that identify an item"),
    (ListSet(), STRING, "ListSet applies to lists, not to a string"),
    (ListAtomic(), OBJECT, "ListAtomic applies to lists, not to an object"),
    (MapAtomic(), LIST, "MapAtomic applies to maps and objects, not to a list"),
    (MapGranular(), INTEGER, "MapGranular applies to maps and objects, not to an integer"),
    (
        PreserveUnknown(),
        STRING,
        "PreserveUnknown applies to objects, maps and values of any type, not to a string",
    ),
    (
        EmbeddedResource(),
        MAP,
        "EmbeddedResource applies to objects and values of any type, not to a map",
    ),
    (CEL("true", reason="Bad"), STRING, "CEL('true') has the unknown reason 'Bad'"),
    (
        Ge(2),
        {"type": "integer", "minimum": 1},
        "Ge(2) contradicts what the type or another marker says: minimum is already 1",
    ),
]


@pytest.mark.parametrize(("marker", "schema", "message"), WRONG, ids=repr)
def test_wrong(marker: SchemaMarker, schema: dict[str, Any], message: str) -> None:
    with pytest.raises(MarkerError) as raised:
        marker.apply(copy.deepcopy(schema))
    assert raised.value.message == message


ODD: list[tuple[Marker, str]] = [
    (Pattern(5), "Pattern(5) needs a string as its regex, not 5"),
    (Format(None), "Format(None) needs a string as its name, not None"),
    (Name(b"x"), "Name(b'x') needs a string as its name, not b'x'"),
    (Doc({"a": 1}), "Doc({'a': 1}) needs a string as its documentation, not {'a': 1}"),
    (Title(1), "Title(1) needs a string as its text, not 1"),
    (ExternalDocs(["x"]), "ExternalDocs(['x']) needs a string as its url, not ['x']"),
    (Descriptions("text"), "Descriptions('text') needs a dict of strings"),
    (Descriptions({1: "a"}), "Descriptions({1: 'a'}) needs a string in its texts, not 1"),
    (ListMap("a", {}), "ListMap('a', {}) needs a string in its keys, not {}"),
    (ExactlyOneOf(1), "ExactlyOneOf(1) needs a string in its fields, not 1"),
    (CEL(True), "CEL(True) needs a string as its rule, not True"),
    (CEL("true", message=3), "CEL('true') needs a string as its message, not 3"),
    (
        CEL("true", optional_old_self="no"),
        "CEL('true') needs True or False as its optional_old_self, not 'no'",
    ),
    (PrintColumn("A", type=int), "PrintColumn('A') needs a string as its type, not <class 'int'>"),
    (
        PrintColumn("A", priority=2**31),
        "PrintColumn('A') needs a whole number of 32 bits as its priority, not 2147483648",
    ),
    (Doc("\ud800"), "Doc('\\ud800') holds '\\ud800', which JSON does not have"),
]


@pytest.mark.parametrize(("marker", "message"), ODD, ids=[message for _, message in ODD])
def test_arguments_of_the_wrong_kind(marker: Marker, message: str) -> None:
    with pytest.raises(MarkerError) as raised:
        marker.check()
    assert raised.value.message == message


@pytest.mark.parametrize("marker", [marker for marker, _, _ in FITTING], ids=repr)
def test_arguments_of_the_right_kind(marker: Marker) -> None:
    marker.check()


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        (MinLen("a"), "MinLen('a') needs a whole number that is not negative"),
        (Enum("a", 1), "Enum('a', 1) lists 1, which is no string"),
        (Enum(), "Enum() needs at least one value"),
    ],
    ids=repr,
)
def test_wrong_on_map_keys(marker: SchemaMarker, message: str) -> None:
    with pytest.raises(MarkerError) as raised:
        marker.key_rule()
    assert raised.value.message == message


@pytest.mark.parametrize("marker", [Optional, Required])
def test_a_marker_is_no_type(marker: Any) -> None:
    with pytest.raises(TypeError, match=f"^{marker.__name__} of opgen.api is a marker: write "):
        marker[int]


@pytest.mark.parametrize("marker", MARKERS)
def test_each_is_documented_and_of_one_sort(marker: type[Marker]) -> None:
    assert marker.__doc__
    assert marker.__name__ in marker.example
    assert sum(issubclass(marker, sort) for sort in (SchemaMarker, FieldMarker, TypeMarker)) == 1
    assert marker.__name__ in markers.__all__


@pytest.mark.parametrize("marker", [entry for entry in MARKERS if issubclass(entry, SchemaMarker)])
def test_each_schema_marker_is_tested(marker: type[Marker]) -> None:
    assert any(type(entry) is marker for entry, _, _ in FITTING)


def test_values_and_not_identities_count() -> None:
    assert Ge(1) == Ge(1)
    assert Ge(1) != Ge(2)
    assert Ge(1) != Gt(1)
    assert PrintColumn("A") != PrintColumn("A", priority=1)
    assert CEL("x", message="a") != CEL("x", message="b")
    assert len({Ge(1), Ge(1), CEL("x"), CEL("x"), PrintColumn("A"), PrintColumn("A")}) == 3


def test_frozen() -> None:
    with pytest.raises(AttributeError, match="Ge is frozen"):
        Ge(1).value = 2


@pytest.mark.parametrize(
    ("marker", "rule"),
    [
        (MinLen(1), "key.size() >= 1"),
        (MaxLen(63), "key.size() <= 63"),
        (Pattern('^"\\d'), 'key.matches("^\\"\\\\d")'),
        (Enum("a", "b"), 'key in ["a", "b"]'),
    ],
    ids=repr,
)
def test_on_map_keys(marker: SchemaMarker, rule: str) -> None:
    assert marker.key_rule() == rule


def test_a_marker_may_be_written_without_call() -> None:
    assert instance(SpecReplicas) == SpecReplicas()
    with pytest.raises(MarkerError, match="Ge needs arguments"):
        instance(Ge)


def test_marked_belongs_to_its_class_alone() -> None:
    @marked(ExactlyOneOf("a", "b"), ListSet)
    class Base:
        pass

    class Derived(Base):
        pass

    assert markers_of(Base) == (ExactlyOneOf("a", "b"), ListSet())
    assert markers_of(Derived) == ()


def test_one_of_rules() -> None:
    assert AtMostOneOf("a", "b").rule().as_json() == {
        "rule": "(has(self.a)?1:0)+(has(self.b)?1:0) <= 1",
        "message": "at most one of the fields in [a b] may be set",
    }
    assert ExactlyOneOf("a").rule().as_json() == {
        "rule": "(has(self.a)?1:0) == 1",
        "message": "exactly one of the fields in [a] must be set",
    }
    assert AtLeastOneOf("a", "b").rule().as_json() == {
        "rule": "has(self.a)||has(self.b)",
        "message": "at least one of the fields in [a b] must be set",
    }
