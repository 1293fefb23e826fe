"""What is no ordinary object: reviews, tokens, logs, evictions, bindings and the like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from opgen.testing.clock import timestamp
from opgen.testing.errors import Document, bad_request, conflict
from opgen.testing.objects.apply import write_managers
from opgen.testing.resources import ownership
from opgen.testing.resources.machinery import Machinery
from opgen.testing.web.answers import Answer, json_answer, text_answer
from opgen.testing.web.call import Call
from opgen.testing.web.delete_options import read_options
from opgen.testing.web.logs import pod_log

_CONNECTIONS = ("attach", "exec", "portforward")


class SpecialVerbs:
    """Answers what the ordinary verbs do not."""

    def __init__(self, machinery: Machinery) -> None:
        self._machinery = machinery
        self._operations = machinery.operations
        self._by_subresource: dict[str, Callable[[Call], Awaitable[Answer]]] = {
            "binding": self._bind,
            "eviction": self._evict,
            "finalize": self._finalize,
            "log": self._log,
            "token": self._token,
            **dict.fromkeys(_CONNECTIONS, self._connect),
        }

    async def answer(self, call: Call) -> Answer | None:
        """The answer to a call, or None if it is an ordinary one."""
        if call.type.verbs == ("create",):
            return json_answer(self._review(call), 201)
        carry_out = self._by_subresource.get(call.info.subresource)
        return None if carry_out is None else await carry_out(call)

    def _review(self, call: Call) -> Document:
        """A question with its answer, in the form in which objects are answered."""
        kind, options, document = call.type.kind, call.options(), call.document()
        review = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {}, **document}
        if call.namespace:
            review["metadata"]["namespace"] = call.namespace
        now = timestamp(self._machinery.clock.now())
        managers = ownership.updated(call.type, review, None, options.manager, "", now)
        answered = self._machinery.reviews.answer(call.info.resource, review, call.user)
        answered["metadata"] = dict(answered["metadata"])
        write_managers(answered, managers)
        return answered

    def _pod(self, call: Call) -> Document:
        return self._operations.find(call.type, call.info.namespace, call.info.name).document()

    async def _token(self, call: Call) -> Answer:
        request = call.document() if call.body else {}
        account = (call.info.namespace, call.info.name)
        return json_answer(self._machinery.authenticator.request_token(*account, request), 201)

    async def _log(self, call: Call) -> Answer:
        return text_answer(pod_log(self._pod(call), call.query))

    async def _connect(self, call: Call) -> Answer:
        name = self._pod(call)["metadata"]["name"]
        what = call.info.subresource
        raise bad_request(
            f"pod {name} runs nothing that {what} could reach: the in-process API server starts no "
            "containers"
        )

    async def _evict(self, call: Call) -> Answer:
        body = call.document()
        options = read_options({}, body.get("deleteOptions"), call.user)
        await self._operations.delete(call.type, call.info.namespace, call.info.name, options)
        return json_answer(_SUCCESS | {"code": 201}, 201)

    async def _bind(self, call: Call) -> Answer:
        name = call.info.name
        assigned = self._pod(call)["spec"].get("nodeName")
        if assigned:
            why = f'pod {name} is already assigned to node "{assigned}"'
            raise conflict("", "pods/binding", name, why)
        node = (call.document().get("target") or {}).get("name", "")

        def bound(pod: Document) -> Document:
            return {**pod, "spec": {**pod["spec"], "nodeName": node}}

        await self._operations.system_patch(call.type, call.info.namespace, name, bound)
        return json_answer(_SUCCESS | {"code": 201}, 201)

    async def _finalize(self, call: Call) -> Answer:
        document = call.document()
        changed = await self._operations.system_patch(
            call.type, "", call.info.name, lambda old: {**old, "spec": document.get("spec") or {}}
        )
        return json_answer(changed or document)


_SUCCESS: Document = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}
