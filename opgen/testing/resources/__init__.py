"""The resources that the server offers, and what happens to their objects.

`registry` knows every resource type, built-in or from a CustomResourceDefinition. `operations`
carries out create, update, patch and delete; what is particular to a kind hangs on `strategies`.

Start reading at `opgen.testing.resources.operations`.
"""
