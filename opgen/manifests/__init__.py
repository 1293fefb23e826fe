"""The documents of a project: CRDs and RBAC roles, and the YAML they are written in.

A project's own code is imported in a child process, which derives everything and answers with the
text of each file. So a module that prints, hangs or exits cannot harm the tool, and the tool works
when it is installed apart from the project.

Start reading at `opgen.manifests.generate`.
"""
