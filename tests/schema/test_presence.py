"""What may be left out, what may be null, and which defaults the API server fills in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ABSENT = object()

FIELDS: dict[str, tuple[bool, bool, Any]] = {
    # annotation and default: required, nullable, default
    "str": (True, False, ABSENT),
    "str | None": (True, True, ABSENT),
    "typing.Optional[str]": (True, True, ABSENT),
    "str | None = None": (False, False, ABSENT),
    "int | None = 3": (False, True, 3),
    "Literal['a', None]": (True, True, ABSENT),
    "Literal['a', None] = None": (False, False, ABSENT),
    "Literal['a', None] = 'a'": (False, True, "a"),
    "Annotated[str, Nullable]": (True, True, ABSENT),
    "Annotated[str, Nullable] = 'x'": (False, True, "x"),
    "Annotated[str | None, Nullable] = None": (False, True, ABSENT),
    "Annotated[int, Ge(1)] | None = None": (False, False, ABSENT),
    "Annotated[int | None, Ge(1)]": (True, True, ABSENT),
    "str = 'a'": (False, False, "a"),
    "str = ''": (False, False, ""),
    "int = 0": (False, False, 0),
    "bool = False": (False, False, False),
    "Mode = Mode.FAST": (False, False, "fast"),
    "Size = Size.BIG": (False, False, 2),
    "bytes = b'abc'": (False, False, "YWJj"),
    "Quantity = '10Mi'": (False, False, "10Mi"),
    "IntOrString = 80": (False, False, 80),
    "Json = field(default_factory=lambda: {'a': [1, None]})": (False, False, {"a": [1, None]}),
    "datetime.date = datetime.date(2026, 1, 2)": (False, False, "2026-01-02"),
    "datetime.timedelta = datetime.timedelta(hours=1)": (False, False, "1h0m0s"),
    "datetime.datetime = datetime.datetime(2026, 1, 2)": (False, False, "2026-01-02T00:00:00Z"),
    "decimal.Decimal = decimal.Decimal('1.50')": (False, False, "1.50"),
    "re.Pattern[str] = re.compile('a', re.IGNORECASE)": (False, False, "(?i)a"),
    "pathlib.Path = pathlib.Path('/a')": (False, False, "/a"),
    "Slotted = Slotted(1)": (False, False, ABSENT),
    "ipaddress.IPv4Address = ipaddress.IPv4Address('10.0.0.1')": (False, False, "10.0.0.1"),
    "list[int] = field(default_factory=list)": (False, False, ABSENT),
    "dict[str, int] = field(default_factory=dict)": (False, False, ABSENT),
    "list[int] = field(default_factory=lambda: [1, 2])": (False, False, [1, 2]),
    "Annotated[list[str], ListSet] = field(default_factory=lambda: ['a'])": (False, False, ["a"]),
    "set[int] = field(default_factory=lambda: {2, 1})": (False, False, [1, 2]),
    "set[Mode] = field(default_factory=lambda: set(Mode))": (False, False, ["", "fast"]),
    "set[Color] = field(default_factory=lambda: set(Color))": (False, False, ["blue", "red"]),
    "Ruled = field(default_factory=Ruled)": (False, False, ABSENT),
    "Annotated[Retry, Default({})] = field(default_factory=Retry)": (False, False, {}),
    "Annotated[list[Retry], Default([{}])] = field(default_factory=list)": (False, False, [{}]),
    "Annotated[int, NoDefault] = 5": (False, False, ABSENT),
    "Annotated[int, Required] = 5": (True, False, 5),
    "Annotated[int, Optional]": (False, False, ABSENT),
    "Annotated[int, Required, NoDefault] = 5": (True, False, ABSENT),
    "Annotated[int, Default(7)] = 5": (False, False, 7),
    "Annotated[int, Default(7)]": (False, False, 7),
    "Annotated[str, Enum('', 'a')] = ''": (False, False, ""),
    "InitVar[int] = 3": (False, False, ABSENT),
}


@pytest.mark.parametrize("field", FIELDS)
def test_field(field: str, spec_schema: Callable[[str], dict[str, Any]]) -> None:
    required, nullable, default = FIELDS[field]
    schema = spec_schema(f"x: {field}")
    if field.startswith("InitVar"):
        assert schema == {"type": "object"}
        return
    found = schema["properties"]["x"]
    assert ("x" in schema.get("required", ())) is required
    assert found.get("nullable", False) is nullable
    assert found.get("default", ABSENT) == default
