"""Random documents: small pools of names and values, so that things meet."""

from __future__ import annotations

from random import Random
from typing import Any

Document = dict[str, Any]
GROUP = "fuzz.example.com"
KEYS = ("a", "b", "c")
VALUES = ("1", "2", "x", "")


def some(random: Random, pool: tuple[Any, ...], most: int = 3) -> list[Any]:
    """A few different members of a pool, in random order."""
    return random.sample(pool, random.randint(0, min(most, len(pool))))


def strings(random: Random, keys: tuple[str, ...] = KEYS) -> Document:
    """A map of strings."""
    return {key: random.choice(VALUES) for key in some(random, keys)}


def metadata(random: Random) -> Document:
    """Metadata that a user may set, without a name."""
    found: Document = {}
    if random.random() < 0.4:
        found["labels"] = strings(random)
    if random.random() < 0.3:
        found["annotations"] = strings(random)
    if random.random() < 0.15:
        found["finalizers"] = some(random, ("example.com/one", "example.com/two"), 2)
    if random.random() < 0.1:
        found["ownerReferences"] = [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": f"uid-{name}"}
            for name in some(random, ("p", "q"), 2)
        ]
    return found


def config_map(random: Random) -> Document:
    """A ConfigMap."""
    document: Document = {"apiVersion": "v1", "kind": "ConfigMap"}
    if random.random() < 0.85:
        document["data"] = strings(random)
    if random.random() < 0.1:
        document["binaryData"] = {"bin": random.choice(("AAAA", "YQ=="))}
    if random.random() < 0.05:
        document["immutable"] = random.choice((True, False))
    return document


def service(random: Random) -> Document:
    """A Service."""
    spec: Document = {"ports": _ports(random)}
    if random.random() < 0.6:
        spec["selector"] = strings(random)
    if random.random() < 0.35:
        spec["type"] = random.choice(("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"))
    if spec.get("type") == "ExternalName" or random.random() < 0.03:
        spec["externalName"] = random.choice(("example.com", "Example", "a.b."))
        if random.random() < 0.5:
            del spec["ports"]
    for name, chance, values in _SERVICE_FIELDS:
        if random.random() < chance:
            spec[name] = random.choice(values)
    return {"apiVersion": "v1", "kind": "Service", "spec": spec}


_SERVICE_FIELDS: tuple[tuple[str, float, tuple[Any, ...]], ...] = (
    ("clusterIP", 0.08, ("None", "None", "", "1.2.3.4", "odd")),
    ("ipFamilyPolicy", 0.05, ("SingleStack", "PreferDualStack", "RequireDualStack")),
    ("ipFamilies", 0.04, (["IPv4"], ["IPv6"], ["IPv4", "IPv6"])),
    ("sessionAffinity", 0.15, ("None", "ClientIP")),
    ("publishNotReadyAddresses", 0.08, (True,)),
    ("externalIPs", 0.1, (["1.2.3.4"], ["5.6.7.8", "1.2.3.4"], [], ["127.0.0.1"], ["1.2.3.04"])),
    ("externalTrafficPolicy", 0.08, ("Local", "Cluster", "")),
    ("internalTrafficPolicy", 0.05, ("Local", "Cluster")),
    ("trafficDistribution", 0.03, ("PreferClose", "PreferSameNode", "Odd")),
    ("allocateLoadBalancerNodePorts", 0.04, (True, False)),
    ("loadBalancerClass", 0.04, ("example.com/a", "b", "/")),
    ("loadBalancerSourceRanges", 0.04, (["10.0.0.0/8"], ["10.0.0.1/8"], ["odd"])),
)
"""Fields that a Service has now and then: how often, and the values."""


