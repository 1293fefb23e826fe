"""Contract: formats, which the server looks at for some types only, and types where there is one.

Source: typeValidator.Validate in k8s.io/kube-openapi/pkg/validation/validate/type.go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

GROUP = "contract.example.com"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
UUID = "00000000-0000-{}000-8000-000000000000"
# A text that has the format, and one that has not.
TEXTS: Mapping[str, tuple[str, str]] = {
    "date-time": ("2026-01-31T12:00:00Z", "2026-01-31"),
    "datetime": ("2026-01-31T12:00:00Z", ""),
    "date": ("2026-01-31", "2026-02-31"),
    "byte": ("YQ==", ""),
    "duration": ("5s", "five"),
    "uuid": (UUID.format(9), "0"),
    "u-uid": (UUID.format(9), "0"),
    "uuid3": (UUID.format(3), UUID.format(4)),
    "uuid4": (UUID.format(4), UUID.format(3)),
    "uuid5": (UUID.format(5), UUID.format(3)),
    "email": ("a@b.c", "a"),
    "ipv4": ("1.2.3.4", "::1"),
    "ipv6": ("::1", "1.2.3.4"),
    "cidr": ("1.0.0.0/8", "1.2.3.4"),
    "mac": ("00:00:00:00:00:01", "0"),
    "isbn": ("0321751043", "0"),
    "isbn10": ("0321751043", "0"),
    "isbn13": ("978-0321751041", "0321751043"),
    "ssn": ("123-45-6789", "123"),
    "creditcard": ("4111111111111111", "5"),
    "bsonobjectid": ("0123456789abcdef01234567", "0"),
    "hexcolor": ("#fff", "#ff"),
    "rgbcolor": ("rgb(1,2,3)", "rgb(1,2)"),
    "uri": ("http://a/b", "a"),
    "hostname": ("a.example", "A_"),
    "k8s-short-name": ("a" * 63, "a" * 64),
    "k8s-long-name": ("a.b", "A"),
}
NO_TEXTS: tuple[tuple[Any, str], ...] = (({"a": 1}, ""), (5, "int64"), (1.5, "float64"), (True, ""))
"""Values that are no texts, and the formats that Go has for them."""

Send = Callable[[str, Any], str]


def define(api: Any, schemas: dict[str, Any]) -> Send:
    """A CRD with fields of these schemas; returns what tries values of a field."""
    spec = {"type": "object", "properties": schemas}
    names = {"plural": "formatteds", "kind": "Formatted"}
    version = {"name": "v1", "served": True, "storage": True}
    version["schema"] = {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}
    created = api.send(
        "POST",
        CRDS,
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"formatteds.{GROUP}"},
            "spec": {"group": GROUP, "scope": "Namespaced", "names": names, "versions": [version]},
        },
    )
    assert created.code == 201, created.body
    path = api.path("formatteds", group=f"{GROUP}/v1")
    api.eventually(path, 200)

    def send(field: str, value: Any) -> str:
        document = {"apiVersion": f"{GROUP}/v1", "kind": "Formatted", "metadata": {"name": "a"}}
        answer = api.send("POST", path, document | {"spec": {field: value}}, dryRun="All")
        if answer.code == 201:
            return ""
        return str(answer.message.removeprefix(f'Formatted.{GROUP} "a" is invalid: '))

    return send


IGNORED = {
    "string": ("quantity", "int64", "float", "x"),
    "integer": ("double", "date", "x"),
    "number": ("int32", "date"),
    "boolean": ("date",),
}
NUMBERS = {"int32": "integer", "int64": "integer", "float": "number", "double": "number"}


def fields_of(kind: str, forms: Iterable[str]) -> dict[str, dict[str, str]]:
    return {f"{kind}{number}": {"type": kind, "format": form} for number, form in enumerate(forms)}


def test_formats(api: Any) -> None:
    texts = {f"text{name}": schema for name, schema in fields_of("string", TEXTS).items()}
    ignored = {
        f"ignored{name}": schema
        for kind, forms in IGNORED.items()
        for name, schema in fields_of(kind, forms).items()
    }
    numbers = {form: {"type": kind, "format": form} for form, kind in NUMBERS.items()}
    send = define(api, texts | ignored | numbers)
    try:
        check_texts(send, texts)
        check_ignored(send, ignored)
        check_numbers(send)
    finally:
        api.send("DELETE", f"{CRDS}/formatteds.{GROUP}")


def check_texts(send: Send, fields: dict[str, dict[str, str]]) -> None:
    for field, schema in fields.items():
        form = schema["format"]
        good, bad = TEXTS[form]
        assert send(field, good) == ""
        said = f"spec.{field} in body must be of type {form}"
        assert send(field, bad) == f'spec.{field}: Invalid value: "{bad}": {said}: "{bad}"'
        for value, go in NO_TEXTS:
            assert send(field, value) == f'spec.{field}: Invalid value: "{go}": {said}: "{go}"'
        assert send(field, ["a", {"b": 1}]) == "", "a list has every format"


def check_ignored(send: Send, fields: dict[str, dict[str, str]]) -> None:
    """Nothing is known of formats that do not go with the type."""
    for field, schema in fields.items():
        said = f'spec.{field} in body must be of type {schema["type"]}: "array"'
        assert send(field, []) == f'spec.{field}: Invalid value: "array": {said}'
    assert send("ignoredstring0", "no quantity") == ""
    assert send("ignorednumber0", 1 << 40) == ""
    assert send("ignoredinteger0", 1 << 40) == ""


def check_numbers(send: Send) -> None:
    for form, kind in NUMBERS.items():
        where = f"spec.{form}"
        for value in ({"a": 1}, True):
            said = f'{where} in body must be of type {form}: ""'
            assert send(form, value) == f'{where}: Invalid value: "": {said}'
        for value, name in (("a", "string"), (["a"], "array")):
            said = f'{where} in body must be of type {kind}: "{name}"'
            assert send(form, value) == f'{where}: Invalid value: "{name}": {said}'
    said = "Checked value must be of type integer with format int32 in spec.int32"
    assert send("int32", 1 << 31) == f'<nil>: Invalid value: "": {said}'
    assert send("int64", 1 << 31) == ""
    assert send("double", 1.5) == ""
