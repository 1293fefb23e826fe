"""Modules of declarations that do more than declare: the answer comes all the same, or says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opgen.api.errors import Location, Problem
from opgen.manifests.generate import ROLE, Options, generate

Project = Callable[..., Path]
CRD = "config/crd/bases/example.org_shops.yaml"

HARMLESS = {
    "stdout-gone": "import sys\nsys.stdout = sys.stderr = None\n",
    "stdout-closed": "import os\nos.close(1)\nos.close(2)\n",
    "elsewhere": "import os\nos.chdir('/')\n",
    "path-changed": "import sys\nsys.path.insert(0, '/nowhere')\n",
    "arguments-changed": "import sys\nsys.argv[:] = ['x', 'root=/']\n",
    "environment-emptied": "import os\nos.environ.clear()\n",
    "json-broken": "import json\njson.encoder.ESCAPE_DCT.clear()\n",
    "collector": "import gc\ngc.enable()\ngc.set_threshold(1)\n",
    "exit-handler": "import atexit\natexit.register(lambda: 1 / 0)\n",
    "thread-that-fails": (
        "import threading\nimport time\n"
        "threading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    ),
    "signals-ignored": "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n",
    "recursion-limit": "import sys\nsys.setrecursionlimit(10_000)\n",
}


@pytest.mark.parametrize("case", HARMLESS)
def test_harmless(case: str, project: Project, controller: str) -> None:
    root = project(controllers__a=HARMLESS[case])
    generated = generate(root, "shop", Options(timeout=120))
    assert generated.problems == ()
    assert sorted(generated.files) == [CRD, ROLE]


TOLD: dict[str, tuple[str, str, int]] = {
    "warning-as-error": (
        "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('old', stacklevel=1)\n",
        "shop.controllers.a cannot be imported: UserWarning: old",
        3,
    ),
    "recursion": (
        "def f():\n    f()\nf()\n",
        "shop.controllers.a cannot be imported: RecursionError: maximum recursion depth exceeded",
        2,
    ),
    "environment": (
        "import os\nURL = os.environ['SHOP_URL']\n",
        "shop.controllers.a cannot be imported: KeyError: 'SHOP_URL'",
        2,
    ),
    "assertion": ("assert False\n", "shop.controllers.a cannot be imported: AssertionError: ", 1),
    "exit-with-text": (
        "import sys\nsys.exit('no')\n",
        "shop.controllers.a exits when it is imported",
        2,
    ),
    "null-byte": ("x = 1\n\0\n", "syntax error: source code string cannot contain null bytes", 0),
}


@pytest.mark.parametrize("case", TOLD)
def test_told(case: str, project: Project) -> None:
    text, message, line = TOLD[case]
    generated = generate(project(controllers__a=text), "shop")
    assert generated.files == {}
    (problem,) = generated.problems
    assert problem.message == message
    if line:
        assert problem.location == Location("shop/controllers/a.py", line)


def test_much_that_is_printed_is_cut(project: Project) -> None:
    root = project(controllers__a="print('x' * 100_000)\nimport sys\nsys.stderr.write('y')\n")
    (problem,) = generate(root, "shop").problems
    assert problem.severity == "warning"
    assert len(problem.message) < 600


def test_bytes_that_are_no_text(project: Project) -> None:
    root = project(controllers__a="import os\nos.write(1, b'\\xff\\xfe')\n")
    (problem,) = generate(root, "shop").problems
    assert problem == Problem(
        "the project's code prints when it is imported:\n\ufffd\ufffd", severity="warning"
    )


def test_two_modules_that_hang_are_told_once(project: Project) -> None:
    root = project(controllers__a="import time\ntime.sleep(600)\n")
    (problem,) = generate(root, "shop", Options(timeout=10)).problems
    assert problem.message == "importing shop.controllers.a took longer than 10 s"