def _ports(random: Random) -> list[Document]:
    ports = []
    for number in some(random, (80, 443, 8080)):
        port: Document = {"port": number}
        if random.random() < 0.8:
            port["name"] = f"p{number}"
        if random.random() < 0.4:
            port["protocol"] = random.choice(("TCP", "UDP"))
        if random.random() < 0.4:
            port["targetPort"] = random.choice((8000, "http"))
        if random.random() < 0.06:
            port["appProtocol"] = random.choice(("http", "example.com/x", "-"))
        if random.random() < 0.06:
            # Not the number itself, which sequences that run at the same time must not share.
            port["nodePort"] = random.choice((1, 2))
        ports.append(port)
    return ports


def _container(random: Random, name: str) -> Document:
    found: Document = {"name": name, "image": random.choice(("nginx", "nginx:1", "web@sha256:ab"))}
    if random.random() < 0.4:
        found["env"] = [
            {"name": key, "value": random.choice(VALUES)} for key in some(random, ("X", "Y", "Z"))
        ]
    if random.random() < 0.3:
        found["ports"] = [{"containerPort": number} for number in some(random, (80, 81), 2)]
    if random.random() < 0.2:
        found["args"] = some(random, ("-v", "--x", "y"))
    if random.random() < 0.2:
        found["resources"] = {"limits": {"cpu": random.choice(("1", "500m"))}}
    if random.random() < 0.1:
        found["livenessProbe"] = {"httpGet": {"path": "/h", "port": 80}}
    return found


