"""What preflight objects to in a CRD, as the API server puts it: field, reason and words.

Preflight tells people what to do, so it names the schema and says the keyword in its sentence; the
server names the keyword's field and shows its value. One table translates.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from opgen.testing.errors import (
    Document,
    FieldError,
    duplicate,
    forbidden_field,
    invalid_value,
    not_supported,
    required,
)
from opgen.testing.objects.validation import validate

_SCHEMA = re.compile(r"spec\.versions\[\d+\]\.schema\.openAPIV3Schema")
_ELSEWHERE = re.compile(
    r"spec\.versions\[\d+\]\.(?=additionalPrinterColumns|selectableFields|subresources)"
)
_PROPERTY = re.compile(r"properties\[([^\]]*)\]")
_STEPS = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_KINDS = ("Required value", "Invalid value", "Forbidden", "Unsupported value", "Duplicate value")
_REASONS = {
    "Required value": "FieldValueRequired",
    "Forbidden": "FieldValueForbidden",
    "Unsupported value": "FieldValueNotSupported",
    "Duplicate value": "FieldValueDuplicate",
}
_LIST_TYPE, _LIST_KEYS = "x-kubernetes-list-type", "x-kubernetes-list-map-keys"
_ORDER = {_LIST_TYPE: ["atomic", "set", "map"]}
"""Where the server lists what it supports in no order of the alphabet."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Spot:
    """A place in a CRD: what the server calls it, and what is there."""

    field: str
    node: Any

    def _name(self, keyword: str) -> str:
        return f"{self.field}.{keyword}" if keyword else self.field

    def value(self, keyword: str) -> Any:
        """What is below, at names with dots between."""
        found = self.node
        for name in keyword.split(".") if keyword else ():
            found = found.get(name) if isinstance(found, dict) else None
        return found

    def invalid(self, keyword: str, text: str) -> FieldError:
        return invalid_value(self._name(keyword), self.value(keyword), text)

    def forbidden(self, keyword: str, text: str) -> FieldError:
        return forbidden_field(self._name(keyword), text)

    def required(self, keyword: str, text: str) -> FieldError:
        return required(self._name(keyword), text)

    def unsupported(self, keyword: str, listed: str) -> FieldError:
        choices = _ORDER.get(keyword) or sorted(json.loads(f"[{listed}]"))
        return not_supported(self._name(keyword), self.value(keyword), choices)

    def expression(self, rule: Any, text: str) -> FieldError:
        """An expression is shown with the whole rule that it is in."""
        shown = {
            "Rule": rule.get("rule", ""),
            "Message": rule.get("message", ""),
            "MessageExpression": rule.get("messageExpression", ""),
            "Reason": rule.get("reason"),
            "FieldPath": rule.get("fieldPath", ""),
            "OptionalOldSelf": rule.get("optionalOldSelf"),
        }
        document = json.dumps(shown, separators=(",", ":"), ensure_ascii=False)
        body = f"Invalid value: {document}: {text}"
        return FieldError("FieldValueInvalid", self.field, body)

    def uncorrelatable(self, text: str, place: str) -> FieldError:
        """`place` is the list as people name it; the server names its schema."""
        lists = [self.field[: found.start()] for found in re.finditer(r"\.items\b", self.field)]
        named = (item for item in lists if ".".join(_PROPERTY.findall(item)) == place)
        return self.invalid("", f"{text} {next(named, place)}")

    def scale(self, text: str) -> FieldError:
        if not str(self.node).startswith("."):
            text = "must be a simple json path starting with ."
        return self.invalid("", text)


