"""The `opgen` command: arguments in, messages out, nothing else.

Each command is a module here; it checks its arguments, calls one function of another room, and
prints the outcome. Results go to standard output and everything meant for people to standard
error. Heavy imports happen inside the functions that need them, because `opgen --help` must be
quick.

Start reading at `opgen.cli.app`.
"""
