"""The front door: every request comes in here and leaves as an answer or a stream.

In order: faults on order, who is it, may they, which resource, which verb. Every error on the way
is a `StatusError` and becomes a Status object.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec

from opgen.testing.audit import LoggedRequest
from opgen.testing.errors import (
    StatusError,
    bad_request,
    broken,
    forbidden,
    forbidden_path,
    method_not_allowed,
    no_such_resource,
)
from opgen.testing.faults import Faults
from opgen.testing.resources.machinery import Machinery
from opgen.testing.resources.rbac import Attributes, User, denial
from opgen.testing.web.answers import Answer, error_answer, in_form, text_answer
from opgen.testing.web.call import Call
from opgen.testing.web.http_request import ClientLeft, HttpRequest
from opgen.testing.web.http_response import HttpResponse, HttpStream
from opgen.testing.web.negotiation import form_of
from opgen.testing.web.plain import PlainPaths
from opgen.testing.web.request_bodies import read_body
from opgen.testing.web.requests import RequestInfo, read_request
from opgen.testing.web.verbs import Verbs
from opgen.testing.web.watching import Watch

log = logging.getLogger("opgen.testing")

LOG_LENGTH = 100_000
GZIP_FROM = 128 * 1024


class Front:
    """Handles requests."""

    def __init__(self, machinery: Machinery) -> None:
        self.machinery = machinery
        self.faults = Faults()
        self.requests: deque[LoggedRequest] = deque(maxlen=LOG_LENGTH)
        self.answered = 0
        """How many requests have been answered, those included that the log has forgotten."""
        self.watches: set[Watch] = set()
        self.secure = False
        """Whether requests come over TLS: then nobody is trusted for being on this machine."""
        self._verbs = Verbs(machinery)
        self._plain = PlainPaths(machinery)

    async def handle(self, request: HttpRequest) -> HttpResponse | HttpStream | None:
        """Answer a request; None is no answer at all, as from a server that is gone."""
        info = read_request(request.method, request.path, request.query)
        received = self.machinery.clock.now()
        sender = user = None
        fault = self.faults.take(info)
        try:
            sender = user = self._sender(request)
            if fault is not None:
                await asyncio.sleep(fault.delay)
                if fault.stall:
                    await self.faults.stall(fault)
                if fault.drop:
                    return None
                if fault.code:
                    raise fault.error()
            user = self.machinery.escalation.impersonate(user, request.fields)
            self._authorize(user, info)
            answer = await self._answer(request, info, user)
        except StatusError as error:
            answer = error_answer(error)
        except ClientLeft:
            return None
        except RecursionError:
            answer = error_answer(bad_request("the object is nested too deeply"))
        except Exception as error:
            log.exception("%s %s: the server is at fault", request.method, request.path)
            answer = error_answer(broken(error))
        code = answer.code if isinstance(answer, Answer) else 200
        self._log(request, info, (sender, user), code, received)
        if isinstance(answer, Watch):
            content_type = ("Content-Type", answer.content_type)
            return HttpStream([content_type], self._pieces(answer), answer.close)
        return _response(request, answer)

    async def _answer(self, request: HttpRequest, info: RequestInfo, user: User) -> Answer | Watch:
        accept = request.headers.get("accept", "")
        if not info.resource:
            return self._plain.answer(info, request.query, accept)
        resource_type = self.machinery.registry.find(info.group, info.version, info.resource)
        if resource_type is None:
            if info.version not in self.machinery.registry.group_versions().get(info.group, ()):
                return text_answer("404 page not found\n", 404)
            raise no_such_resource()
        if not self._verbs.offers(resource_type, info):
            raise method_not_allowed()
        form = form_of(accept, resource_type, info.verb, info.subresource)
        body = await read_body(request)
        call = Call(
            info=info,
            type=resource_type,
            user=user,
            query=request.query,
            body=body,
            content_type=_content_type(request) if body else "",
            form=form,
            agent=request.headers.get("user-agent", ""),
        )
        if resource_type.warning:
            call.warnings.append(resource_type.warning)
        answer: Answer | Watch
        try:
            answer = await self._verbs.carry_out(call)
        except StatusError as error:
            answer = error_answer(error)
        if isinstance(answer, Answer):
            answer.warnings = list(dict.fromkeys(call.warnings))
            return in_form(answer, form.media_type)
        return answer

    def _authorize(self, user: User, info: RequestInfo) -> None:
        if user.is_administrator:
            return
        if not info.resource:
            attributes = Attributes(info.verb, path=info.path)
            if not self.machinery.authorizer.allowed(user, attributes):
                raise forbidden_path(user.name, info.verb, info.path)
            return
        attributes = Attributes(
            info.verb, info.group, info.resource, info.subresource, info.namespace, info.name
        )
        if not self.machinery.authorizer.allowed(user, attributes):
            why = denial(user, attributes)
            raise forbidden(info.group, info.full_resource.partition("/")[0], info.name, why)

    def _sender(self, request: HttpRequest) -> User:
        """Who sent a request: by token, by certificate, or by being on this machine."""
        subject: Any = None
        if self.secure:
            certificate = request.transport.get_extra_info("peercert")
            subject = certificate["subject"] if certificate else None
        authorization = request.headers.get("authorization")
        return self.machinery.authenticator.user_of(authorization, subject, secure=self.secure)

    def _log(
        self,
        request: HttpRequest,
        info: RequestInfo,
        users: tuple[User | None, User | None],
        code: int,
        received: float,
    ) -> None:
        resource_type = self.machinery.registry.find(info.group, info.version, info.resource)
        review = resource_type is not None and resource_type.verbs == ("create",)
        self.answered += 1
        self.requests.append(
            LoggedRequest(
                request.method,
                request.path,
                request.readable_query,
                code,
                info,
                *users,
                request.headers.get("user-agent", ""),
                received,
                review,
            )
        )

    async def _pieces(self, watch: Watch) -> AsyncGenerator[bytes, None]:
        """The stream of a watch, which is among `watches` as long as it lasts."""
        self.watches.add(watch)
        try:
            async with aclosing(watch.frames()) as frames:
                async for piece in frames:
                    yield piece
        finally:
            self.watches.discard(watch)

    def close_watches(self) -> None:
        """End all watches, as a server that goes down does."""
        for watch in tuple(self.watches):
            watch.close()


def _content_type(request: HttpRequest) -> str:
    """The type of a body without its parameters; empty if none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _response(request: HttpRequest, answer: Answer) -> HttpResponse:
    headers = list(answer.headers.items())
    known = answer.headers.get("ETag")
    if known and known == request.headers.get("if-none-match"):
        return HttpResponse(304, headers)
    headers.insert(0, ("Content-Type", answer.content_type))
    texts = [msgspec.json.encode(warning).decode() for warning in answer.warnings]
    headers += [("Warning", f"299 - {text}") for text in texts]
    body = answer.body
    if len(body) >= GZIP_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 1)
        headers.append(("Content-Encoding", "gzip"))
    return HttpResponse(answer.code, headers, body)
