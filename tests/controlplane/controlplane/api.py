"""The few API calls that the control plane's own management needs, with the standard library.

Not opgen's client: what is tested shall not also be what tests.
"""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .certificates import KeyPair

TIMEOUT_SECONDS = 30


class ApiError(Exception):
    """The API server answered with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Api:
    """Speaks to one API server as one user: with a client certificate or with a token."""

    def __init__(
        self, port: int, authority: Path, client: KeyPair | None = None, token: str | None = None
    ) -> None:
        self._port = port
        self._tls = ssl.create_default_context(cafile=str(authority))
        # Its authority is of the kind that old clusters have, which Python 3.13 refuses by default.
        self._tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        if client is not None:
            self._tls.load_cert_chain(client.certificate, client.key)
        self._headers = {"Accept": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    def request(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json"
    ) -> Any:
        """Send one request and return the decoded answer.

        Raises:
            ApiError: the answer is an error.
            OSError: the server cannot be reached.
        """
        connection = self.connect()
        try:
            answer = self.send(connection, method, path, body, content_type)
            content = answer.read()
        finally:
            connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return json.loads(content) if is_json else content.decode()

    def connect(self) -> http.client.HTTPSConnection:
        """Open a connection; the caller closes it."""
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self._port, timeout=TIMEOUT_SECONDS, context=self._tls
        )
        connection.connect()
        return connection

    def send(
        self,
        connection: http.client.HTTPSConnection,
        method: str,
        path: str,
        body: Any = None,
        content_type: str = "application/json",
    ) -> http.client.HTTPResponse:
        """Send one request on a connection; the answer's body is not read yet."""
        content = None if body is None else json.dumps(body)
        headers = self._headers | ({} if body is None else {"Content-Type": content_type})
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        if answer.status >= 400:
            raise ApiError(answer.status, answer.read().decode())
        return answer


def events(answer: http.client.HTTPResponse) -> Iterator[dict[str, Any]]:
    """Yield the events of a watch until the server ends it."""
    for line in answer:
        yield json.loads(line)
