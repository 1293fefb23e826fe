"""`opgen help TOPIC`: what concerns all commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

EXIT_CODES = """\
0    the command did what it was asked for; also when there was nothing to do
1    an error: wrong input, a wrong state, something that the system refused; nothing was written
2    wrong usage: an unknown command or option, a missing value
3    conflicts: files that you edited are in the way, an update left conflicts for you, or, with
     --check, files are not as they would be written
70   a mistake in opgen; the traceback is in the file that is named
130  interrupted; nothing was written, or the next command brings the change to its end
"""
ENVIRONMENT = """\
NO_COLOR              no colours, whatever it says
FORCE_COLOR           colours even where the output is no terminal
CI                    no questions are asked
OPGEN_REQUIREMENT     how new projects require opgen, as in a mirror or a fork
OPGEN_<OPTION>        for `opgen run` and the operator: an option, as in OPGEN_LEADER_ELECT=true
VIRTUAL_ENV           whose Python reads the project's code, if the project has no .venv
KUBECONFIG            the kubeconfig files, as for kubectl
KUBEBUILDER_ASSETS    the folder with kube-apiserver and etcd, for tests with --kube=envtest
"""
TOPICS: Mapping[str, str] = {"exit-codes": EXIT_CODES, "environment": ENVIRONMENT}


def help_topic(
    topic: Annotated[str, typer.Argument(help="exit-codes or environment, or a command.")] = "",
) -> None:
    """Explain exit codes, environment variables, or a command."""
    from opgen.api.errors import Problem
    from opgen.cli import app
    from opgen.cli.errors import UsageProblems

    if topic in TOPICS:
        print(TOPICS[topic], end="")
    elif topic in app.COMMANDS or not topic:
        app.run([*([topic] if topic else []), "--help"])
    else:
        import difflib

        known = [*TOPICS, *app.COMMANDS]
        near = difflib.get_close_matches(topic, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"the topics are {', '.join(TOPICS)}"
        raise UsageProblems([Problem(f"there is no help on {topic!r}", hint=hint)])
