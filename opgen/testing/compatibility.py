"""What the in-process API server does otherwise than kube-apiserver, and why.

`docs/compatibility.md` is printed from this table. Whoever finds another difference mends it or
adds a line here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference that stays.

    Attributes:
        area: Where it shows.
        what: What the in-process server does.
        reason: Why it does so.
    """

    area: str
    what: str
    reason: str


DIFFERENCES = (
    Difference(
        "Access",
        "Over plain HTTP, requests without credentials are the administrator's.",
        "kubectl sends no credentials over plain HTTP. With TLS they are system:anonymous's.",
    ),
    Difference(
        "Access",
        "Tokens are not signed; who issued them is known to the server alone.",
        "Nobody outside the process could check a signature.",
    ),
    Difference(
        "Admission",
        "Webhooks of Services are called where the test says that they are served.",
        "There is no network of Services.",
    ),
    Difference(
        "Admission",
        "matchConditions of webhooks know no `authorizer`, and take any field of `request`.",
        "The library for CEL declares no functions of an authorizer.",
    ),
    Difference(
        "Admission",
        "Admission policies are stored and not evaluated.",
        "Operators bring webhooks; policies are the cluster's.",
    ),
    Difference(
        "CRDs",
        "A CRD is served, emptied and removed before the request is answered.",
        "Tests need not wait for what takes the real server a moment.",
    ),
    Difference(
        "CRDs",
        "What CEL rules cost when they run is not counted.",
        "The library tells no cost of an evaluation; CRDs are refused by the estimate for the "
        "worst case, which preflight computes as the server does.",
    ),
    Difference(
        "Discovery",
        "The version says v1.36 and opgen; groups that are alpha or beta are not served.",
        "The table of built-in types has the stable ones.",
    ),
    Difference(
        "Discovery",
        "`kubectl explain` shows the descriptions of CRDs, of built-in kinds types alone.",
        "Descriptions are Kubernetes' documentation, and several megabytes of it.",
    ),
    Difference(
        "Discovery",
        "Pods have no proxy, no ephemeral containers and no resize, Services and nodes no proxy, "
        "certificate requests no approval; exec, attach and port-forward are refused in words.",
        "There are no containers, kubelets or signers behind them.",
    ),
    Difference(
        "Discovery",
        "The paths /metrics and those of OpenID are not there.",
        "They are about the server and its keys, and tokens are not signed.",
    ),
    Difference(
        "Field owners",
        "Writes through the scale subresource own the replicas as other writes do: with a time, in "
        "the version of the request, and if there are none.",
        "On the way through autoscaling/v1 the real server loses times and versions, and zero is "
        "nothing there.",
    ),
    Difference(
        "Field owners",
        "Where managedFields were emptied and the scale was applied next, what was there before "
        "stays owned by `before-first-apply` though it is written over.",
        "Found by one random sequence of ten thousand, and rare: nobody empties managedFields to "
        "scale.",
    ),
    Difference(
        "Errors",
        "An apply with the uid of another object is a conflict, and a cause is told once.",
        "The real server finds the object invalid, and tells some causes twice.",
    ),
    Difference(
        "Errors",
        "Escapes that are none (`%zz`) are text, and the field selector `=` names a field.",
        "Go leaves such parameters out in silence; nobody means them.",
    ),
    Difference(
        "Errors",
        "Messages about a wrong type name the JSON type: string, not types.UID.",
        "OpenAPI does not tell how Go calls a string.",
    ),
    Difference(
        "Errors",
        "Several errors of one object come in the order of the schema.",
        "Go walks maps in random order.",
    ),
    Difference(
        "Errors",
        "What is no HTTP is answered with 400 and the mistake; lines of the head may have 256 KiB.",
        "The HTTP library says it so; Go has other codes for some of it, and takes 1 MiB.",
    ),
    Difference(
        "Forms",
        "Protobuf is read and never written: who accepts nothing else gets 406.",
        "Every client that asks for protobuf takes JSON as well.",
    ),
    Difference(
        "Patches",
        "In strategic merges, directives deep in lists that the object lacks may be carried out.",
        "The real server takes some of them for fields and warns.",
    ),
    Difference(
        "Patches",
        "A patch whose result cannot be decoded is answered with that result, as JSON.",
        "Of a strategic merge, the real server shows the patch as Go prints it.",
    ),
    Difference(
        "Services",
        "A Service that becomes a name shows the internalTrafficPolicy that it had.",
        "The real server keeps it, too, and leaves it out of some answers.",
    ),
    Difference(
        "Services",
        "A Service with an address may become headless, and is told that its address stays.",
        "kube-apiserver 1.36 breaks the connection over some of these changes.",
    ),
    Difference(
        "Subresources",
        "PUT and apply of the status of a Service that does not exist make it as the main endpoint "
        "does.",
        "The real server makes a Service without addresses, whose fields nobody owns.",
    ),
    Difference(
        "Tables",
        "Columns of built-in kinds have no descriptions; kinds of storage, of flow control, of "
        "dynamic resources and of admission policies have a name and an age.",
        "Descriptions are Kubernetes' documentation; operators' users seldom list those kinds.",
    ),
    Difference(
        "Deletion",
        "The finalizers of a Namespace that is deleted keep their order.",
        "Go walks a map in random order.",
    ),
    Difference(
        "Validation",
        "Of built-in kinds, those rules are checked that operators meet: metadata, workloads and "
        "pods, Services, Ingresses, NetworkPolicies, claims, autoscalers, disruption budgets, "
        "ConfigMaps and Secrets, Leases, RBAC, webhook configurations, CRDs, and required fields.",
        "The rest of Kubernetes' validation is code that no table tells of.",
    ),
    Difference(
        "Watch",
        "There are no watches over WebSockets.",
        "They are for browsers; clients of Kubernetes read streams.",
    ),
    Difference(
        "Watch",
        "Each resource remembers its last 10,000 changes since the start; older versions are "
        "answered with 410, in lists, too.",
        "Memory. The real server forgets after five minutes.",
    ),
    Difference(
        "Workloads",
        "Pods run nothing, on a node `opgen-node` that is always ready: they are ready at once, "
        "and those with a restartPolicy of Never or OnFailure end at once.",
        "There are no containers; tests order failures by image.",
    ),
    Difference(
        "Workloads",
        "Controllers write no Events, and Services get no EndpointSlices.",
        "Tests of an operator look for its own Events, and no packets flow.",
    ),
    Difference(
        "Workloads",
        "HorizontalPodAutoscalers and PodDisruptionBudgets are stored and do nothing.",
        "Their controllers act on load and on nodes that go away, of which a test has neither.",
    ),
)

_HEAD = """\
# How the in-process API server compares

<!-- printed from opgen/testing/compatibility.py by tests/testing/test_compatibility.py -->

One suite, `tests/contract`, runs on the in-process API server and on a real kube-apiserver with
etcd and kube-controller-manager; a difference is a failure. `tests/differential` plays random
sequences of requests on both and compares every answer. What differs on purpose is here.

| area | in-process | why |
|---|---|---|
"""


def page() -> str:
    """The page of the documentation."""
    rows = [f"| {item.area} | {item.what} | {item.reason} |\n" for item in DIFFERENCES]
    return _HEAD + "".join(rows)
