"""CRDs from anywhere: a file, standard input, a revision of git, a cluster.

What is no CRD is left out where there are CRDs beside it, as in the manifests of a release; where
there is none at all, the problem says what there is instead.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path
from typing import Any

from opgen.api.errors import Location, Problem, Problems
from opgen.scaffold.yaml_documents import Locations, YamlDocument, read

CRD = "CustomResourceDefinition"
STDIN = "-"
_V1 = "apiextensions.k8s.io/v1"
_VALUES = ("default", "enum", "example")
_LISTS = ("List", f"{CRD}List")
_OUTDATED = (
    "turn it into v1: put spec.validation into spec.versions[].schema.openAPIV3Schema, or apply it "
    "to a cluster of 1.16 to 1.21 and take what `kubectl get crd NAME -o yaml` prints"
)


@dataclass(frozen=True, slots=True)
class CrdFile:
    """A CRD and where it came from.

    Attributes:
        document: The CRD.
        origin: The document of the file that it is, or is an item of.
        path: What leads to it in that document.
    """

    document: dict[str, Any]
    origin: YamlDocument
    path: tuple[str | int, ...] = ()

    @property
    def name(self) -> str:
        """What the CRD is called, as in `things.example.com`."""
        return str(_mapping(self.document.get("metadata")).get("name", ""))

    @property
    def location(self) -> Location:
        """Where it begins."""
        return Location(self.origin.source, self.origin.line)

    def locations(self) -> Locations:
        """Where its parts are; this reads the file again."""
        return self.origin.locations()


def load(source: str) -> list[CrdFile]:
    """The CRDs of a file, of standard input (`-`), or of a file in a revision of git (`REV:path`).

    Raises:
        Problems: it cannot be read, is no YAML, or has no CRD.
    """
    return crds_of(*content_of(source))


def exists(source: str) -> bool:
    """Whether a source is the path of a file; one that no file can have is not."""
    try:
        return Path(source).exists()
    except (OSError, ValueError):
        return False


def content_of(source: str) -> tuple[bytes, str]:
    """What a source holds, and what messages call it.

    Raises:
        Problems: it cannot be read.
    """
    if source == STDIN:
        return sys.stdin.buffer.read(), "standard input"
    path = Path(source)
    if ":" in source and not exists(source):
        return _of_git(source), source
    try:
        return path.read_bytes(), source
    except FileNotFoundError as error:
        raise Problems.of(
            f"{source} does not exist", hint="pass the path of a file, or - for standard input"
        ) from error
    except IsADirectoryError as error:
        raise Problems.of(
            f"{source} is a folder", hint=f"pass its files: {source}/*.yaml"
        ) from error
    except OSError as error:
        raise Problems.of(
            f"{source} cannot be read: {error.strerror}", hint="check its permissions"
        ) from error


def _of_git(source: str) -> bytes:
    try:
        done = subprocess.run(["git", "show", source], capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Problems.of(
            f"{source} cannot be read: there is no git", hint="install git, or pass a file"
        ) from error
    if done.returncode:
        why = done.stderr.decode(errors="replace").strip().splitlines()
        said = why[0].removeprefix("fatal: ") if why else "git show fails"
        raise Problems.of(
            f"{source} cannot be read: {said}",
            hint="pass a file, or a revision of git and a path in it, as in main:config/crd.yaml",
        )
    return done.stdout


def crds_of(content: bytes, source: str) -> list[CrdFile]:
    """The CRDs in the content of a file.

    Raises:
        Problems: it is no YAML, has no CRD, or one of v1beta1 or without what every CRD has.
    """
    documents = read(content, source)
    found: list[CrdFile] = []
    others: list[str] = []
    problems: list[Problem] = []
    for document in documents:
        for one in _objects(document):
            if one.document.get("kind") != CRD:
                others.append(str(one.document.get("kind") or "an object without kind"))
                continue
            problems += _outdated(one)
            found.append(one)
    if problems:
        raise Problems(problems)
    if not found:
        has = f", but {', '.join(dict.fromkeys(others))}" if others else ": it is empty"
        hint = "pass the manifest of a CustomResourceDefinition"
        raise Problems.of(f"{source} has no {CRD}{has}", location=Location(source), hint=hint)
    return found


def _objects(origin: YamlDocument) -> Iterator[CrdFile]:
    value = origin.value
    if not isinstance(value, dict):
        value = {"kind": f"a {type(value).__name__}"}
    if value.get("kind") not in _LISTS or not isinstance(value.get("items"), list):
        yield CrdFile(value, origin)
        return
    for index, item in enumerate(value["items"]):
        if isinstance(item, dict):
            yield CrdFile(item, origin, ("items", index))


def _outdated(crd: CrdFile) -> Iterator[Problem]:
    version = crd.document.get("apiVersion")
    if version == _V1:
        return
    said = f"{CRD} {crd.name}".rstrip()
    if version == f"{_V1}beta1":
        message = f"{said} is of {version}, which Kubernetes has not served since 1.22"
        yield Problem(message, crd.location, "apiVersion", _OUTDATED)
    else:
        message = f"{said} has the apiVersion {version!r}"
        yield Problem(message, crd.location, "apiVersion", f"write apiVersion: {_V1}")


def complete(crds: Iterable[CrdFile]) -> None:
    """Make sure that CRDs have what things are made of, and nothing that is null.

    Raises:
        Problems: one has not, or has something of another kind in the place of one.
    """
    crds = list(crds)
    problems = [problem for crd in crds for problem in _malformed(crd) or list(_missing(crd))]
    if problems:
        raise Problems(problems)
    for crd in crds:
        _drop_nulls(crd.document)


def _drop_nulls(value: Any, *, are_fields: bool = False) -> None:
    """Remove what is null, which is nothing to the API server, except from values of JSON."""
    if isinstance(value, dict):
        for name in [name for name, item in value.items() if item is None]:
            del value[name]
        for name, item in value.items():
            if name not in _VALUES or are_fields:
                _drop_nulls(item, are_fields=name == "properties" and not are_fields)
    elif isinstance(value, list):
        for item in value:
            _drop_nulls(item)


def _malformed(crd: CrdFile) -> list[Problem]:
    from opgen.schema.preflight.base import dotted
    from opgen.schema.preflight.rules import malformed

    found = [finding for _, finding in malformed(crd.document)]
    locations = crd.locations() if found else None
    return [
        Problem(
            finding.message,
            locations.of((*crd.path, *finding.path)) if locations else None,
            f"{crd.name} {dotted(finding.path)}",
            finding.hint,
        )
        for finding in found
    ]


def _is_class_name(kind: str) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", kind) is not None and not iskeyword(kind)


def _missing(crd: CrdFile) -> Iterator[Problem]:
    spec = _mapping(crd.document.get("spec"))
    names = _mapping(spec.get("names"))
    for holder, field, path in (
        (_mapping(crd.document.get("metadata")), "name", "metadata.name"),
        (spec, "group", "spec.group"),
        (spec, "scope", "spec.scope"),
        (names, "kind", "spec.names.kind"),
        (names, "plural", "spec.names.plural"),
    ):
        if not isinstance(holder.get(field), str) or not holder[field]:
            yield _lacks(crd, path, f"write {path}")
    kind = names.get("kind")
    if isinstance(kind, str) and kind and not _is_class_name(kind):
        message = f"the kind {kind!r} of {crd.name} is no name of a class in Python"
        yield Problem(message, crd.location, "spec.names.kind", "rename the kind")
    versions = spec.get("versions")
    if not isinstance(versions, list) or not versions:
        yield _lacks(crd, "spec.versions", "write spec.versions, with a schema for each version")
        return
    for index, version in enumerate(versions):
        yield from _incomplete(crd, _mapping(version), f"spec.versions[{index}]")


def _incomplete(crd: CrdFile, version: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if not isinstance(version.get("name"), str) or not version["name"]:
        yield _lacks(crd, f"{path}.name", f"write {path}.name, as in v1")
    schema = _mapping(version.get("schema")).get("openAPIV3Schema")
    if not isinstance(schema, dict) or schema.get("type") != "object":
        where = f"{path}.schema.openAPIV3Schema"
        yield _lacks(crd, where, f"write {where} with type: object")
    else:
        yield from _nulls(crd, schema, f"{path}.schema.openAPIV3Schema")
    for name, fields in _ENTRIES.items():
        for index, entry in enumerate(version.get(name) or ()):
            for field in fields:
                if not _mapping(entry).get(field):
                    yield _lacks(crd, f"{path}.{name}[{index}].{field}", f"write {field}")


_ENTRIES = {
    "additionalPrinterColumns": ("name", "type", "jsonPath"),
    "selectableFields": ("jsonPath",),
}


def _nulls(crd: CrdFile, schema: Any, path: str) -> Iterator[Problem]:
    """Complain about null in the place of a schema or of an item of a list."""
    if schema is None:
        yield Problem(f"{path} of {crd.name} is null", crd.location, path, "write something else")
    elif isinstance(schema, list):
        for index, item in enumerate(schema):
            yield from _nulls(crd, item, f"{path}[{index}]")
    elif isinstance(schema, dict):
        for name, part in _mapping(schema.get("properties")).items():
            yield from _nulls(crd, part, f"{path}.properties[{name}]")
        for name, part in schema.items():
            if name not in ("properties", *_VALUES) and part is not None:
                yield from _nulls(crd, part, f"{path}.{name}")


def _lacks(crd: CrdFile, path: str, hint: str) -> Problem:
    return Problem(f"{crd.name or 'the CRD'} has no {path}", crd.location, path, hint)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
