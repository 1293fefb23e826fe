"""Samples of CRDs, created in a dry run on a real API server: those of the goldens, and of others.

`OPGEN_SAMPLES` says how many CRDs of the corpus are tried; all of them are 320.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import random
from typing import Any

import pytest
from mutation.campaign import PATH

from opgen.cel import installed
from opgen.runtime.transport import Transport
from opgen.schema.samples import sample

Document = dict[str, Any]
SEED = 20261121
COUNT = int(os.environ.get("OPGEN_SAMPLES", "60"))
BATCH = 40
STARTING = (404, 500, 503)
"""What a server may answer while it starts to serve a CRD."""
SECONDS = 120
UNSAMPLED = {
    "clashings.rules.example.org": (500, "an object with a field items is a list to the server"),
    "clusterimagepolicies.config.openshift.io": (422, "a rule wants a key, as PEM in base64"),
    "imagepolicies.config.openshift.io": (422, "a rule wants a key, as PEM in base64"),
}
"""Kinds whose samples are refused, with which status, and why."""

pytestmark = [
    pytest.mark.controlplane,
    pytest.mark.skipif(not installed(), reason="CEL rules need opgen[cel]"),
]


def _chosen(sources: list[tuple[str, Document]]) -> list[Document]:
    """All CRDs of the goldens, and some of the corpus; of each name one."""
    goldens = {crd["metadata"]["name"]: crd for name, crd in sources if name.startswith("goldens")}
    others = {crd["metadata"]["name"]: crd for _, crd in sources}
    names = sorted(others.keys() - goldens.keys())
    random.Random(SEED).shuffle(names)
    return [*goldens.values(), *(others[name] for name in names[:COUNT])]


def test_samples_are_accepted(server: Any, sources: list[tuple[str, Document]]) -> None:
    documents = _chosen(sources)
    batches = [documents[start : start + BATCH] for start in range(0, len(documents), BATCH)]
    refused = [one for batch in batches for one in asyncio.run(_refused(server, batch))]
    assert not refused, "\n".join(refused)


async def _refused(server: Any, documents: list[Document]) -> list[str]:
    """What the server says of samples that it refuses."""
    transport = Transport(server, user_agent="samples/1.0")
    try:
        for document in documents:
            status, answer = await _send(transport, "POST", PATH, _installable(document))
            assert status == 201, answer
        return [text for document in documents if (text := await _words(transport, document))]
    finally:
        paths = [f"{PATH}/{document['metadata']['name']}" for document in documents]
        for path in paths:
            await _send(transport, "DELETE", path)
        # Others on this server may want the same kinds.
        async with asyncio.timeout(SECONDS):
            for path in paths:
                while (await _send(transport, "GET", path))[0] != 404:
                    await asyncio.sleep(0.05)
        await transport.close()


def _installable(document: Document) -> Document:
    """The CRD, allowed in groups of Kubernetes, and with its stored version served."""
    approved = {"api-approved.kubernetes.io": "unapproved, for a test"}
    spec = copy.deepcopy(document["spec"])
    for version in spec["versions"]:
        version["served"] = version["served"] or version["storage"]
    metadata = {"name": document["metadata"]["name"], "annotations": approved}
    return {**document, "metadata": metadata, "spec": spec, "status": {}}


async def _words(transport: Transport, document: Document) -> str:
    """Why the server refuses the sample of a CRD; nothing if it does not."""
    spec, name = document["spec"], document["metadata"]["name"]
    version = next(one["name"] for one in spec["versions"] if one["storage"])
    where = "namespaces/default/" if spec["scope"] == "Namespaced" else ""
    path = f"/apis/{spec['group']}/{version}/{where}{spec['names']['plural']}"
    made, status, answer = sample(document, version), STARTING[0], {}
    async with asyncio.timeout(SECONDS):
        while status in STARTING and status != UNSAMPLED.get(name, (0, ""))[0]:
            status, answer = await _send(transport, "POST", path, made)
    if name in UNSAMPLED:
        return "" if status == UNSAMPLED[name][0] else f"{name}: {status} now"
    return "" if status == 201 else f"{name}: {answer['message']}"


async def _send(
    transport: Transport, verb: str, path: str, document: Document | None = None
) -> tuple[int, Any]:
    is_sample = verb == "POST" and path != PATH
    params = {"dryRun": "All", "fieldValidation": "Strict"} if is_sample else {}
    body = json.dumps(document).encode() if document else b""
    reply = await transport.send(
        verb, path, params=params, body=body, content_type="application/json"
    )
    # What is not served yet is answered in plain text.
    return reply.status, json.loads(reply.body) if reply.status not in STARTING else {}
