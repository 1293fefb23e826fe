"""The table by which protobuf is read fits that of the built-in types."""

from __future__ import annotations

import pytest

from opgen.k8s.schemas import definitions
from opgen.testing.errors import StatusError
from opgen.testing.web import protobuf

PREFIX = "k8s.io.api."


def test_every_field_is_one_of_the_type_or_embedded_in_it() -> None:
    known = definitions()
    unknown = []
    for message in protobuf._table():
        found = known.get(f"io.k8s.api.{message.removeprefix(PREFIX)}")
        if not message.startswith(PREFIX) or found is None:
            continue
        properties = found.get("properties") or {}
        fields = (field.name for field in protobuf._fields(message).values())
        unknown += [
            f"{message} {name}"
            for name in fields
            if name not in properties and name not in protobuf._EMBEDDED
        ]
    assert unknown == []


def test_what_is_embedded_is_shown_beside_the_rest() -> None:
    # message Volume {name = 1; volumeSource = 2}, VolumeSource {emptyDir = 2}
    data = b"\x0a\x01v\x12\x02\x12\x00"
    found = protobuf._decode_message("k8s.io.api.core.v1.Volume", data)
    assert found.keys() >= {"name"}
    assert "volumeSource" not in found


@pytest.mark.parametrize("body", [b"", b"k8s\x00", b"k8s\x00garbage", b"{}"])
def test_what_is_damaged_is_refused(body: bytes) -> None:
    with pytest.raises(StatusError) as refused:
        protobuf.decode_protobuf(body)
    assert refused.value.code == 400
