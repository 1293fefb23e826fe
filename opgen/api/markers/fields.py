"""Markers about a field of a dataclass: its name, whether it is required, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from opgen.api.markers.base import FieldMarker, JsonSchema, MarkerError, SchemaMarker


class Name(FieldMarker):
    """The JSON name of a field, where the attribute's own name will not do."""

    __slots__ = ("name",)
    name: str
    _texts = ("name",)
    example = 'Annotated[str, Name("from")]'

    def __init__(self, name: str) -> None:
        self._freeze(name=name)


class Required(FieldMarker):
    """The field must be given, even though it has a default in Python."""

    __slots__ = ()
    example = 'Annotated[str, Required] = "x"'

    def __class_getitem__(cls, item: object) -> NoReturn:
        raise TypeError("Required of opgen.api is a marker: write Annotated[X, Required]")


class Optional(FieldMarker):
    """The field may be left out, even though it has no default in Python."""

    __slots__ = ()
    example = "Annotated[AppServiceSpec, Optional]"

    def __class_getitem__(cls, item: object) -> NoReturn:
        raise TypeError("Optional of opgen.api is a marker: write X | None, or that of typing")


class NoDefault(FieldMarker):
    """The default in Python stays in Python; the CRD has none and the field is optional."""

    __slots__ = ()
    example = "Annotated[int, NoDefault] = 0"


class Default(SchemaMarker):
    """The default that the API server fills in, where it differs from the one in Python."""

    __slots__ = ("value",)
    value: Any
    example = "Annotated[Retry | None, Default({})] = None"

    def __init__(self, value: Any) -> None:
        self._freeze(value=value)

    def _keywords(self, schema: JsonSchema) -> JsonSchema:
        self._check_json(self.value)
        return {"default": self.value}


class Doc(SchemaMarker):
    """The description, where a docstring will not do, as on an alias or the items of a list."""

    __slots__ = ("documentation",)
    documentation: str
    _texts = ("documentation",)
    example = 'Annotated[str, Doc("A name.")]'

    def __init__(self, documentation: str) -> None:
        self._freeze(documentation=documentation)

    def _write(self, schema: JsonSchema) -> None:
        schema["description"] = self.documentation


class Descriptions(SchemaMarker):
    """The descriptions of the fields of a type that has none, such as a type of Kubernetes.

    Each is given by the path of its field, as in `valueFrom.secretKeyRef`; `[]` stands for the
    items of a list or the values of a map.
    """

    __slots__ = ("texts",)
    texts: Mapping[str, str]
    example = 'Annotated[core_v1.EnvVar, Descriptions({"name": "The name of the variable."})]'

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._freeze(texts=texts)

    def check(self) -> None:
        """Complain about arguments of the wrong kind.

        Raises:
            MarkerError: this is no dict of strings.
        """
        if not isinstance(self.texts, Mapping):
            raise MarkerError(f"{self!r} needs a dict of strings")
        for text in (*self.texts, *self.texts.values()):
            self._check_text(text, "in its texts")

    def _write(self, schema: JsonSchema) -> None:
        copies: set[int] = set()
        for path, text in self.texts.items():
            self._below(schema, path, copies)["description"] = text

    def _below(self, schema: JsonSchema, path: str, copies: set[int]) -> JsonSchema:
        """The schema that a path leads to; what is on the way may be shared, and so is copied.

        Raises:
            MarkerError: it leads nowhere.
        """
        found: JsonSchema = schema
        for step in path.replace("[]", ".[]").strip(".").split("."):
            if step == "[]":
                step = "items" if found.get("items") else "additionalProperties"
            else:
                found = _own(found, "properties", copies) if "properties" in found else {}
            if not isinstance(found.get(step), dict):
                raise MarkerError(
                    f"Descriptions names {path!r}, which is no field here",
                    "use the JSON names of the fields, as in valueFrom.secretKeyRef",
                )
            found = _own(found, step, copies)
        return found


def _own(holder: JsonSchema, name: str, copies: set[int]) -> JsonSchema:
    """A part that nothing else refers to."""
    if id(holder[name]) not in copies:
        holder[name] = dict(holder[name])
        copies.add(id(holder[name]))
    part: JsonSchema = holder[name]
    return part


class Title(SchemaMarker):
    """A short title for user interfaces."""

    __slots__ = ("text",)
    text: str
    _texts = ("text",)
    example = 'Annotated[str, Title("Image")]'

    def __init__(self, text: str) -> None:
        self._freeze(text=text)

    def _write(self, schema: JsonSchema) -> None:
        schema["title"] = self.text


class Example(SchemaMarker):
    """An example of the value, as JSON."""

    __slots__ = ("value",)
    value: Any
    example = 'Annotated[str, Example("nginx:1.27")]'

    def __init__(self, value: Any) -> None:
        self._freeze(value=value)

    def _write(self, schema: JsonSchema) -> None:
        self._check_json(self.value)
        schema["example"] = self.value


class ExternalDocs(SchemaMarker):
    """A link to documentation elsewhere."""

    __slots__ = ("description", "url")
    url: str
    description: str
    _texts = ("url", "description")
    example = 'Annotated[str, ExternalDocs("https://example.com/image")]'

    def __init__(self, url: str, description: str = "") -> None:
        self._freeze(url=url, description=description)

    def __repr__(self) -> str:
        values = (self.url, self.description) if self.description else (self.url,)
        return f"ExternalDocs({', '.join(map(repr, values))})"

    def _write(self, schema: JsonSchema) -> None:
        is_path = self.url.startswith("/") or "://" in self.url
        if not is_path or any(letter.isspace() for letter in self.url):
            raise MarkerError(f"{self!r} needs a URL", 'write it as in "https://example.com/docs"')
        docs = {"url": self.url, "description": self.description}
        schema["externalDocs"] = {name: text for name, text in docs.items() if text}
