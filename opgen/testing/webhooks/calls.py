"""Sending a review to a webhook.

A webhook is named by a URL or by a Service. There is no network of Services here: a test says with
`WebhookClient.services` where a Service's webhooks are served, and the certificate must still be
one for `<service>.<namespace>.svc`, as in a cluster.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import errno
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from opgen.testing.errors import Document

_REFUSALS = {
    400: "the server rejected our request for an unknown reason",
    401: "the server has asked for the client to provide credentials",
    404: "the server could not find the requested resource",
    405: "the server does not allow this method on the requested resource",
}


class CallError(Exception):
    """A webhook could not be called, or its answer is of no use; says why as Go does."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a webhook is called: `url` is how messages name it, `target` where it is."""

    url: str
    target: str
    host: str


class WebhookClient:
    """Calls webhooks, in the server's event loop."""

    def __init__(self) -> None:
        self.services: dict[tuple[str, str], tuple[str, int]] = {}
        """Host and port that stand in for a Service, by its namespace and name."""
        self._session: aiohttp.ClientSession | None = None

    async def post(self, config: Mapping[str, Any], review: Document, seconds: float) -> Document:
        """Send a review and return the answer.

        Args:
            config: The `clientConfig` of a webhook.
            review: What is sent.
            seconds: How long to wait.

        Raises:
            CallError: there is no answer, or it is no JSON object.
        """
        query = f"?timeout={seconds:g}s"
        address = self._address(config, query)
        try:
            body = await self._send(address, _trust(config.get("caBundle") or ""), review, seconds)
            answer = msgspec.json.decode(body)
        except TimeoutError:
            raise CallError(f'Post "{address.url}": context deadline exceeded') from None
        except msgspec.DecodeError as error:
            raise CallError(f"couldn't get version/kind; json parse error: {error}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise CallError(f'Post "{address.url}": {_reason(error)}') from None
        if not isinstance(answer, dict):
            raise CallError("the answer is no object")
        return answer

    async def _send(
        self, address: Address, trust: ssl.SSLContext, review: Document, seconds: float
    ) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with asyncio.timeout(seconds):
            async with self._session.post(
                URL(address.target, encoded=True),
                data=msgspec.json.encode(review),
                headers={"Content-Type": "application/json", "Accept": "application/json"},
                ssl=trust,
                server_hostname=address.host,
                allow_redirects=False,
            ) as response:
                body = await response.read()
        if response.status >= 300:
            text = _REFUSALS.get(response.status)
            shown = body.decode(errors="replace").strip()
            raise CallError(
                text
                or f"an error on the server ({msgspec.json.encode(shown).decode()}) "
                "has prevented the request from succeeding"
            )
        return body

    def _address(self, config: Mapping[str, Any], query: str) -> Address:
        url = config.get("url")
        if url:
            return Address(url + query, url + query, urlsplit(url).hostname or "")
        service = config.get("service") or {}
        namespace, name = service.get("namespace", ""), service.get("name", "")
        host = f"{name}.{namespace}.svc"
        path = (service.get("path") or "").lstrip("/")
        shown = f"https://{host}:{service.get('port') or 443}/{path}{query}"
        where = self.services.get((namespace, name))
        if where is None:
            raise CallError(f'Post "{shown}": service "{name}" not found')
        return Address(shown, f"https://{where[0]}:{where[1]}/{path}{query}", host)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


@lru_cache(maxsize=64)
def _trust(bundle: str) -> ssl.SSLContext:
    """How to know a webhook's certificate: by its authorities, or those of the system."""
    try:
        authorities = base64.b64decode(bundle).decode() if bundle else None
        context = ssl.create_default_context(cadata=authorities)
    except (binascii.Error, ValueError, ssl.SSLError) as error:
        raise CallError(f"unable to load root certificates: {error}") from None
    context.verify_flags &= ~getattr(ssl, "VERIFY_X509_STRICT", 0)
    return context


def _reason(error: Any) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        inner = error.certificate_error
        text = getattr(inner, "verify_message", "") or str(inner)
        known = "unable to get local issuer" in text or "self-signed" in text
        text = "certificate signed by unknown authority" if known else text
        return f"tls: failed to verify certificate: x509: {text}"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        text = (
            errno.errorcode.get(number or 0, "") == "ECONNREFUSED" and "connection refused"
        ) or (error.os_error.strerror or str(error)).lower()
        return f"dial tcp {error.host}:{error.port}: connect: {text}"
    return "EOF" if isinstance(error, aiohttp.ServerDisconnectedError) else str(error)
