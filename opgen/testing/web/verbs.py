"""The Kubernetes verbs: from a call to an answer."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from opgen.testing.errors import (
    Document,
    forbidden,
    method_not_allowed,
    no_such_resource,
    unsupported_media_type,
    unsupported_route,
)
from opgen.testing.objects.patches import json_patch, merge_patch, strategic_merge
from opgen.testing.resources.machinery import Machinery
from opgen.testing.resources.options import Mutation, WriteOptions
from opgen.testing.resources.rbac import Attributes, denial
from opgen.testing.resources.registry import ResourceType
from opgen.testing.web.answers import Answer, json_answer
from opgen.testing.web.call import Call
from opgen.testing.web.delete_options import read_options
from opgen.testing.web.negotiation import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    PARTIAL,
    PARTIAL_LIST,
    STRATEGIC_PATCH,
    TABLE,
    misshapen,
)
from opgen.testing.web.partial import encoder, partial, partial_list
from opgen.testing.web.patch_bodies import (
    read_config,
    read_json_patch,
    read_merge_patch,
    read_strategic_patch,
)
from opgen.testing.web.reading import Page, at_type
from opgen.testing.web.requests import RequestInfo
from opgen.testing.web.scale_verbs import ScaleVerbs
from opgen.testing.web.scaling import check_replicas, scale_of
from opgen.testing.web.special import SpecialVerbs
from opgen.testing.web.subresources import subresource_of
from opgen.testing.web.tables import TableWriter
from opgen.testing.web.watching import Watch

_ACROSS = ("list", "watch")
"""What can be done with the objects of all namespaces at once."""


class Verbs:
    """Carries calls out."""

    def __init__(self, machinery: Machinery) -> None:
        self._machinery = machinery
        self._operations = machinery.operations
        self._tables = TableWriter(machinery)
        self._scales = ScaleVerbs(machinery.operations)
        self._special = SpecialVerbs(machinery)
        self._by_verb: dict[str, Callable[[Call], Awaitable[Answer | Watch]]] = {
            "get": self._get,
            "list": self._list,
            "watch": self._watch,
            "create": self._create,
            "update": self._update,
            "patch": self._patch,
            "delete": self._delete,
            "deletecollection": self._delete_collection,
        }

    def offers(self, resource_type: ResourceType, info: RequestInfo) -> bool:
        """Whether a resource has a verb.

        Raises:
            StatusError: 404, there is no such path.
        """
        misplaced = info.namespace and not resource_type.kind.namespaced
        if misplaced and info.path_of_object != ("namespaces", info.namespace):
            raise no_such_resource()
        if info.subresource:
            found = subresource_of(resource_type, info.subresource)
            if found is None:
                raise no_such_resource()
            return info.verb in found.verbs
        if resource_type.kind.namespaced and not info.namespace:
            if info.name:
                raise no_such_resource()
            return info.verb in _ACROSS and info.verb in resource_type.verbs
        return info.verb in resource_type.verbs

    async def carry_out(self, call: Call) -> Answer | Watch:
        """Carry a call out.

        Raises:
            StatusError: the answer is an error.
        """
        special = await self._special.answer(call)
        if special is not None:
            return special
        verb = self._by_verb.get(call.info.verb)
        if verb is None:
            raise method_not_allowed()
        return await verb(call)

    # Reading

    async def _get(self, call: Call) -> Answer:
        revision = self._operations.find(call.type, self._namespace(call), call.info.name)
        if call.info.subresource == "scale":
            document = await self._operations.read(call.type, revision)
            check_replicas(call.type, document)
            return json_answer(scale_of(call.type, document))
        shape, version = call.form.shape, call.form.version
        if shape == PARTIAL_LIST:
            raise misshapen(shape, call.type, is_list=False)
        if shape:
            document = await self._operations.read(call.type, revision)
            if shape == PARTIAL:
                return json_answer(partial(document, version))
            metadata = {"resourceVersion": str(revision.version)}
            table = self._tables.table(call.type, [document], metadata, call.query)
            return json_answer(table | {"apiVersion": version})
        shown = await at_type(self._operations, call.type, [revision])
        return Answer(shown[0].body + b"\n")

    async def _list(self, call: Call) -> Answer:
        shape, version = call.form.shape, call.form.version
        if shape == PARTIAL:
            raise misshapen(shape, call.type, is_list=True)
        page = await Page.read(self._operations, call.type, self._namespace(call), call.query)
        if shape == TABLE:
            table = self._tables.table(call.type, page.documents(), page.metadata, call.query)
            return json_answer(table | {"apiVersion": version})
        if shape == PARTIAL_LIST:
            return json_answer(partial_list(page.documents(), page.metadata, version))
        return Answer(page.body())

    async def _watch(self, call: Call) -> Watch:
        query = dict(call.query)
        if call.info.name:
            name = f"metadata.name={call.info.name}"
            query["fieldSelector"] = ",".join(filter(None, [query.get("fieldSelector"), name]))
        encode = None
        if call.form.shape == TABLE:
            encode = self._tables.encoder(call.type, call.query, call.form.version)
        elif call.form.shape:
            encode = encoder(call.form.version)
        return Watch(self._operations, call.type, self._namespace(call), query, encode)

    @staticmethod
    def _namespace(call: Call) -> str:
        return call.info.namespace if call.type.kind.namespaced else ""

    # Writing

    def _options(self, call: Call) -> WriteOptions:
        options = call.options()
        options.approval = self._machinery.escalation.approval(call.user, call.type)
        return options

    async def _create(self, call: Call) -> Answer:
        if call.info.name:
            raise method_not_allowed()
        options = self._options(call)
        document = call.document(options)
        new = await self._operations.create(call.type, self._namespace(call), document, options)
        await self._settle_definitions(call)
        return json_answer(new, 201)

    async def _update(self, call: Call) -> Answer:
        options, info = self._options(call), call.info
        if info.subresource == "scale":
            return await self._scales.update(call, options)
        self._may_create(call)
        new, created = await self._operations.update(
            call.type,
            self._namespace(call),
            info.name,
            call.document(options),
            options,
            info.subresource,
        )
        await self._settle_definitions(call)
        return json_answer(new, 201 if created else 200)

    async def _patch(self, call: Call) -> Answer:
        options, info = self._options(call), call.info
        if call.content_type == APPLY_PATCH:
            return await self._apply(call, options)
        mutation = self._mutation(call)
        if info.subresource == "scale":
            return await self._scales.patch(call, options, mutation)
        new = await self._operations.patch(
            call.type, self._namespace(call), info.name, mutation, options, info.subresource
        )
        await self._settle_definitions(call)
        return json_answer(new, 200)

    def _mutation(self, call: Call) -> Mutation:
        schema = call.type.schema
        read: dict[str, Callable[[bytes], Any]] = {
            JSON_PATCH: read_json_patch,
            MERGE_PATCH: read_merge_patch,
        }
        if not call.type.custom:
            read[STRATEGIC_PATCH] = read_strategic_patch
        if call.content_type not in read:
            raise (
                unsupported_media_type([*read, APPLY_PATCH])
                if call.type.custom
                else unsupported_route()
            )
        apply: dict[str, Callable[[Document, Any], Document]] = {
            JSON_PATCH: json_patch,
            MERGE_PATCH: merge_patch,
            STRATEGIC_PATCH: lambda old, patch: strategic_merge(old, patch, schema),
        }

        def mutate(old: Document) -> Document:
            # A patch is read when there is something to patch, lest 400 come before 404.
            patch = read[call.content_type](call.body)
            return apply[call.content_type](copy.deepcopy(old), patch)

        return mutate

    async def _apply(self, call: Call, options: WriteOptions) -> Answer:
        info = call.info
        config = read_config(call.body)
        if info.subresource == "scale":
            return await self._scales.apply(call, config, options)
        self._may_create(call)
        new, created = await self._operations.apply(
            call.type, self._namespace(call), info.name, config, options, info.subresource
        )
        await self._settle_definitions(call)
        return json_answer(new, 201 if created else 200)

    def _may_create(self, call: Call) -> None:
        """A write that would create the object needs the right to create, too.

        Raises:
            StatusError: 403.
        """
        info, namespace = call.info, self._namespace(call)
        if info.subresource or self._operations.store.get(call.type.resource, namespace, info.name):
            return
        attributes = Attributes("create", info.group, info.resource, "", info.namespace, info.name)
        if not self._machinery.authorizer.allowed(call.user, attributes):
            raise forbidden(*call.type.resource, info.name, denial(call.user, attributes))

    async def _settle_definitions(self, call: Call) -> None:
        """A CRD is served before its creation is answered, so nobody needs to wait for it."""
        if call.type.kind.kind == "CustomResourceDefinition":
            await self._machinery.controllers.settle()

    async def _delete(self, call: Call) -> Answer:
        info = call.info
        options = read_options(call.query, call.delete_options(), call.user)
        last, gone = await self._operations.delete(
            call.type, self._namespace(call), info.name, options
        )
        if not gone or self._operations.strategy(call.type).returns_deleted:
            return json_answer(last)
        return json_answer(_success(call.type, last))

    async def _delete_collection(self, call: Call) -> Answer:
        # What is wrong with the selectors is said before what is wrong with the options.
        page = await Page.read(self._operations, call.type, self._namespace(call), call.query)
        options = read_options(call.query, call.delete_options(), call.user)
        options = dataclasses.replace(options, of_collection=True)
        for revision in page.revisions:
            await self._operations.delete(call.type, *revision.key, options)
        return Answer(page.body())


def _success(resource_type: ResourceType | None = None, last: Document | None = None) -> Document:
    status: Document = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
    }
    if resource_type is not None and last is not None:
        details = {
            "name": last["metadata"]["name"],
            "group": resource_type.group,
            "kind": resource_type.kind.plural,
            "uid": last["metadata"]["uid"],
        }
        status["details"] = {key: value for key, value in details.items() if value}
    return status
