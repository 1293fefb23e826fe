"""YAML of strangers: what Kubernetes would read, with positions; the rest is refused."""

from __future__ import annotations

import pytest

from opgen.api.errors import Problems
from opgen.scaffold import yaml_documents
from opgen.scaffold.yaml_documents import read

BOMB = b"a: &a [1]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 10)) for name in b"bcdefg"
)
REFUSED = [
    (b"a: [1", "x.yaml is no YAML: did not find expected ',' or ']'", "x.yaml:2"),
    (b"\ta: 1", "x.yaml is no YAML: found character that cannot start any token", "x.yaml:1"),
    (b"a: 1\nb: 2\na: 3\n", "the key 'a' is there twice", "x.yaml:3"),
    (b"b: 1\na: \xe4", "x.yaml is not in UTF-8", "x.yaml:2"),
    (
        b"a: \x00",
        "x.yaml is no YAML: unacceptable character #x0000: control characters are not allowed",
        "x.yaml",
    ),
    (
        b"a: !foo b",
        "x.yaml is no YAML: could not determine a constructor for the tag '!foo'",
        "x.yaml:1",
    ),
    (
        b"a: !!python/object/apply:os.system [x]",
        "x.yaml is no YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.system'",
        "x.yaml:1",
    ),
    (b"? [a]\n: b", "x.yaml is no YAML: found unhashable key", "x.yaml:1"),
    (b"[" * 100_000, "x.yaml is nested more than 200 levels deep", "x.yaml:1"),
    (b"{a: " * 100_000, "x.yaml is nested more than 200 levels deep", "x.yaml:1"),
    (b"- " * 100_000, "x.yaml is nested more than 200 levels deep", "x.yaml:1"),
    (
        b"\n".join(b" " * depth + b"a:" for depth in range(2000)),
        "x.yaml is nested more than 200 levels deep",
        "x.yaml:201",
    ),
    (
        BOMB,
        "x.yaml stands for 2345686 values and has 16: its aliases multiply",
        "x.yaml:1",
    ),
    (b"b: 1\non: 2", "the key on is read as true by Kubernetes", "x.yaml:2"),
    (b"N: 2", "the key N is read as false by Kubernetes", "x.yaml:1"),
    (b"~: 2", "a key cannot be null", "x.yaml:1"),
    (b"a: &a [*a]", "x.yaml has an alias of what it stands in, which has no end", "x.yaml:1"),
]


@pytest.mark.parametrize(("content", "message", "place"), REFUSED)
def test_refused(content: bytes, message: str, place: str) -> None:
    with pytest.raises(Problems) as raised:
        read(content, "x.yaml")
    (problem,) = raised.value.problems
    assert (problem.message, str(problem.location)) == (message, place)
    assert problem.hint


def test_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_documents, "LARGEST", 2**20)
    with pytest.raises(Problems, match=r"x\.yaml has 3 MiB, and no CRD is that large"):
        read(b" " * (3 * 2**20), "x.yaml")


def test_scalars_are_those_of_json() -> None:
    text = b"a: =\nb: 2020-01-01\nc: 10:30\nd: 1_000\ne: <<\nf: 1.5\ng: yes\nh: ~\n"
    (document,) = read(text, "x.yaml")
    assert document.value == {
        "a": "=", "b": "2020-01-01", "c": "10:30", "d": 1000, "e": "<<", "f": 1.5, "g": True,
        "h": None,
    }  # fmt: skip


def test_scalars_are_those_of_go() -> None:
    """As `kubectl create --dry-run=client --output json` reads them."""
    text = (
        b"a: y\nb: N\nc: 'y'\nd: 0o17\ne: 017\nf: 1e3\ng: 1.0\nh: 1e3.5\ni: 1e21\n"
        b"j: .5\nk: !!binary aGVsbG8=\nl: !!str 5\n1: one\n1.5: more\n"
    )
    (document,) = read(text, "x.yaml")
    assert document.value == {
        "a": True, "b": False, "c": "y", "d": 15, "e": 15, "f": 1000, "g": 1, "h": "1e3.5",
        "i": 1e21, "j": 0.5, "k": "hello", "l": "5", "1": "one", "1.5": "more",
    }  # fmt: skip
    assert {type(document.value[name]) for name in "defg"} == {int}
    assert type(document.value["i"]) is float


def test_json_in_one_line_is_no_depth() -> None:
    text = b"[" + b",".join([b'{"a": [1]}'] * 5000) + b"]"
    (document,) = read(text, "x.json")
    assert len(document.value) == 5000


def test_aliases_of_ordinary_size() -> None:
    (document,) = read(b"a: &a {b: 1}\nc: *a\nd: {<<: *a, e: 2}\n", "x.yaml")
    assert document.value == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}


def test_positions_in_several_documents() -> None:
    first, second = read(b"---\n---\na: 1\n---\nb:\n  c:\n  - x\n  - d: 1\n", "x.yaml")
    assert (first.line, second.line) == (3, 5)
    assert str(first.locations().of(("a",))) == "x.yaml:3"
    places = second.locations()
    assert str(places.of(("b", "c", 1, "d"))) == "x.yaml:8"
    assert str(places.of(("b", "c", 7, "d"))) == "x.yaml:6"
    assert str(places.of(())) == "x.yaml:5"


def test_a_byte_order_mark_and_utf_16() -> None:
    assert read(b"\xef\xbb\xbfa: 1", "x.yaml")[0].value == {"a": 1}
    assert read("a: ü".encode("utf-16"), "x.yaml")[0].value == {"a": "ü"}
