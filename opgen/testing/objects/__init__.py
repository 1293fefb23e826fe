"""Pure functions on objects: plain dicts in, plain dicts out.

Selectors, patches, server-side apply, validation, defaulting and pruning know nothing of storage or
HTTP. Those that need to know about types take a schema: the OpenAPI dict of a kind, which may refer
to the built-in definitions of `opgen.k8s`.

Start reading at `opgen.testing.objects.schemas`.
"""
