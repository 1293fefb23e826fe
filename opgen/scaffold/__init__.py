"""The plan of file changes behind `opgen init` and `opgen create api`.

Templates are rendered by copier into a folder of their own, never into the project. The rendered
files are compared with the project and become a plan: create, update, identical, skip, conflict,
delete. A plan can be shown, and it is carried out completely or not at all.

Start reading at `opgen.scaffold.plan`.
"""
