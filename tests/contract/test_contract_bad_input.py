"""Bodies that are no objects, or not what they claim to be: refused, and the server goes on."""

from __future__ import annotations

from typing import Any

import pytest

JSON = "application/json"
YAML = "application/yaml"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"
HEAD = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},'
WIDGET = b'{"apiVersion":"contract.example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":'
DEEP = b"[" * 20_000 + b"]" * 20_000
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (97 + i, 97 + i, b",".join([b"*%c" % (96 + i)] * 9)) for i in range(1, 9)
)


@pytest.mark.parametrize(
    ("body", "kind", "code", "reason"),
    [
        (b"", JSON, 400, "BadRequest"),
        (b"{", JSON, 400, "BadRequest"),
        (b"null", JSON, 422, "Invalid"),
        (b"[]", JSON, 400, "BadRequest"),
        (b'"x"', JSON, 400, "BadRequest"),
        (b"{}}", JSON, 400, "BadRequest"),
        (b"a: b: c", YAML, 400, "BadRequest"),
        (b"\x00\x01\x02", JSON, 400, "BadRequest"),
        (HEAD + b'"data":{"a":' + DEEP + b"}}", JSON, 400, "BadRequest"),
        (HEAD + b'"data":{"a":1e400}}', JSON, 400, "BadRequest"),
        (HEAD + b'"data":[]}', JSON, 400, "BadRequest"),
        (b"x", "application/x-www-form-urlencoded", 415, "UnsupportedMediaType"),
        (b"x", "image/png", 415, "UnsupportedMediaType"),
        (BOMB, YAML, 400, "BadRequest"),
    ],
    ids=[
        *("empty", "half", "null", "list", "string", "more", "yaml", "binary", "deep", "huge"),
        *("wrong type", "form", "picture", "bomb"),
    ],
)
def test_a_body_that_cannot_be_read(
    api: Any, body: bytes, kind: str, code: int, reason: str
) -> None:
    answer = api.send("POST", api.maps(), body, content_type=kind)
    assert (answer.code, answer.reason) == (code, reason), answer.body
    assert api.send("GET", api.maps("a")).code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (DEEP, 400),
        (b'{"replicas":1e400}', 400),
        (b'{"plain":[123456789012345678901234567890]}', 422),
    ],
    ids=["deep", "huge", "large integer"],
)
def test_a_custom_object_that_cannot_be_read(api: Any, body: bytes, code: int) -> None:
    answer = api.send("POST", api.widgets(), WIDGET + body + b"}")
    assert answer.code == code, answer.body


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", MERGE),
        (b"[]", MERGE),
        (b"x", MERGE),
        (b"{", "application/json-patch+json"),
        (b"{}", "application/json-patch+json"),
        (b"{", "application/strategic-merge-patch+json"),
        (b"a: b: c", APPLY),
    ],
    ids=["merge", "merge list", "merge text", "json", "json object", "strategic", "apply"],
)
def test_a_patch_that_cannot_be_read(api: Any, body: bytes, kind: str) -> None:
    api.make_map("a")
    query = {"fieldManager": "x"} if kind == APPLY else {}
    answer = api.send("PATCH", api.maps("a"), body, content_type=kind, **query)
    assert (answer.code, answer.reason) == (400, "BadRequest"), answer.body


def test_a_body_that_is_too_large(api: Any) -> None:
    body = HEAD + b'"data":{"a":"' + b"x" * (3 * 1024 * 1024 + 10) + b'"}}'
    answer = api.send("POST", api.maps(), body)
    assert answer.code == 413
    assert answer.reason == "RequestEntityTooLarge"


def test_an_object_that_is_too_large(api: Any) -> None:
    answer = api.send("POST", api.maps(), api.config_map("a", a="x" * (1024 * 1024 + 1)))
    assert (answer.code, answer.reason) == (422, "Invalid")


def test_bytes_that_are_no_utf8_are_replaced(api: Any) -> None:
    body = HEAD + b'"data":{"a":"x\xffy"}}'
    answer = api.send("POST", api.maps(), body, content_type=JSON)
    assert (answer.code, answer.body["data"]) == (201, {"a": "x\ufffdy"})
    body = HEAD.replace(b'"a"', b'"b"') + b'"data":{"\xc3(":"y"}}'
    answer = api.send("POST", api.maps(), body, content_type=JSON)
    assert (answer.code, answer.reason) == (422, "Invalid")
    assert answer.causes[0]["field"] == "data[\ufffd(]"
    body = b'apiVersion: v1\nkind: ConfigMap\ndata: {a: "x\xffy"}\n'
    answer = api.send("POST", api.maps(), body, content_type=YAML)
    assert (answer.code, answer.reason) == (400, "BadRequest")


def test_yaml_is_read(api: Any) -> None:
    body = (
        b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {day: 2001-01-01, m: 'x'}\n"
    )
    answer = api.send("POST", api.maps(), body, content_type=YAML)
    assert answer.code == 201, answer.body
    assert answer.body["data"] == {"day": "2001-01-01", "m": "x"}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (rb"\ud83d\ude00", "\N{GRINNING FACE}"),
        (rb"\ud800x", "\N{REPLACEMENT CHARACTER}x"),
        (rb"\udc00\ud800", "\N{REPLACEMENT CHARACTER}" * 2),
        (rb"\\ud800", r"\ud800"),
    ],
)
def test_halves_of_surrogate_pairs_are_replaced(api: Any, text: bytes, read: str) -> None:
    body = b'{"metadata":{"name":"s"},"data":{"a":"%b"}}' % text
    answer = api.send("POST", api.maps(), body)
    assert (answer.code, answer.body["data"]) == (201, {"a": read})
