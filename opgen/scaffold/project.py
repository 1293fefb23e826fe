"""PROJECT: what opgen knows about a project.

    version: "1"                     # of this file's format
    projectName: webserver-operator
    package: webserver_operator
    domain: my.domain
    license: apache2                 # apache2, mit or none
    owner: Jane Roe                  # optional
    templateOverlay: ../templates    # templates of one's own over opgen's; optional
    multigroup: true                 # folders for API groups; this and those below are optional
    namespaced: true                 # the operator looks at its own namespace only
    ha: true                         # two replicas and a PodDisruptionBudget
    prometheus: true                 # config/default has a ServiceMonitor, alerts and a dashboard
    networkPolicy: true              # config/default restricts who may reach the operator
    certManager: true                # cert-manager makes the certificate of the webhooks
    opgen:
      version: 0.1.0                 # that wrote the project last
      requirement: opgen             # as in pyproject.toml
      wheel: opgen-0.1.0-py3-none-any.whl   # in vendor/; optional
    resources:
    - group: apps                    # before the domain; left out if the domain is the group
      version: v1
      kind: WebServer
      plural: webservers
      scope: Namespaced              # or Cluster
      shortName: ws                  # optional
      api: true                      # opgen wrote the types
      controller: true               # opgen wrote a controller
      pattern: workload              # or blank
      webhooks: [defaulting]         # and validation; optional
      spokes: [v1beta1]              # versions that are converted to this one; optional
    files:                           # SHA-256 of each file as opgen wrote it, line endings as LF
      Makefile: 0f3a…

Reading is strict, and every problem of the file is reported at once. Writing keeps the comments
and the order that a person gave the file.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from opgen.api.errors import Location, Problem, Problems
from opgen.manifests.request import service
from opgen.scaffold import names, project_schema, project_text
from opgen.scaffold.layout import FILE, STAGING
from opgen.scaffold.migrations import migrate
from opgen.scaffold.paths import Tree

ADMISSION = project_schema.ADMISSION
"""The kinds of admission webhooks that a resource may have."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A kind of the project. `group` is the part before the domain and may be empty."""

    group: str = ""
    version: str
    kind: str
    plural: str
    scope: str = "Namespaced"
    short_name: str = ""
    api: bool = True
    controller: bool = True
    pattern: str = "workload"
    webhooks: tuple[str, ...] = ()
    spokes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it within the project."""
        return (self.group, self.version, self.kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """The content of PROJECT."""

    name: str
    package: str
    domain: str
    license: str = "apache2"
    owner: str = ""
    overlay: str = ""
    multigroup: bool = False
    namespaced: bool = False
    ha: bool = False
    prometheus: bool = False
    network_policy: bool = False
    cert_manager: bool = False
    opgen_version: str
    opgen_requirement: str
    opgen_wheel: str = ""
    resources: tuple[Resource, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    source: str = field(default="", compare=False, repr=False)
    """The text the project was read from, for its comments; empty if it has none of its own."""

    @classmethod
    def load(cls, place: Path | Tree) -> Project | None:
        """The project in a folder, or None if there is no PROJECT.

        A plan is made with the tree that the project was read from: then it is not carried out if
        another command has changed PROJECT meanwhile.

        Raises:
            Problems: PROJECT cannot be read, or something in it is wrong.
        """
        file = (place if isinstance(place, Tree) else Tree(place)).read(FILE)
        return None if file is None else parse(file.content)

    def resource(self, key: tuple[str, str, str]) -> Resource | None:
        """The resource of a group, version and kind."""
        return next((known for known in self.resources if known.key == key), None)

    def versions_of(self, resource: Resource) -> tuple[Resource, ...]:
        """All versions of a kind."""
        group_kind = (resource.group, resource.kind)
        return tuple(one for one in self.resources if (one.group, one.kind) == group_kind)

    @property
    def has_webhooks(self) -> bool:
        """Whether opgen wrote a webhook for one of its kinds."""
        return any(one.webhooks or one.spokes for one in self.resources)

    @property
    def webhook_service(self) -> str:
        """The Service of webhooks whose certificate the operator makes itself; empty without."""
        own = self.has_webhooks and not self.cert_manager
        return service(self.name) if own else ""

    def with_resource(self, resource: Resource) -> Project:
        """The project with a resource added, or put in place of the one it had."""
        known = [one if one.key != resource.key else resource for one in self.resources]
        if resource not in known:
            known.append(resource)
        return replace(self, resources=tuple(known))

    def group_of(self, resource: Resource) -> str:
        """The whole API group of a resource."""
        return names.full_group(resource.group, self.domain)

    def text(self) -> str:
        """PROJECT's text, with the comments of the text it was read from."""
        document = project_schema.document(self)
        plain = None if self.source else project_text.write(document)
        return plain or _commented(self.source, document)


