# SPDX-License-Identifier: Apache-2.0
"""Run the manager with every controller of this package: `python -m appservice_operator`."""

import sys

from opgen.runtime.main import run

if __name__ == "__main__":
    sys.exit(run("appservice_operator", sys.argv[1:]))
