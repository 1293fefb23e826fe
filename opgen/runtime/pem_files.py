"""Certificates for Python's TLS, which reads them from files alone, without a trace on a disk."""

from __future__ import annotations

import os
import ssl
import sys
import tempfile


def load_certificate(context: ssl.SSLContext, certificate: bytes, key: bytes) -> None:
    """Use a certificate and its key, both PEM.

    On Linux they are in memory only, which also works where no file can be written, as in a
    container with a read-only file system. Elsewhere the file is readable by us alone, and gone at
    once.

    Raises:
        ssl.SSLError: they are not PEM, or do not belong together.
    """
    content = certificate + b"\n" + key
    if sys.platform == "linux":
        with os.fdopen(os.memfd_create("certificate"), "wb") as file:
            file.write(content)
            file.flush()
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
        return
    descriptor, name = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        context.load_cert_chain(name)
    finally:
        os.unlink(name)  # noqa: PTH108 - mkstemp gives a string
