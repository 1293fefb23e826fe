"""Rules about the CRD itself: names, group, scope, versions, columns and subresources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from opgen.schema.preflight.base import Document, DocumentRule, Finding, mapping, versions

_LABEL = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL_WORDING = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
    "alphabetic character, and end with an alphanumeric character, and be at most 63 long"
)
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = (
    "byte",
    "date",
    "date-time",
    "double",
    "float",
    "int32",
    "int64",
    "password",
)
_COLUMN_PATH = r"\."
_PROTECTED = r"(^|\.)(k8s\.io|kubernetes\.io)$"
_SCALE_PATHS = {
    "specReplicasPath": ((".spec.",), True),
    "statusReplicasPath": ((".status.",), True),
    "labelSelectorPath": ((".spec.", ".status."), False),
}
_LONGEST_WARNING = 256
_FIELD_PATH = r"(\.[^.\[\]]+)+"
_FLAGS = frozenset(
    [
        *("nullable", "uniqueItems", "exclusiveMinimum", "exclusiveMaximum"),
        *("x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"),
    ]
)
_POINTERS = frozenset(["x-kubernetes-list-type", "x-kubernetes-map-type", "$ref", "reason"])
"""What is something else to the server when it is empty than when it is missing."""
_ROOT_FIELDS = ("apiVersion", "kind", "metadata")


def is_label(text: str) -> bool:
    """Whether a text is a DNS-1035 label."""
    return len(text) <= 63 and bool(re.fullmatch(_LABEL, text))


def _metadata_name(document: Document) -> Iterator[Finding]:
    name = mapping(document.get("metadata")).get("name", "")
    spec = mapping(document.get("spec"))
    expected = f"{mapping(spec.get('names')).get('plural', '')}.{spec.get('group', '')}"
    if name != expected:
        yield Finding(
            ("metadata", "name"),
            'must be spec.names.plural+"."+spec.group',
            f"name it {expected}",
        )


def _group(document: Document) -> Iterator[Finding]:
    group = str(mapping(document.get("spec")).get("group") or "")
    where = ("spec", "group")
    if not group:
        yield Finding(where, "Required value", 'give a group such as group="example.com"')
    elif len(group) > 253 or not re.fullmatch(_SUBDOMAIN, group):
        yield Finding(
            where,
            f"{group!r} is no DNS-1123 subdomain: lower case alphanumeric characters, '-' or '.'",
            'give a domain that is yours, such as group="example.com"',
        )
    elif "." not in group:
        yield Finding(
            where,
            f"{group!r} should be a domain with at least one dot",
            f'write group="{group}.example.com" or another domain that is yours',
        )


def _scope(document: Document) -> Iterator[Finding]:
    scope = mapping(document.get("spec")).get("scope")
    if scope not in ("Cluster", "Namespaced"):
        yield Finding(
            ("spec", "scope"),
            f'Unsupported value: {scope!r}: supported values: "Cluster", "Namespaced"',
            'write scope="Namespaced" or scope="Cluster"',
        )


def _versions(document: Document) -> Iterator[Finding]:
    names = [str(version.get("name", "")) for version in versions(document)]
    for index, name in enumerate(names):
        if not is_label(name):
            where = ("spec", "versions", index, "name")
            yield Finding(where, f"{name!r}: {_LABEL_WORDING}", "name it like v1 or v1alpha1")
    for name, count in Counter(names).items():
        if count > 1:
            yield Finding(
                ("spec", "versions"),
                f"must contain unique version names, but {name} is there {count} times",
                "give each class a version of its own",
            )


def _storage(document: Document) -> Iterator[Finding]:
    stored = [str(v.get("name")) for v in versions(document) if v.get("storage")]
    if len(stored) != 1:
        which = ", ".join(stored) or "none"
        yield Finding(
            ("spec", "versions"),
            f"must have exactly one version marked as storage version, not {which}",
            "say storage=True in @resource of one version",
        )


def _served(document: Document) -> Iterator[Finding]:
    if not any(version.get("served") for version in versions(document)):
        yield Finding(
            ("spec", "versions"), "no version is served", "leave out served=False in one version"
        )


def _schema(document: Document) -> Iterator[Finding]:
    for index, version in enumerate(versions(document)):
        if not mapping(version.get("schema")).get("openAPIV3Schema"):
            where = ("spec", "versions", index, "schema", "openAPIV3Schema")
            yield Finding(where, "Required value: schemas are required", "add a schema")


def _names(document: Document) -> Iterator[Finding]:
    names = mapping(mapping(document.get("spec")).get("names"))
    for field in ("plural", "singular", "kind", "listKind"):
        value = str(names.get(field) or "")
        required = field in ("plural", "kind")
        if not value and required:
            yield Finding(("spec", "names", field), "Required value", f"give a {field}")
        elif value and not is_label(value if field in ("plural", "singular") else value.lower()):
            wording = f"{value!r}: {_LABEL_WORDING}"
            yield Finding(("spec", "names", field), wording, f"choose another {field}")
    for field in ("shortNames", "categories"):
        for index, value in enumerate(names.get(field) or ()):
            if not is_label(str(value)):
                where = ("spec", "names", field, index)
                yield Finding(where, f"{value!r}: {_LABEL_WORDING}", "use lower case letters")


def _list_kind(document: Document) -> Iterator[Finding]:
    names = mapping(mapping(document.get("spec")).get("names"))
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield Finding(
            ("spec", "names", "listKind"), "kind and listKind may not be the same", "rename one"
        )


def _protected(document: Document) -> Iterator[Finding]:
    group = str(mapping(document.get("spec")).get("group") or "")
    annotations = mapping(mapping(document.get("metadata")).get("annotations"))
    approval = str(annotations.get("api-approved.kubernetes.io") or "")
    is_url = bool(re.match(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#\s]+[^\s]*$", approval))
    approved = is_url or approval.startswith("unapproved")
    if re.search(_PROTECTED, group) and not approved:
        yield Finding(
            ("metadata", "annotations"),
            f"protected groups must have approval annotation "
            f'"api-approved.kubernetes.io", and {group} is protected',
            "use a group that is yours",
        )


def _deprecation(document: Document) -> Iterator[Finding]:
    for index, version in enumerate(versions(document)):
        warning = version.get("deprecationWarning")
        where = ("spec", "versions", index, "deprecationWarning")
        if warning is None:
            continue
        if not version.get("deprecated"):
            yield Finding(where, "can only be set for deprecated versions", "deprecate it")
        if not 0 < len(str(warning).encode()) <= _LONGEST_WARNING:
            yield Finding(
                where, f"must be <= {_LONGEST_WARNING} characters long and not empty", "shorten it"
            )
        elif not str(warning).isprintable():
            yield Finding(where, "must only contain printable characters", "write it on one line")


def _columns_of(version: Document) -> list[Document]:
    return [mapping(column) for column in version.get("additionalPrinterColumns") or ()]


def _columns(document: Document) -> Iterator[Finding]:
    for index, version in enumerate(versions(document)):
        for position, column in enumerate(_columns_of(version)):
            where = ("spec", "versions", index, "additionalPrinterColumns", position)
            for message, hint in _column(column):
                yield Finding(where, f"column {column.get('name')!r}: {message}", hint)


def _column(column: Document) -> Iterator[tuple[str, str]]:
    if not column.get("name"):
        yield "name: Required value", 'give it a heading: PrintColumn("Image")'
    kind, form = column.get("type"), column.get("format")
    if kind not in _COLUMN_TYPES:
        yield (
            f"type: {kind!r} must be one of {','.join(_COLUMN_TYPES)}",
            'give a type, as in PrintColumn(..., type="string")',
        )
    if form and form not in _COLUMN_FORMATS:
        yield f"format: {form!r} must be one of {','.join(_COLUMN_FORMATS)}", "leave it out"
    path = str(column.get("jsonPath") or "")
    if not path:
        yield "jsonPath: Required value", 'give a path, as in PrintColumn(..., path=".spec.x")'
    elif not re.match(_COLUMN_PATH, path):
        yield (
            f"jsonPath: {path!r} must be a simple json path starting with .",
            f"write .{path.strip('{}.$')}",
        )


def _column_brackets(document: Document) -> Iterator[Finding]:
    """Not a rule of the server, which then cannot make a table."""
    for index, version in enumerate(versions(document)):
        for position, column in enumerate(_columns_of(version)):
            path = str(column.get("jsonPath") or "")
            if not _balanced(path):
                yield Finding(
                    ("spec", "versions", index, "additionalPrinterColumns", position),
                    f"column {column.get('name')!r}: jsonPath: {path!r} has brackets or quotes "
                    "that are not closed",
                    "close them",
                )


def _column_target(document: Document) -> Iterator[Finding]:
    """Not a rule of the server, which shows an empty column."""
    for index, version in enumerate(versions(document)):
        schema = mapping(mapping(version.get("schema")).get("openAPIV3Schema"))
        for position, column in enumerate(_columns_of(version)):
            path = str(column.get("jsonPath") or "")
            names = path[1:].split(".")
            is_plain = re.fullmatch(r"(\.\w+)+", path) and names[0] not in _ROOT_FIELDS
            if is_plain and not _exists(names, schema):
                where = ("spec", "versions", index, "additionalPrinterColumns", position)
                message = f"column {column.get('name')!r}: {path} leads to no field"
                yield Finding(where, message, "correct the path, or the column stays empty")


def _exists(names: list[str], schema: Document) -> bool:
    for name in names:
        known = mapping(schema.get("properties")).get(name)
        if known is None:
            is_open = "additionalProperties" in schema or "properties" not in schema
            return is_open or bool(schema.get("x-kubernetes-preserve-unknown-fields"))
        schema = mapping(known)
    return True


def _balanced(path: str) -> bool:
    opened: list[str] = []
    quote = ""
    escaped = False
    for char in path:
        if quote:
            quote = "" if char == quote and not escaped else quote
        elif char in "'\"":
            quote = char
        elif char in "[(":
            opened.append(char)
        elif char in "])" and (not opened or opened.pop() + char not in ("[]", "()")):
            return False
        escaped = char == "\\" and not escaped
    return not opened and not quote


def _scale(document: Document) -> Iterator[Finding]:
    for index, version in enumerate(versions(document)):
        subresources = mapping(version.get("subresources"))
        if subresources.get("scale") is None:
            continue
        scale = mapping(subresources["scale"])
        for field, (prefixes, required) in _SCALE_PATHS.items():
            where = ("spec", "versions", index, "subresources", "scale", field)
            path = str(scale.get(field) or "")
            if not path and required:
                yield Finding(where, "Required value", f"set {field}")
            elif path and not path.startswith(prefixes):
                rooms = " or ".join(prefix.rstrip(".") for prefix in prefixes)
                yield Finding(
                    where, f"{path!r} should be a json path under {rooms}", "correct the path"
                )


def _selectable(document: Document) -> Iterator[Finding]:
    for index, version in enumerate(versions(document)):
        fields = [
            str(mapping(entry).get("jsonPath", ""))
            for entry in version.get("selectableFields") or ()
        ]
        where = ("spec", "versions", index, "selectableFields")
        if len(fields) > 8:
            yield Finding(where, f"Too many: {len(fields)}: must have at most 8 items", "drop some")
        schema = mapping(mapping(version.get("schema")).get("openAPIV3Schema"))
        for position, path in enumerate(fields):
            message = _selectable_field(path, schema, fields[:position])
            if message:
                yield Finding((*where, position), f"{path!r} {message}", "choose another field")


def _selectable_everywhere(document: Document) -> Iterator[Finding]:
    """What all versions have in common the server looks for in one place, and else in each."""
    told = versions(document)
    fields = [version.get("selectableFields") for version in told]
    if not any(fields):
        return
    schemas = [_without_zeros(version.get("schema")) for version in told]
    is_common = bool(fields and fields[0]) and fields.count(fields[0]) == len(fields)
    has_one_schema = bool(schemas) and schemas.count(schemas[0]) == len(schemas)
    for index, own in enumerate(fields if has_one_schema and not is_common else ()):
        if own:
            yield Finding(
                ("spec", "versions", index, "selectableFields"),
                "may only be set when `version.schema.openAPIV3Schema` is not included: versions "
                "with one and the same schema must have the same selectable fields",
                "select the same fields in all versions",
            )
    if is_common and not has_one_schema:
        yield Finding(
            ("spec", "selectableFields"),
            "may only be set when validations.schema is included: versions with different "
            "schemas cannot all have the same selectable fields",
            "select another field in one of the versions, or none",
        )


def _without_zeros(value: Any) -> Any:
    """A schema without what is the same as nothing to the server."""
    if isinstance(value, Mapping):
        return {
            key: _without_zeros(item)
            for key, item in value.items()
            if (item != "" or key in _POINTERS) and (item is not False or key not in _FLAGS)
        }
    return [_without_zeros(item) for item in value] if isinstance(value, list) else value


def _selectable_field(path: str, schema: Document, earlier: list[str]) -> str:
    if path in earlier:
        return "is there twice"
    if not re.fullmatch(_FIELD_PATH, path):
        return "is an invalid path: expected names with a dot before each"
    if path.startswith(".metadata"):
        return "must not point to fields in metadata"
    target: Any = schema
    for step in path.removeprefix(".").split("."):
        target = mapping(mapping(target).get("properties")).get(step)
    if not isinstance(target, dict):
        return "is an invalid path: does not refer to a valid field"
    if target.get("type") not in ("string", "boolean", "integer"):
        return "must point to a field of type string, boolean or integer"
    return ""


def _preserve(document: Document) -> Iterator[Finding]:
    if mapping(document.get("spec")).get("preserveUnknownFields"):
        yield Finding(
            ("spec", "preserveUnknownFields"),
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in "
            "spec.versions[*].schema instead",
            "use PreserveUnknown",
        )


RULES = (
    DocumentRule("R1", "The name of the CRD is PLURAL.GROUP", _metadata_name),
    DocumentRule("R2", "The group is a domain with a dot", _group),
    DocumentRule("R3", "The scope is Cluster or Namespaced", _scope),
    DocumentRule("R4", "Versions have unique names that are labels", _versions),
    DocumentRule("R4", "One version is stored", _storage),
    DocumentRule("R4", "A version is served", _served),
    DocumentRule("R5", "Every version has a schema", _schema),
    DocumentRule("R6", "Names are labels", _names),
    DocumentRule("R7", "Kind and list kind differ", _list_kind),
    DocumentRule("R8", "Groups of Kubernetes need an approval", _protected),
    DocumentRule("R9", "Unknown fields are preserved by schemas only", _preserve),
    DocumentRule("R10", "Only deprecated versions warn, in one line", _deprecation),
    DocumentRule("R11", "Columns have a name, a known type and a path", _columns),
    DocumentRule("opgen", "Paths of columns are closed", _column_brackets, severity="warning"),
    DocumentRule("opgen", "Columns show fields", _column_target, severity="warning"),
    DocumentRule("R12", "The scale subresource points into spec and status", _scale),
    DocumentRule("R13", "Selectable fields are scalars of the schema", _selectable),
    DocumentRule("R13", "Selectable fields differ where schemas differ", _selectable_everywhere),
)
