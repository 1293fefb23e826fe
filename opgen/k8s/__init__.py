"""The built-in types of Kubernetes.

`opgen.k8s.core_v1.EnvVar`, `opgen.k8s.apps_v1.Deployment` and all the others are made on first use
from one facts-only table in `_data/` (names, types, formats, required fields, list types, defaults;
no descriptions). At run time such a type is a light class that makes plain dicts; type checkers see
a TypedDict from the generated `.pyi` files. Kinds among them carry a `ResourceKind`, so they may be
owned and watched by controllers.

`tools/make_k8s_table.py` makes the table and the stubs from Kubernetes' OpenAPI definitions.

Start reading at `opgen.k8s.types`.
"""