def parse(content: bytes) -> Project:
    """Read PROJECT.

    Raises:
        Problems: everything that is wrong in it.
    """
    try:
        source = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problems.of(
            "PROJECT is not UTF-8", location=Location(FILE), hint="save it as UTF-8"
        ) from error
    return _as_written(source) or _as_edited(source)


def _as_written(source: str) -> Project | None:
    """A project from the text that opgen writes for it; None if the text is another one."""
    values, problems = project_schema.read(project_text.read(source))
    if problems:
        return None
    project = _project(values)
    return project if project.text() == source else None


def _as_edited(source: str) -> Project:
    """A project from any text, which is kept for its comments."""
    document = _loaded(source)
    migrate(document)
    values, problems = project_schema.read(document)
    if problems:
        raise Problems(problems)
    return replace(_project(values), source=source)


def _project(values: dict[str, Any]) -> Project:
    resources = tuple(Resource(**entry) for entry in values.pop("resources"))
    return Project(resources=resources, **values)


def _loaded(source: str) -> Any:
    """A text with its comments and positions.

    Raises:
        Problems: it is no YAML.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return _yaml().load(source)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise _not_yaml(error.problem or str(error), line) from error
    except YAMLError as error:
        raise _not_yaml(str(error).splitlines()[0], 0) from error
    except RecursionError as error:
        raise _not_yaml("it is nested too deeply", 0) from error


def _commented(source: str, wanted: Mapping[str, Any]) -> str:
    """A text brought to the wanted content; a new one if there is none."""
    from ruamel.yaml.comments import CommentedMap

    yaml = _yaml()
    document = yaml.load(source) if source else CommentedMap()
    migrate(document)
    if not source:
        document.yaml_set_start_comment(f"{project_text.COMMENT}\n")
    _merge(document, wanted)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def find_root(start: Path) -> Path | None:
    """The nearest folder, from `start` upwards, that is a project or was becoming one."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file() or was_interrupted(folder):
            return folder
    return None


def was_interrupted(root: Path) -> bool:
    """Whether a change of a project was begun and not brought to its end."""
    return (root / STAGING).is_dir()


def not_a_project(folder: Path) -> Problems:
    """The problem that a folder is no project."""
    return Problems.of(
        f"{folder} is no opgen project, and neither is a folder above it: there is no PROJECT",
        hint="change to the project's folder, or make one with: opgen init --domain my.domain",
    )


def _not_yaml(message: str, line: int) -> Problems:
    return Problems(
        [
            Problem(
                f"PROJECT is no YAML: {message}",
                location=Location(FILE, line),
                hint="mend the line, or restore the file from version control",
            )
        ]
    )


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml


def _merge(document: Any, wanted: Mapping[str, Any]) -> None:
    """Bring a loaded mapping to the wanted content, touching only what differs."""
    for key in [key for key in document if key not in wanted]:
        del document[key]
    for at, (key, value) in enumerate(wanted.items()):
        current = document.get(key)
        if key not in document:
            document.insert(min(at, len(document)), key, _nested(value))
        elif isinstance(value, dict) and isinstance(current, dict):
            _merge(current, value)
        elif isinstance(value, list) and isinstance(current, list):
            _merge_list(current, value)
        elif current != value:
            document[key] = value


def _nested(value: Any) -> Any:
    """The value in a form that can be merged into again."""
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    if isinstance(value, dict):
        return CommentedMap((key, _nested(item)) for key, item in value.items())
    if isinstance(value, list):
        return CommentedSeq(_nested(item) for item in value)
    return value


def _merge_list(document: list[Any], wanted: list[Any]) -> None:
    del document[len(wanted) :]
    for at, value in enumerate(wanted):
        if at == len(document):
            document.append(_nested(value))
        elif isinstance(value, dict) and isinstance(document[at], dict):
            _merge(document[at], value)
        else:
            document[at] = value
