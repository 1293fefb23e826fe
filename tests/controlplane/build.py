"""Builds the control plane that tests run on, once, and prints the folder it is in.

Usage: python tests/controlplane/build.py
"""

import sys

from controlplane.binaries import BuildError, build

if __name__ == "__main__":
    try:
        print(build())
    except BuildError as error:
        sys.exit(f"build.py: {error}")
