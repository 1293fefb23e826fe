"""The schema of PROJECT as a table, and reading and writing by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold import names
from opgen.scaffold.paths import checked_parts

if TYPE_CHECKING:
    from opgen.scaffold.project import Project

FORMAT = "1"
"""The format this opgen writes."""

Check = Callable[[str, str], Iterator[Problem]]
REQUIRED = object()
ADMISSION = ("defaulting", "validation")
"""The kinds of admission webhooks."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping in PROJECT.

    Attributes:
        attribute: The attribute it is read into.
        type: `str`, `bool`, `list`, `dict`, or `tuple` for a list of strings.
        default: What a missing key means; such a value is not written either.
        check: Yields what is wrong with a value, or an item, given it and the key's name.
    """

    attribute: str
    type: type
    default: Any = REQUIRED
    check: Check | None = None


def _choice(choices: tuple[str, ...]) -> Check:
    return lambda value, key: names.check_choice(value, choices, key)


def _group(value: str, key: str) -> Iterator[Problem]:
    return names.check_domain(value, key)


def _plural(value: str, key: str) -> Iterator[Problem]:
    return names.check_plural(value, "", key)


TOP: Mapping[str, Key] = {
    "version": Key("", str),
    "projectName": Key("name", str, check=names.check_project_name),
    "package": Key("package", str, check=names.check_package),
    "domain": Key("domain", str, check=names.check_domain),
    "license": Key("license", str, check=_choice(tuple(names.LICENSES))),
    "owner": Key("owner", str, "", names.check_owner),
    "templateOverlay": Key("overlay", str, ""),
    "multigroup": Key("multigroup", bool, False),
    "namespaced": Key("namespaced", bool, False),
    "ha": Key("ha", bool, False),
    "prometheus": Key("prometheus", bool, False),
    "networkPolicy": Key("network_policy", bool, False),
    "certManager": Key("cert_manager", bool, False),
    "opgen": Key("", dict),
    "resources": Key("resources", list, []),
    "files": Key("files", dict, {}),
}
OPGEN: Mapping[str, Key] = {
    "version": Key("opgen_version", str),
    "requirement": Key("opgen_requirement", str),
    "wheel": Key("opgen_wheel", str, ""),
}
RESOURCE: Mapping[str, Key] = {
    "group": Key("group", str, "", _group),
    "version": Key("version", str, check=names.check_version),
    "kind": Key("kind", str, check=names.check_kind),
    "plural": Key("plural", str, check=_plural),
    "scope": Key("scope", str, check=_choice(names.SCOPES)),
    "shortName": Key("short_name", str, ""),
    "api": Key("api", bool),
    "controller": Key("controller", bool),
    "pattern": Key("pattern", str, check=_choice((*names.PATTERNS, names.IMPORTED))),
    "webhooks": Key("webhooks", tuple, (), _choice(ADMISSION)),
    "spokes": Key("spokes", tuple, (), names.check_version),
}

TYPE_NAMES = {
    str: "a string",
    bool: "true or false",
    list: "a list",
    tuple: "a list of strings",
    dict: "a mapping",
}


def document(project: Project) -> dict[str, Any]:
    """The project as the content of PROJECT."""
    top = _written(TOP, project)
    values: dict[str, Any] = {
        "version": FORMAT,
        "opgen": _written(OPGEN, project),
        "resources": [_written(RESOURCE, resource) for resource in project.resources],
        "files": dict(sorted(project.files.items())),
    }
    return {key: values.get(key, top.get(key)) for key in TOP if values.get(key, top.get(key))}


def _written(keys: Mapping[str, Key], source: object) -> dict[str, Any]:
    found = {
        name: (getattr(source, key.attribute), key.default)
        for name, key in keys.items()
        if key.attribute
    }
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, (value, default) in found.items()
        if value != default
    }


def read(loaded: Any) -> tuple[dict[str, Any], list[Problem]]:
    """The attributes of a project from PROJECT's content, and all that is wrong with it."""
    problems: list[Problem] = []
    if not isinstance(loaded, dict):
        wrong = "PROJECT is empty" if loaded is None else "PROJECT must be a mapping"
        return {}, [_problem(wrong, 0, "", "restore it from version control")]
    if unknown := _unknown_format(loaded):
        return {}, [unknown]
    values = _mapping(loaded, TOP, "", problems)
    values.update(_mapping(loaded.get("opgen"), OPGEN, "opgen", problems))
    resources = values["resources"] if isinstance(values["resources"], list) else []
    values["resources"] = [
        _mapping(entry, RESOURCE, f"resources[{at}]", problems, _line(resources, at))
        for at, entry in enumerate(resources)
    ]
    values["files"] = _files(loaded.get("files"), problems)
    return values, problems


