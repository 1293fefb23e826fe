"""Contract: owners that an object names twice are kept once, and the client is told."""

from __future__ import annotations

from typing import Any

MERGE = "application/merge-patch+json"
ONE = {"apiVersion": "v1", "kind": "ConfigMap", "name": "one", "uid": "uid-one"}
TWO = {"apiVersion": "v1", "kind": "ConfigMap", "name": "two", "uid": "uid-two"}


def warning(*uids: str, when: str = "") -> str:
    return (
        f'299 - ".metadata.ownerReferences contains duplicate entries{when}; API server dedups '
        "owner references in 1.20+, and may reject such requests as early as 1.24; please fix your "
        f'requests; duplicate UID(s) observed: {", ".join(uids)}"'
    )


MUTATED = " after mutating admission happens"


def owned(api: Any, *owners: dict[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = api.config_map()
    document["metadata"]["ownerReferences"] = list(owners)
    return document


def told(answer: Any) -> tuple[list[dict[str, Any]], str]:
    """The owners that are kept, and what the client is told."""
    return answer.metadata["ownerReferences"], answer.headers.get("warning", "")


def test_of_a_new_object(api: Any) -> None:
    answer = api.send("POST", api.maps(), owned(api, ONE, TWO, ONE, TWO), dryRun="All")
    assert told(answer) == ([ONE, TWO], warning("uid-one", "uid-two"))


def test_of_an_object_that_is_replaced(api: Any) -> None:
    api.make_map()
    answer = api.send("PUT", api.maps("a"), owned(api, ONE, ONE), dryRun="All")
    assert told(answer) == ([ONE], warning("uid-one"))


def test_of_a_patched_object(api: Any) -> None:
    api.make_map()
    patch = {"metadata": {"ownerReferences": [ONE, ONE]}}
    answer = api.send("PATCH", api.maps("a"), patch, content_type=MERGE, dryRun="All")
    assert told(answer) == ([ONE], warning("uid-one", when=MUTATED))


def test_of_a_custom_object(api: Any) -> None:
    api.make()
    patch = {"metadata": {"ownerReferences": [ONE, ONE]}}
    answer = api.send("PATCH", api.widgets("a"), patch, content_type=MERGE, dryRun="All")
    assert told(answer) == ([ONE], warning("uid-one", when=MUTATED))


def test_of_an_object_that_is_not_there(api: Any) -> None:
    answer = api.send("PUT", api.maps("a"), owned(api, ONE, ONE))
    assert (answer.code, answer.headers["warning"]) == (404, warning("uid-one"))


def test_owners_of_one_uid_that_differ_both_stay(api: Any) -> None:
    owners: list[dict[str, Any]] = [ONE, ONE | {"controller": False}, ONE | {"name": "other"}]
    answer = api.send("POST", api.maps(), owned(api, *owners), dryRun="All")
    assert told(answer) == (owners, "")