_EXPRESSION = re.compile("compilation failed|.*must evaluate to a ")
_Make = Callable[[_Spot, re.Match[str]], FieldError]
_OF_PARENT = f"must be object if parent array's {_LIST_TYPE} is map"
_NO_NULL = f"this property is in {_LIST_KEYS}, so it cannot be nullable"
_NO_FIELD = "is an invalid path: does not refer to a valid field"
_TABLE: tuple[tuple[str, _Make], ...] = (
    (
        r"(\S+) (must be (?:empty|undefined|false) to be structural)",
        lambda at, found: at.forbidden(found[1], found[2]),
    ),
    (r"(\S+) is not supported", lambda at, found: at.forbidden(found[1], found[0])),
    (
        r"(additionalProperties) and properties are mutual exclusive",
        lambda at, found: at.forbidden(found[1], found[0]),
    ),
    (r"(uniqueItems) cannot be set to true .*", lambda at, _: at.forbidden(_[1], _[0])),
    (
        r"(x-kubernetes-preserve-unknown-fields) (must be true or undefined)",
        lambda at, found: at.invalid(found[1], found[2]),
    ),
    (
        rf"(properties|{_LIST_KEYS}|{_LIST_TYPE}) (must (?:not be empty|be map) if .*)",
        lambda at, found: at.required(found[1], found[2]),
    ),
    (
        r"(type):? (must be (?:object|array) if .*)",
        lambda at, found: at.invalid(found[1], found[2]),
    ),
    (r"items: type must be object if .*", lambda at, _: at.invalid("items.type", _OF_PARENT)),
    (
        rf"({_LIST_KEYS}): .*: (entries must all be names of item properties)",
        lambda at, found: at.invalid(found[1], found[2]),
    ),
    (
        r"the key '(.*)': (this property is in .*)",
        lambda at, found: at.required(f"items.properties[{found[1]}].default", found[2]),
    ),
    (
        r"the key '(.*)' cannot be nullable .*",
        lambda at, found: at.forbidden(f"items.properties[{found[1]}].nullable", _NO_NULL),
    ),
    (
        r"(?:(\S+): )?Unsupported value: '.*': supported values: (.*)",
        lambda at, found: at.unsupported(found[1] or "type", found[2]),
    ),
    (
        r"(pattern|fieldPath): '.*' (must be a valid .*)",
        lambda at, found: at.invalid(found[1], found[2]),
    ),
    (r"rule is not specified", lambda at, found: at.required("rule", found[0])),
    (
        r"(oldSelf cannot be used on the uncorrelatable portion of the schema within) (.*)",
        lambda at, found: at.uncorrelatable(found[1], found[2]),
    ),
    (r"must be object at the root", lambda at, found: at.invalid("type", found[0])),
    (
        r"must not specify anything other than name and generateName.*",
        lambda at, found: at.forbidden("", found[0]),
    ),
    (r"Required value: schemas are required", lambda at, _: at.required("", "")),
    (
        r"column '.*': jsonPath: '.*' (must be .*)",
        lambda at, found: invalid_value(f"{at.field}.JSONPath", at.value("jsonPath"), found[1]),
    ),
    (
        r"column '.*': (\w+): '.*' (must be .*)",
        lambda at, found: at.invalid(found[1], found[2]),
    ),
    (r"'.*' (should be a json path under .*)", lambda at, found: at.scale(found[1])),
    (
        r"'.*' (must point to a field of type string, boolean or integer)",
        lambda at, found: at.invalid(
            "jsonPath", f"{found[1]}. Enum string fields and strings with formats are allowed."
        ),
    ),
    (
        r"'.*' (?:must not point to fields in metadata|is an invalid path: .*)",
        lambda at, _: at.invalid("jsonPath", _NO_FIELD),
    ),
    (
        r"'.*' is there twice",
        lambda at, _: duplicate(f"{at.field}.jsonPath", at.value("jsonPath")),
    ),
)
_COMPILED = tuple((re.compile(pattern, re.DOTALL), make) for pattern, make in _TABLE)


def causes(crd: Document) -> Iterator[FieldError]:
    """What is wrong with the schemas of a CRD, and with what points into them."""
    from opgen.schema import check

    single = len(crd["spec"].get("versions") or ()) == 1
    found: dict[tuple[str, str], FieldError] = {}
    for problem in check(crd):
        place = problem.field
        if problem.severity != "error" or not (_SCHEMA.match(place) or _ELSEWHERE.match(place)):
            continue
        node, above = _at(crd, place)
        if single and node is not None:
            place = _SCHEMA.sub("spec.validation.openAPIV3Schema", place)
            place = _ELSEWHERE.sub("spec.", place)
        for error in _translated(_Spot(place, node), above, problem.message):
            found.setdefault((error.field, error.body), error)
    # What is a reference needs no type, and is refused for being one.
    referring = {error.field for error in found.values() if error.field.endswith(".$ref")}
    for error in found.values():
        if error.field.removesuffix(".type") + ".$ref" not in referring:
            yield error


def _at(crd: Document, place: str) -> tuple[Any, Any]:
    """What is at a place, and what that is in."""
    node: Any = crd
    above: Any = None
    for inner, name in _STEPS.findall(place):
        step = inner or name
        above = node
        if isinstance(node, list) and step.isdecimal() and int(step) < len(node):
            node = node[int(step)]
        else:
            node = node.get(step) if isinstance(node, dict) else None
    return node, above


def _translated(spot: _Spot, above: Any, message: str) -> Iterator[FieldError]:
    if message.startswith("default: "):
        yield from _of_default(spot, above, message)
        return
    if isinstance(above, dict) and _EXPRESSION.match(message):
        yield spot.expression(above, message)
        return
    for pattern, make in _COMPILED:
        matched = pattern.fullmatch(message)
        if matched:
            yield make(spot, matched)
            return
    yield _as_told(spot.field, message)


def _of_default(spot: _Spot, schema: Any, message: str) -> Iterator[FieldError]:
    """A default that its schema does not take is told as an object's value would be."""
    unknown = "must not have unknown fields"
    if unknown in message:
        yield spot.invalid("", unknown)
        return
    errors = list(validate(spot.node, schema))
    for error in errors:
        field = f"{spot.field}.{error.field}" if error.field else spot.field
        yield dataclasses.replace(error, field=field)
    if not errors:
        yield _as_told(spot.field, message.removeprefix("default: "))


def _as_told(field: str, text: str) -> FieldError:
    """In preflight's words, where the server has the same."""
    keyword, separator, rest = text.partition(": ")
    if separator and keyword not in _KINDS and re.fullmatch(r"[\w$.\[\]-]+", keyword):
        field, text = f"{field}.{keyword}", rest
    kind = text.partition(":")[0]
    if kind not in _KINDS:
        kind = "Required value" if text.startswith(_REQUIRED) else "Invalid value"
        if any(part in text for part in _FORBIDDEN):
            kind = "Forbidden"
        text = f"{kind}: {text}"
    return FieldError(_REASONS.get(kind, "FieldValueInvalid"), field, text)


_REQUIRED = ("must not be empty", "must be specified")
_FORBIDDEN = ("cost exceeds budget", "contributed to estimated", "cost total")