def _unknown_format(loaded: Mapping[str, Any]) -> Problem | None:
    version = loaded.get("version")
    if version is None or version == FORMAT:
        return None
    hint = f'the format of this opgen is version: "{FORMAT}"; install the opgen that wrote the file'
    return _problem(
        f"PROJECT has the unknown format {version!r}", _line(loaded, "version"), "version", hint
    )


def _mapping(
    loaded: Any, keys: Mapping[str, Key], where: str, problems: list[Problem], line: int = 0
) -> dict[str, Any]:
    """The attributes that a mapping holds by a table of keys."""
    if not isinstance(loaded, dict):
        if where != "opgen" or loaded is not None:
            problems.append(_problem("it must be a mapping", line, where))
        return {}
    prefix = f"{where}." if where else ""
    unknown = [name for name in loaded if name not in keys]
    problems.extend(_unknown_key(name, keys, _line(loaded, name), prefix) for name in unknown)
    values: dict[str, Any] = {}
    for name, key in keys.items():
        field, at = f"{prefix}{name}", _line(loaded, name)
        if name not in loaded:
            if key.default is REQUIRED:
                problems.append(_problem(f"{name} is missing", line, field, f"add {name}"))
            value: Any = key.default
        else:
            value = loaded[name]
            problems.extend(_wrong(value, name, key, at, field))
        if key.attribute:
            values[key.attribute] = _converted(value, key)
    return values


def _converted(value: Any, key: Key) -> Any:
    if key.type is tuple and isinstance(value, list):
        return tuple(map(str, value))
    return str(value) if key.type is str else value


def _is_of(value: Any, key: Key) -> bool:
    if key.type is tuple:
        items = value if isinstance(value, list | tuple) else [None]
        return all(isinstance(item, str) for item in items)
    return isinstance(value, key.type)


def _wrong(value: Any, name: str, key: Key, line: int, field: str) -> Iterator[Problem]:
    if not _is_of(value, key):
        hint = f"write {name}: {str(value)!r}" if key.type is str else ""
        yield _problem(f"{name} must be {TYPE_NAMES[key.type]}", line, field, hint)
    elif key.check:
        items = value if key.type is tuple else [value]
        for found in (one for item in items for one in key.check(str(item), name)):
            hint = found.hint.replace(f"pass {name} ", f"write {name}: ", 1)
            yield _problem(found.message, line, field, hint)


def _unknown_key(name: Any, keys: Mapping[str, Key], line: int, prefix: str) -> Problem:
    import difflib

    near = difflib.get_close_matches(str(name), keys, n=1)
    hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(keys)}"
    return _problem(f"unknown key {str(name)!r}", line, f"{prefix}{name}", hint)


def _files(loaded: Any, problems: list[Problem]) -> dict[str, str]:
    if not isinstance(loaded, dict):
        return {}
    for path, value in loaded.items():
        line = _line(loaded, path)
        if not (isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value)):
            problems.append(_problem("it must be a SHA-256 digest in hex", line, f"files.{path}"))
        try:
            checked_parts(str(path))
        except Problems as error:
            problems.append(_problem(error.problems[0].message, line, f"files.{path}"))
    return {str(path): str(value) for path, value in loaded.items()}


def _line(loaded: Any, key: Any) -> int:
    """The line of a key or list item, counted from 1; 0 if it is not known."""
    position = getattr(getattr(loaded, "lc", None), "data", None) or {}
    return position[key][0] + 1 if key in position else 0


def _problem(message: str, line: int, field: str, hint: str = "") -> Problem:
    return Problem(message, location=Location("PROJECT", line), field=field, hint=hint)