def deployment(random: Random) -> Document:
    """A Deployment."""
    names = some(random, ("one", "two")) or ["one"]
    pod: Document = {"containers": [_container(random, name) for name in names]}
    if random.random() < 0.2:
        volume: Document = random.choice(
            ({"name": "v", "emptyDir": {}}, {"name": "w", "configMap": {"name": "c"}})
        )
        pod["volumes"] = [volume]
    if random.random() < 0.1:
        pod["nodeSelector"] = strings(random)
    labels = {"app": "x"}
    spec: Document = {
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": dict(labels)}, "spec": pod},
    }
    if random.random() < 0.5:
        spec["replicas"] = random.choice((0, 1, 3))
    if random.random() < 0.3:
        strategy: Document = {"type": random.choice(("Recreate", "RollingUpdate"))}
        if strategy["type"] == "RollingUpdate" and random.random() < 0.5:
            strategy["rollingUpdate"] = {"maxSurge": random.choice((1, "10%"))}
        spec["strategy"] = strategy
    return {"apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}


def namespace(random: Random) -> Document:
    """A Namespace."""
    return {"apiVersion": "v1", "kind": "Namespace"}


def widget(random: Random) -> Document:
    """A custom object, most of whose fields are in some way special."""
    spec: Document = {}
    choices: list[tuple[str, Any]] = [
        ("replicas", random.choice((0, 1, 3))),
        ("image", random.choice(("one", "two"))),
        ("tier", random.choice(("gold", "silver"))),
        ("port", random.choice((80, "http"))),
        ("note", random.choice(("n", None))),
        ("labels", strings(random)),
        ("tags", some(random, ("a", "b", "c"))),
        ("plain", some(random, (1, 2, 3)) or [1]),
        ("items", _items(random)),
        ("atomic", strings(random, ("a", "b"))),
        ("nested", {"must": random.choice(VALUES)}),
        ("free", random.choice(({"x": 1}, {"x": {"y": [1, {"z": 2}]}}, {}))),
        ("range", {"low": random.choice((1, 3)), "high": random.choice((2, 4))}),
        ("fixed", random.choice(("a", "b"))),
        ("pairs", _pairs(random)),
        ("numbers", some(random, (1, 2, 3))),
        ("rows", [some(random, ("a", "b")) for _ in range(random.randint(0, 2))]),
    ]
    for name, value in choices:
        if random.random() < 0.25:
            spec[name] = value
    found: Document = {"apiVersion": f"{GROUP}/v1", "kind": "Widget"}
    if spec or random.random() < 0.8:
        found["spec"] = spec
    return found


def _pairs(random: Random) -> list[Document]:
    """Items of a list whose keys are two fields, one of them with a default."""
    pairs = []
    for port, protocol in some(random, ((80, "TCP"), (80, "UDP"), (80, ""), (81, ""))):
        pair: Document = {"port": port}
        if protocol:
            pair["protocol"] = protocol
        if random.random() < 0.5:
            pair["weight"] = random.choice((1, 5))
        pairs.append(pair)
    return pairs


def _items(random: Random) -> list[Document]:
    items = []
    for name in some(random, ("x", "y", "z")):
        item: Document = {"name": name}
        if random.random() < 0.6:
            item["value"] = random.choice(VALUES)
        items.append(item)
    return items


def secret(random: Random) -> Document:
    """A Secret."""
    document: Document = {"apiVersion": "v1", "kind": "Secret"}
    if random.random() < 0.7:
        document["data"] = {key: random.choice(("AAAA", "YQ==")) for key in some(random, KEYS)}
    if random.random() < 0.4:
        document["stringData"] = strings(random)
    if random.random() < 0.2:
        document["type"] = random.choice(
            ("Opaque", "example.com/mine", "kubernetes.io/tls", "kubernetes.io/basic-auth")
        )
    if random.random() < 0.1:
        document.setdefault("data", {}).update({"tls.crt": "YQ==", "tls.key": "", "username": ""})
    if random.random() < 0.1:
        document["immutable"] = random.choice((True, False))
    return document


def lease(random: Random) -> Document:
    """A Lease."""
    spec: Document = {}
    if random.random() < 0.7:
        spec["holderIdentity"] = random.choice(("a", "b"))
    if random.random() < 0.5:
        spec["leaseDurationSeconds"] = random.choice((1, 15))
    if random.random() < 0.4:
        spec["leaseTransitions"] = random.choice((0, 3))
    if random.random() < 0.4:
        spec["renewTime"] = random.choice(
            ("2024-05-01T10:00:00.000000Z", "2024-05-01T10:00:00Z", "2024-05-01T12:00:00.5+02:00")
        )
    return {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "spec": spec}


def role(random: Random) -> Document:
    """A Role."""
    rules = []
    for _ in range(random.randint(0, 2)):
        rule: Document = {"verbs": some(random, ("get", "list", "*")) or ["get"]}
        if random.random() < 0.9:
            rule["apiGroups"] = some(random, ("", "apps"), 2) or [""]
            rule["resources"] = some(random, ("pods", "secrets"), 2) or ["pods"]
        if random.random() < 0.2:
            rule["resourceNames"] = some(random, KEYS)
        rules.append(rule)
    document: Document = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role"}
    if random.random() < 0.9:
        document["rules"] = rules
    return document


MAKERS = {
    "configmaps": config_map,
    "services": service,
    "deployments": deployment,
    "namespaces": namespace,
    "widgets": widget,
    "secrets": secret,
    "leases": lease,
    "roles": role,
}


def document(random: Random, kind: str) -> Document:
    """A document without a name."""
    found = MAKERS[kind](random)
    about = metadata(random)
    if about:
        found["metadata"] = about
    return found


def spoil(random: Random, document: Document) -> None:
    """Break something, in place: a wrong type, an unknown field, a bad value."""
    places: list[tuple[Document, str]] = []
    _places(document, places)
    target, key = random.choice(places)
    target[key] = random.choice((7, "odd", True, None, [], {}, ["x"], {"odd": 1}, -1, 1.5))
    if random.random() < 0.5:
        random.choice(places)[0]["unknown"] = random.choice((1, "x", {"y": 1}))


def _places(value: Any, places: list[tuple[Document, str]]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if key not in ("apiVersion", "kind", "metadata", "name"):
                places.append((value, key))
            _places(item, places)
    elif isinstance(value, list):
        for item in value:
            _places(item, places)
    if not places and isinstance(value, dict):
        places.append((value, "unknown"))
