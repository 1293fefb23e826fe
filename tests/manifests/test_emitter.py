"""The YAML emitter: controller-gen's bytes, and every value reads back as what it was."""

from __future__ import annotations

import json
import lzma
import math
import re
import shutil
import subprocess
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from opgen.manifests import emitter, scalars

FOLDER = Path(__file__).parent / "goldens"
GOLDENS: dict[str, str] = json.loads(
    lzma.decompress((FOLDER / "controller-gen.json.xz").read_bytes())
)
STRINGS: list[str] = json.loads((FOLDER / "strings.json").read_text())

# Not controller-gen's bytes: a header before the document, and U+2028 and U+2029 unescaped.
DIFFERENT = {"03-myapp/crd-header.yaml", "13-descriptions/crd.yaml", "16-quoting/crd.yaml"}


class GoLoader(yaml.CSafeLoader):
    """Reads plain scalars as Go does where YAML 1.1 has types that JSON has not."""


_FOREIGN = {f"tag:yaml.org,2002:{name}" for name in ("timestamp", "merge", "value", "float")}
GoLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _FOREIGN]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
GoLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(rf"(?:{scalars._FLOAT.pattern})\Z"),
    list("+-.0123456789"),
)


def read(text: str) -> Any:
    return yaml.load(text, GoLoader)


@pytest.mark.parametrize("name", sorted(GOLDENS.keys() - DIFFERENT))
def test_the_bytes_of_controller_gen(name: str) -> None:
    documents = yaml.load_all(GOLDENS[name], GoLoader)
    assert emitter.dump_all(documents) == GOLDENS[name]


@pytest.mark.parametrize("name", sorted(DIFFERENT))
def test_other_bytes_only_around_unicode_separators(name: str) -> None:
    golden = GOLDENS[name][GOLDENS[name].index("---\n") :]
    documents = list(yaml.load_all(golden, GoLoader))
    written = emitter.dump_all(documents)
    assert list(yaml.load_all(written, GoLoader)) == documents
    theirs, ours = golden.split("\n"), written.split("\n")
    for tag, start, end, _, _ in SequenceMatcher(None, theirs, ours, False).get_opcodes():
        block = "\n".join(theirs[start:end])
        assert tag == "equal" or {"\u2028", "\u2029"} & set(block), block


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}\n"),
        ([], "[]\n"),
        (None, "null\n"),
        ("a\nb\n", "|\n  a\n  b\n"),
        ({"a": {}, "b": [], "c": None, "d": True}, "a: {}\nb: []\nc: null\nd: true\n"),
        ({"a": [[1, 2], {"x": 1, "y": [3]}]}, 'a:\n- - 1\n  - 2\n- x: 1\n  "y":\n  - 3\n'),
        ({"b": 1, "a10": 2, "a2": 3, "_": 4, "B": 5}, "_: 4\nB: 5\na2: 3\na10: 2\nb: 1\n"),
        ({"<<": "<<"}, '"<<": <<\n'),
        ({"k": "a\u2028b\x7f\x85"}, 'k: "a\\Lb\\x7F\\N"\n'),
        ({"a\nb": ["c"], "d": 1}, "? |-\n  a\n  b\n: - c\nd: 1\n"),
        ({"k" * 129: {"a": 1}}, "? " + "k" * 129 + "\n: a: 1\n"),
    ],
)
def test_layout(value: Any, text: str) -> None:
    assert emitter.dump(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2.0, "2"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1234567.5, "1.2345675e+06"),
        (123456.5, "123456.5"),
        (1e-7, "1e-07"),
        (0.0001, "0.0001"),
        (1e20, "1e+20"),
        (1e300, "1e+300"),
        (2**63, "9223372036854775808"),
    ],
)
def test_numbers_are_written_as_go_writes_them(value: float, text: str) -> None:
    assert emitter.dump([value]) == f"- {text}\n"


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ({"a": math.inf}, ValueError, "JSON has no number inf"),
        ([math.nan], ValueError, "JSON has no number nan"),
        ({1: 2}, TypeError, "a key must be a string, not 1"),
        ([b"x"], TypeError, "a document cannot hold b'x', which is a bytes"),
    ],
)
def test_what_no_document_can_hold(value: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        emitter.dump(value)
    assert str(raised.value) == message


def test_the_order_does_not_depend_on_the_order_of_the_keys() -> None:
    cycle = ["v01", "v0a", "v1"]
    assert emitter.natural_order(cycle) == emitter.natural_order(reversed(cycle))


TEXT = st.text(
    st.one_of(
        st.sampled_from(" \n\t:#-?'\"\\,[]{}&*!|>%@`~.+_=<0123456789eExyYnN\r\x85\u2028\ufeff🚀"),
        st.characters(exclude_categories=["Cs"]),
    )
)
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
        st.sampled_from(STRINGS),
    ),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT | st.sampled_from(STRINGS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_document_reads_back_unchanged(document: Any) -> None:
    assert read(emitter.dump(document)) == document


@settings(max_examples=200, deadline=None)
@given(st.lists(JSON, min_size=1, max_size=4), st.data())
def test_what_stands_in_several_places_is_written_as_if_it_stood_in_each_alone(
    parts: list[Any], data: st.DataObject
) -> None:
    for number in range(6):
        chosen = data.draw(st.lists(st.sampled_from(parts), max_size=3))
        parts.append({f"key{at}": one for at, one in enumerate(chosen)} if number % 2 else chosen)
    document = {"one": parts[-1], "another": [parts[-1]], "?" * 200: [[parts[-2]]]}
    assert emitter.dump(document) == emitter.dump(json.loads(json.dumps(document)))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("ab 'é\"\\:#", max_size=300), max_size=3))
def test_folded_text_reads_back_unchanged(document: list[str]) -> None:
    assert read(emitter.dump({"key": document})) == {"key": document}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
def test_kubectl_reads_every_hard_string_back(tmp_path: Path) -> None:
    long = [
        "a word and " * 20 + "end",
        "it's: " + "x  y " * 40 + "end",
        "tab\t" + "word " * 30 + ".",
    ]
    strings = [*STRINGS, *long, "<<", "=", "2001-13-01", "1e3", "08", "0o17", "y", ".2_6e1", "1:60"]
    data = {f"k{number}": text for number, text in enumerate(strings)}
    document = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "strings"},
        "data": data,
    }
    file = tmp_path / "strings.yaml"
    file.write_text(emitter.dump(document), encoding="utf-8", newline="")
    command = ["kubectl", "label", "--local", "-o", "json", "-f", str(file), "x=y"]
    answer = subprocess.run(command, capture_output=True, check=True)
    assert json.loads(answer.stdout)["data"] == data
