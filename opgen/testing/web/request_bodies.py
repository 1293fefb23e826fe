"""The body of a request, or the error that says why there is none."""

from __future__ import annotations

from opgen.testing.errors import StatusError, bad_request, too_large
from opgen.testing.web.http_request import BODY_LIMIT, BodyTooLarge, BrokenBody, HttpRequest


async def read_body(request: HttpRequest) -> bytes:
    """The body of a request; a client that asks whether to send it is told to.

    Raises:
        StatusError: it is too large, or broken off; 417, the client expects what nobody does.
        ClientLeft: the client closed the connection.
    """
    expected = request.expectation
    if expected not in ("", "100-continue"):
        raise StatusError(417, "", f"nobody can expect {expected}")
    if not request.has_body:
        return b""
    if expected and request.version != "1.0":
        request.invite()
    try:
        return await request.body()
    except BodyTooLarge:
        raise too_large(BODY_LIMIT) from None
    except BrokenBody as error:
        raise bad_request(f"the body of the request cannot be read: {error}") from None
