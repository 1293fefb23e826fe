"""Answering AdmissionReviews: objects are defaulted and validated before they are stored.

Source: admission.k8s.io/v1.
"""

from __future__ import annotations

import base64
import copy
import inspect
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from opgen.api.errors import Problems
from opgen.api.webhooks import AdmissionRequest, Denied
from opgen.runtime.blocking import awaited, in_thread
from opgen.runtime.codec import decode, encode
from opgen.runtime.errors import DecodeError
from opgen.runtime.webhooks.difference import patch

log = logging.getLogger("opgen.webhooks")

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[Json]]
"""From a review with a request to a review with a response."""
INTERNAL_ERROR = "InternalError"
"""The reason of a refusal for which the webhook itself is to blame."""


def defaulting(instance: Any, cls: Any) -> Answer:
    """Answers with the patch that the method `default` of a webhook asks for."""

    async def handle(raw: Json, request: AdmissionRequest) -> Json:
        if raw.get("object") is None:
            return {}
        document = raw["object"]
        obj = _object(cls, document)
        before = encode(obj)
        returned = await _call(instance.default, obj, request)
        if returned is not None and returned is not obj:
            raise _junk(instance.default, "change obj and return None", returned)
        operations = patch(document, before, encode(obj))
        if not operations:
            return {}
        encoded = base64.b64encode(json.dumps(operations).encode()).decode()
        return {"patchType": "JSONPatch", "patch": encoded}

    return _answer(handle)


def validating(instance: Any, cls: Any, operations: tuple[str, ...]) -> Answer:
    """Answers with what the method `validate` of a webhook decides."""

    async def handle(raw: Json, request: AdmissionRequest) -> Json:
        if not {request.operation, "*"} & set(operations):
            return {}
        old = None if raw.get("oldObject") is None else _object(cls, raw["oldObject"])
        obj = old if raw.get("object") is None else _object(cls, raw["object"])
        returned = await _call(instance.validate, obj, old, request)
        if returned is not None:
            raise _junk(instance.validate, "raise Denied to refuse and return None", returned)
        return {}

    return _answer(handle)


def _answer(handle: Callable[[Json, AdmissionRequest], Awaitable[Json]]) -> Answer:
    async def answer(review: Json) -> Json:
        raw = review["request"]
        request = _request(raw)
        response: Json = {"uid": request.uid, "allowed": True}
        try:
            if not request.operation:
                raise Denied("the review names no operation", code=400, reason="BadRequest")
            response |= await handle(raw, request)
        except Exception as error:
            response |= {"allowed": False, "status": _refusal(error, raw)}
        if request.warnings:
            response["warnings"] = request.warnings
        if request.audit_annotations:
            response["auditAnnotations"] = request.audit_annotations
        return {
            "apiVersion": review["apiVersion"],
            "kind": "AdmissionReview",
            "response": response,
        }

    return answer


def _request(raw: Json) -> AdmissionRequest:
    return AdmissionRequest(
        uid=raw["uid"],
        operation=raw.get("operation") or "",
        name=raw.get("name") or "",
        namespace=raw.get("namespace") or "",
        subresource=raw.get("subResource") or "",
        dry_run=bool(raw.get("dryRun")),
        user=raw.get("userInfo") or {},
        options=raw.get("options") or {},
    )


def _object(cls: Any, document: Json) -> Any:
    if hasattr(cls, "__dataclass_fields__"):
        return decode(cls, document)
    return copy.deepcopy(document)


async def _call(method: Any, *arguments: Any) -> Any:
    if inspect.iscoroutinefunction(method):
        return await awaited(method(*arguments))
    return await in_thread(method, *arguments)


def _junk(method: Any, what: str, returned: Any) -> TypeError:
    """What a webhook is told that returns what nobody would look at."""
    kind = type(returned).__qualname__
    return TypeError(f"{method.__qualname__} must {what}, and has returned a {kind}")


def _refusal(error: Exception, raw: Json) -> Json:
    """The Status that the user gets to see. Source: meta/v1 Status and StatusDetails."""
    if isinstance(error, Denied):
        return {"code": error.code, "reason": error.reason, "message": str(error)}
    if isinstance(error, Problems):
        message = "; ".join(
            f"{problem.field}: {problem.message}" if problem.field else problem.message
            for problem in error.problems
        )
        causes = [
            {"reason": "FieldValueInvalid", "field": problem.field, "message": problem.message}
            for problem in error.problems
            if problem.field
        ]
        details = {"details": {"causes": causes}} if causes else {}
        return {"code": 422, "reason": "Invalid", "message": message, **details}
    if isinstance(error, DecodeError):
        return {"code": 422, "reason": "Invalid", "message": str(error)}
    kind, name = (raw.get("kind") or {}).get("kind"), raw.get("name")
    log.error("the webhook of %s %s failed", kind, name, exc_info=error)
    message = f"the webhook failed: {type(error).__name__}; its log says more"
    return {"code": 500, "reason": INTERNAL_ERROR, "message": message}


def is_unforeseen(answer: Json) -> bool:
    """Whether a webhook has refused, or converted nothing, because it failed itself."""
    response: Json = answer["response"]
    status: Json = response.get("status") or response.get("result") or {}
    return status.get("reason") == INTERNAL_ERROR
