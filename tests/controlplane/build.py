"""Builds the control plane and the helm that tests use, once; prints the folder of the former.

Usage: python tests/controlplane/build.py
"""

import sys

from controlplane.binaries import BuildError, build

if __name__ == "__main__":
    try:
        print(build())
    except BuildError as error:
        sys.exit(f"build.py: {error}")
