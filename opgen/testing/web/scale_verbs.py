"""Writing the scale subresource."""

from __future__ import annotations

import dataclasses

from opgen.testing.errors import Document, StatusError
from opgen.testing.resources.operations import Operations
from opgen.testing.resources.options import Mutation, WriteOptions
from opgen.testing.resources.ownership import owns_replicas
from opgen.testing.web.answers import Answer, json_answer
from opgen.testing.web.call import Call
from opgen.testing.web.scaling import (
    applied_config,
    apply_scale,
    changes_replicas,
    check_scale,
    of_scale,
    scale_of,
    unconvertible,
    unowned_conflict,
)


class ScaleVerbs:
    """Carries out what changes a Scale."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def update(self, call: Call, options: WriteOptions) -> Answer:
        """Replace a Scale.

        Raises:
            StatusError: it is none, or the object cannot be stored.
        """
        scale, name = call.document(), call.info.name
        self._operations.find(call.type, call.namespace, name)
        check_scale(scale, call.namespace, name, options, patched=False)
        return await self._change(call, options, lambda _: scale)

    async def patch(self, call: Call, options: WriteOptions, mutation: Mutation) -> Answer:
        """Patch a Scale.

        Raises:
            StatusError: the patch makes none, or the object cannot be stored.
        """
        namespace, name = call.namespace, call.info.name

        def checked(scale: Document) -> Document:
            return check_scale(mutation(scale), namespace, name, options, patched=True)

        return await self._change(call, options, checked)

    async def apply(self, call: Call, scale: Document, options: WriteOptions) -> Answer:
        """Server-side apply of a Scale.

        Raises:
            StatusError: others own the replicas, or the real server cannot do it either.
        """
        name, namespace = call.info.name, call.namespace
        revision = self._operations.find(call.type, namespace, name)
        config = applied_config(call.type, name, scale)
        if call.type.custom and not owns_replicas(call.type, revision.document()):
            raise unconvertible(None)
        changes = changes_replicas(call.type, revision.document(), config)
        if changes and not options.force and not owns_replicas(call.type, revision.document()):
            raise unowned_conflict()
        # Nothing is converted if nothing changes.
        converts = call.type.custom and changes
        tried = dataclasses.replace(options, dry_run=options.dry_run or converts)
        try:
            new, _ = await self._operations.apply(
                call.type, namespace, name, config, tried, "scale"
            )
        except StatusError as error:
            if converts and error.code != 409:
                raise unconvertible(scale) from None
            raise of_scale(error) from None
        if converts:
            raise unconvertible(scale)
        return json_answer(scale_of(call.type, new))

    async def _change(self, call: Call, options: WriteOptions, change: Mutation) -> Answer:
        def mutate(document: Document) -> Document:
            scale = change(scale_of(call.type, document))
            return apply_scale(call.type, document, scale)

        new = await self._operations.patch(
            call.type, call.namespace, call.info.name, mutate, options, "scale"
        )
        return json_answer(scale_of(call.type, new))
