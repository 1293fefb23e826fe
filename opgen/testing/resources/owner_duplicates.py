"""Owners that an object names twice: the server drops them, and tells the client.

Source: apiserver's `endpoints/handlers/rest.go`, `dedupOwnerReferencesAndAddWarning`.
"""

from __future__ import annotations

from opgen.testing.errors import Document

_TEXT = (
    ".metadata.ownerReferences contains duplicate entries{when}; API server dedups owner "
    "references in 1.20+, and may reject such requests as early as 1.24; please fix your "
    "requests; duplicate UID(s) observed: {uids}"
)
_MUTATED = " after mutating admission happens"
_UNSET = dict.fromkeys(("apiVersion", "kind", "name", "uid"), "")


def drop_duplicates(metadata: Document, warnings: list[str], *, mutated: bool) -> None:
    """Drop owners that are the same in every field, in place; `warnings` takes what is told.

    `mutated` says whether the mutating webhooks have been asked. A create and a full update are
    looked at before that and after it, a patch only after it.
    """
    owners = metadata.get("ownerReferences") or ()
    if len(owners) < 2:
        return
    kept: list[Document] = []
    uids: list[str] = []
    for owner in owners:
        whole = _UNSET | owner
        if any(whole == _UNSET | other for other in kept):
            uids.append(whole["uid"])
        else:
            kept.append(owner)
    if uids:
        metadata["ownerReferences"] = kept
        when = _MUTATED if mutated else ""
        warnings.append(_TEXT.format(when=when, uids=", ".join(uids)))
