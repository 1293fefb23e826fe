"""What opgen wants a project to hold: the rendered files, and the lines of shared files."""

from __future__ import annotations

from dataclasses import dataclass, field

from opgen.scaffold import names
from opgen.scaffold.insertions import Insertion
from opgen.scaffold.paths import File
from opgen.scaffold.project import Project, Resource
from opgen.scaffold.render import Variable
from opgen.scaffold.templates import (
    API_TEMPLATE,
    IMPORTED_TEMPLATE,
    PROJECT_TEMPLATE,
    WEBHOOK_TEMPLATE,
    Templates,
)


@dataclass(frozen=True, slots=True)
class Desired:
    """Files by path, lines to insert, and patterns of files that are only written if missing."""

    files: dict[str, File] = field(default_factory=dict)
    insertions: tuple[Insertion, ...] = ()
    keep: tuple[str, ...] = ()

    def joined(self, other: Desired) -> Desired:
        """Both together; equal lines are kept once."""
        lines = dict.fromkeys((*self.insertions, *other.insertions))
        return Desired(self.files | other.files, tuple(lines), self.keep + other.keep)

    def lines_of(self, path: str) -> tuple[Insertion, ...]:
        """The lines for a shared file."""
        return tuple(line for line in self.insertions if line.path == path)


def everything(templates: Templates, project: Project) -> Desired:
    """What the project holds when all its commands have been carried out."""
    desired = project_files(templates, project)
    for resource in project.resources:
        desired = desired.joined(resource_files(templates, project, resource))
        if resource.webhooks or resource.spokes:
            desired = desired.joined(webhook_files(templates, project, resource))
    return desired


def lines(templates: Templates, project: Project) -> tuple[Insertion, ...]:
    """The lines in shared files alone, without rendering any file."""
    found: dict[Insertion, None] = {}
    for resource in project.resources:
        variables = project_variables(project) | resource_variables(project, resource)
        found |= dict.fromkeys(templates.template(API_TEMPLATE).insertions(variables))
        if resource.webhooks or resource.spokes:
            variables |= _webhook_variables(project, resource)
            found |= dict.fromkeys(templates.template(WEBHOOK_TEMPLATE).insertions(variables))
    return tuple(found)


def project_files(templates: Templates, project: Project) -> Desired:
    """What `opgen init` writes."""
    template = templates.template(PROJECT_TEMPLATE)
    return Desired(template.render(project_variables(project)), (), template.keep)


def resource_files(templates: Templates, project: Project, resource: Resource) -> Desired:
    """What `opgen create api` writes for a resource."""
    template = templates.template(API_TEMPLATE)
    variables = project_variables(project) | resource_variables(project, resource)
    return Desired(template.render(variables), template.insertions(variables), template.keep)


def imported_files(templates: Templates, project: Project, resource: Resource) -> Desired:
    """What `opgen create api --from-crd` writes beside the types: controller and test."""
    template = templates.template(IMPORTED_TEMPLATE)
    variables = project_variables(project) | resource_variables(project, resource)
    return Desired(template.render(variables))


def webhook_files(templates: Templates, project: Project, resource: Resource) -> Desired:
    """What `opgen create webhook` writes for a resource."""
    template = templates.template(WEBHOOK_TEMPLATE)
    variables = project_variables(project) | resource_variables(project, resource)
    variables |= _webhook_variables(project, resource)
    return Desired(template.render(variables), template.insertions(variables), template.keep)


def folders_of(project: Project, resource: Resource) -> tuple[str, ...]:
    """What the paths of a resource's files begin with, in an order that every layout shares."""
    values = resource_variables(project, resource) | _webhook_variables(project, resource)
    packages = ("api_folder", "controllers_folder", "webhooks_folder")
    shared = ("config/rbac/", "config/samples/", "tests/test_")
    return (
        *(f"{project.package}/{values[name]}/" for name in packages),
        *(f"{place}{values['file_prefix']}" for place in shared),
    )


def own_paths(project: Project, resource: Resource) -> tuple[str, ...]:
    """The files of an imported kind, which are the person's from the beginning.

    They stand where opgen's own would, in an order that every layout shares.
    """
    if resource.pattern != names.IMPORTED:
        return ()
    api, controllers, _, _, samples, tests = folders_of(project, resource)
    kind = resource.kind.lower()
    return (
        f"{api}{kind}_types.py",
        f"{controllers}{kind}_controller.py",
        f"{samples}{resource.version}_{kind}.yaml",
        f"{tests}{kind}_controller.py",
    )


def _webhook_variables(project: Project, resource: Resource) -> dict[str, Variable]:
    folder = names.folder_of(resource.group) if project.multigroup else ""
    return {
        "webhooks_folder": "/".join(filter(None, ("webhooks", folder, resource.version))),
        "group_package": ".".join(filter(None, (project.package, "api", folder))),
        "defaulting": "defaulting" in resource.webhooks,
        "validation": "validation" in resource.webhooks,
        "spokes": ",".join(resource.spokes),
    }


def project_variables(project: Project) -> dict[str, Variable]:
    """The variables of a project, from which each template takes those that it declares."""
    return {
        "project_name": project.name,
        "package": project.package,
        "domain": project.domain,
        "owner": project.owner,
        "license": project.license,
        "license_id": names.LICENSES[project.license],
        "opgen_requirement": project.opgen_requirement,
        "opgen_wheel": project.opgen_wheel,
        "opgen_version": project.opgen_version,
        "python_version": "3.11",
        "multigroup": project.multigroup,
        "namespaced_operator": project.namespaced,
        "ha": project.ha,
        "prometheus": project.prometheus,
        "network_policy": project.network_policy,
        "cert_manager": project.cert_manager,
    }


def resource_variables(project: Project, resource: Resource) -> dict[str, Variable]:
    """The variables of a resource, besides those of its project."""
    versions = [
        one.version
        for one in project.resources
        if (one.group, one.kind) == (resource.group, resource.kind)
    ]
    folder = names.folder_of(resource.group) if project.multigroup else ""
    return {
        "group": project.group_of(resource),
        "group_folder": folder,
        "api_folder": "/".join(filter(None, ("api", folder, resource.version))),
        "controllers_folder": f"controllers/{folder}" if folder else "controllers",
        "file_prefix": f"{folder}_" if folder else "",
        "name_prefix": f"{folder.replace('_', '-')}-" if folder else "",
        "version": resource.version,
        "kind": resource.kind,
        "kind_lower": resource.kind.lower(),
        "plural": resource.plural,
        "scope": resource.scope,
        "namespaced": resource.scope == "Namespaced",
        "short_name": resource.short_name,
        "pattern": resource.pattern,
        "resource": resource.api,
        "controller": resource.controller,
        "storage": versions[:1] in ([], [resource.version]),
        "api_package": ".".join(filter(None, (project.package, "api", folder, resource.version))),
    }
