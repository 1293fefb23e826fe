"""Which file of a chart an object goes to, and under which condition it is installed: a table."""

from __future__ import annotations

from dataclasses import dataclass

METRICS = ".Values.metrics.enabled"
PROMETHEUS = f"and {METRICS} .Values.prometheus.enabled"


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects go.

    Attributes:
        kinds: Their kinds, of which any may be meant; all if empty.
        suffixes: How their names end; any way if empty.
        folder: The folder below `templates/`.
        condition: When they are installed; always if empty.
        scoped: Whether they are roles that the value `rbac.namespaced` narrows.
    """

    kinds: tuple[str, ...]
    suffixes: tuple[str, ...]
    folder: str
    condition: str = ""
    scoped: bool = False

    def takes(self, kind: str, name: str) -> bool:
        """Whether an object goes here."""
        return (not self.kinds or kind in self.kinds) and (
            not self.suffixes or name.endswith(self.suffixes)
        )


_ROLES = ("Role", "ClusterRole")
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")
PLACES = (
    Place(("CustomResourceDefinition",), (), "crd", ".Values.crd.enabled"),
    Place(("ServiceAccount",), (), "rbac", ".Values.serviceAccount.create"),
    Place(
        (*_ROLES, *_BINDINGS),
        ("metrics-auth-role", "metrics-auth-rolebinding", "metrics-reader"),
        "rbac",
        METRICS,
    ),
    Place(_ROLES, ("leader-election-role",), "rbac"),
    Place(_BINDINGS, ("leader-election-rolebinding",), "rbac"),
    Place(
        _ROLES,
        ("-admin-role", "-editor-role", "-viewer-role"),
        "rbac",
        ".Values.rbac.helpers",
        scoped=True,
    ),
    Place(_ROLES, ("manager-role",), "rbac", scoped=True),
    Place(_BINDINGS, ("manager-rolebinding",), "rbac", scoped=True),
    Place(_ROLES, ("webhook-trust-role",), "rbac"),
    Place(_BINDINGS, ("webhook-trust-rolebinding",), "rbac"),
    Place(("Service",), ("metrics-service",), "metrics", METRICS),
    Place(("ServiceMonitor", "PrometheusRule"), (), "prometheus", PROMETHEUS),
    Place(("ConfigMap",), ("dashboard",), "prometheus", PROMETHEUS),
    Place(("NetworkPolicy",), (), "network-policy", ".Values.networkPolicy.enabled"),
    Place(("Certificate", "Issuer"), (), "certmanager"),
    Place(("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"), (), "webhook"),
    Place(("Service",), ("webhook-service",), "webhook"),
    Place((*_ROLES, *_BINDINGS), (), "rbac"),
    Place((), (), "other"),
)


def place_of(kind: str, name: str) -> Place:
    """The first place that takes an object; the last one takes all."""
    return next(place for place in PLACES if place.takes(kind, name))
