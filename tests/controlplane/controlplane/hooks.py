"""An HTTPS server for webhooks that a test decides the answers of."""

from __future__ import annotations

import base64
import contextlib
import json
import ssl
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .certificates import Authority

Document = dict[str, Any]
Answer = Callable[[Document], Any]
"""Takes a review and gives its `response`, without the uid; or a whole body as bytes."""


class Hooks:
    """Webhooks at paths of one's own choosing; a context manager.

    Attributes:
        reviews: what was asked, in order: path and review.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="opgen-hooks-")
        self._authority = Authority(Path(self._folder.name))
        self._answers: dict[str, Answer] = {}
        self.reviews: list[tuple[str, Document]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        pair = self._authority.server("hooks", ("127.0.0.1",))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Hooks:
        """Serve."""
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._folder.cleanup()

    @property
    def authority_pem(self) -> bytes:
        """The certificate authority."""
        return self._authority.certificate.read_bytes()

    @property
    def authority(self) -> str:
        """The certificate authority as a caBundle."""
        return base64.b64encode(self.authority_pem).decode()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, path: str) -> str:
        """Where a path is served."""
        return f"https://{self.address}{path}"

    def config(self, path: str, answer: Answer) -> Document:
        """The clientConfig of a webhook at a path that answers so."""
        self._answers[path] = answer
        return {"url": self.url(path), "caBundle": self.authority}

    def _reply(self, path: str, review: Document) -> bytes:
        answer = self._answers[path](review)
        if isinstance(answer, bytes):
            return answer
        response = {"uid": review["request"]["uid"], **answer}
        head = {"apiVersion": review["apiVersion"], "kind": review["kind"]}
        return json.dumps(head | {"response": response}).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hooks = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                path = self.path.partition("?")[0]
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                hooks.reviews.append((path, body))
                reply = hooks._reply(path, body) if path in hooks._answers else b"no such hook"
                self.send_response(200 if path in hooks._answers else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(reply)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Keep quiet."""

        return Handler


def patched(*operations: Document) -> Document:
    """The response of a mutating webhook."""
    patch = base64.b64encode(json.dumps(list(operations)).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": patch}
