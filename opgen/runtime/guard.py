"""Who may read /metrics: those whom the API server knows and whose role allows it.

The bearer token of a request is shown to the API server (TokenReview), then it is asked whether
that user may get the path (SubjectAccessReview). Answers are kept for a minute, by digest of the
token.
"""

from __future__ import annotations

import hashlib
from typing import Any

from aiohttp import web

from opgen.api.resources import ResourceKind
from opgen.runtime.client import Client
from opgen.runtime.clock import SYSTEM_CLOCK, Clock
from opgen.runtime.errors import ApiError, Unreachable

TOKEN_REVIEW = ResourceKind(
    "authentication.k8s.io", "v1", "TokenReview", "tokenreviews", namespaced=False
)
ACCESS_REVIEW = ResourceKind(
    "authorization.k8s.io", "v1", "SubjectAccessReview", "subjectaccessreviews", namespaced=False
)
KEPT_SECONDS = 60.0
KEPT_ANSWERS = 1000


class Guard:
    """Lets requests through that the API server vouches for."""

    def __init__(self, client: Client, clock: Clock = SYSTEM_CLOCK) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[tuple[bytes, str, str], tuple[float, int]] = {}

    async def check(self, request: web.Request) -> None:
        """Raise what the request is answered with, unless it may pass.

        Raises:
            web.HTTPException: 401, 403, or 503 if the API server cannot be asked.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        verb = request.method.lower()
        key = (hashlib.sha256(token.encode()).digest(), verb, request.path)
        now = self._clock.now()
        until, status = self._known.get(key, (now, 0))
        if until <= now:
            status = await self._asked(token, verb, request.path)
            self._known.pop(key, None)
            if len(self._known) >= KEPT_ANSWERS:
                del self._known[next(iter(self._known))]
            self._known[key] = (now + KEPT_SECONDS, status)
        if status == 401:
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        if status == 403:
            raise web.HTTPForbidden(text=f"not allowed to {verb} {request.path}")

    async def _asked(self, token: str, verb: str, path: str) -> int:
        try:
            review = await self._client.create(TOKEN_REVIEW, {"spec": {"token": token}})
            status: dict[str, Any] = review.get("status") or {}
            if not status.get("authenticated"):
                return 401
            user = status.get("user") or {}
            spec = {
                "user": user.get("username", ""),
                "uid": user.get("uid", ""),
                "groups": user.get("groups") or [],
                "extra": user.get("extra") or {},
                "nonResourceAttributes": {"path": path, "verb": verb},
            }
            answer = await self._client.create(ACCESS_REVIEW, {"spec": spec})
        except (ApiError, Unreachable) as error:
            raise web.HTTPServiceUnavailable(text=f"cannot ask the API server: {error}") from error
        return 200 if (answer.get("status") or {}).get("allowed") else 403
