"""opgen: kubebuilder for Python.

A person writes a dataclass; opgen writes the CRD, the RBAC and the project around it, runs the
operator, and plays the API server in its tests. The code is a house of rooms, and a room imports
only rooms below it:

* `opgen.api`: what people write types and controllers with (standard library only)
* `opgen.k8s`: the built-in types of Kubernetes
* `opgen.schema`: dataclass to structural OpenAPI schema
* `opgen.manifests`: a project's CRD and RBAC documents, and their YAML
* `opgen.scaffold`: the plan of file changes behind `init` and `create api`
* `opgen.runtime`: the manager, controllers, cache and client of a running operator
* `opgen.testing`: a Kubernetes API server inside the test process
* `opgen.cli`: the `opgen` command

`docs/house.md` shows the whole plan. To see how a dataclass becomes a CRD, start reading at
`opgen.schema`; to see how an operator runs, start reading at `opgen.runtime.manager`.
"""

__version__ = "0.1.0"
