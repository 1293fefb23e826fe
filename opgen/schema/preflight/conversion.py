"""Rules about the conversion stanza, and about the webhook that it names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from opgen.schema.preflight.base import Document, DocumentRule, Finding, Path, mapping
from opgen.schema.preflight.crd import is_label

_WHERE = ("spec", "conversion")
_REVIEWED = ("v1", "v1beta1")
_SEGMENT = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"


def _conversion(document: Document) -> Iterator[Finding]:
    told = mapping(document.get("spec")).get("conversion")
    if told is None:
        return
    stanza = mapping(told)
    strategy = stanza.get("strategy")
    webhook = mapping(stanza.get("webhook"))
    where = (*_WHERE, "strategy")
    if not strategy:
        yield Finding(where, "Required value", "use ConversionWebhook")
    elif strategy not in ("None", "Webhook"):
        yield Finding(
            where,
            f'Unsupported value: {strategy!r}: supported values: "None", "Webhook"',
            "use ConversionWebhook",
        )
    if strategy != "None" and mapping(document.get("spec")).get("preserveUnknownFields"):
        message = "must be None if spec.preserveUnknownFields is true"
        yield Finding(where, message, "drop preserveUnknownFields")
    if strategy == "Webhook":
        yield from _client(webhook)
        yield from _versions(webhook)
        return
    for keyword in ("clientConfig", "conversionReviewVersions"):
        if webhook.get(keyword) not in (None, []):
            yield Finding(
                (*_WHERE, "webhook", keyword),
                "should not be set when strategy is not set to Webhook",
                "drop it",
            )


def _client(webhook: Document) -> Iterator[Finding]:
    where = (*_WHERE, "webhook", "clientConfig")
    if webhook.get("clientConfig") is None:
        yield Finding(where, "required when strategy is set to Webhook", "use ConversionWebhook")
        return
    client = mapping(webhook["clientConfig"])
    if ("url" in client) == ("service" in client):
        yield Finding(where, "exactly one of url or service is required", "give one of the two")
    elif "url" in client:
        for message in url_faults(str(client["url"])):
            yield Finding((*where, "url"), message, "write it as https://HOST:PORT/PATH")
    else:
        yield from service_faults(mapping(client["service"]), (*where, "service"))


def url_faults(url: str) -> Iterator[str]:
    """What the API server has against the URL of a webhook."""
    found = re.match(r"([a-z][a-z0-9+.-]*)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?", url)
    if not found:
        yield "url must be a valid URL; desired format: https://host[:port]/path"
        return
    scheme, host, _, query, fragment = found.groups()
    if scheme != "https":
        yield f"{scheme!r}: 'https' is the only allowed URL scheme"
    if not host.rpartition("@")[2]:
        yield "host must be specified"
    for is_there, what in (
        ("@" in host, "user information is"),
        (query, "query parameters are"),
        (fragment, "fragments are"),
    ):
        if is_there:
            yield f"{what} not permitted in the URL"


def service_faults(service: Document, where: Path = ()) -> Iterator[Finding]:
    """What the API server has against the Service of a webhook; `where` that is."""
    for field in ("name", "namespace"):
        if not service.get(field):
            yield Finding((*where, field), f"service {field} is required", f"give the {field}")
    port = service.get("port", 443)
    if not isinstance(port, int) or not 1 <= port <= 65535:
        yield Finding(
            (*where, "port"), f"{port!r}: port is not valid: must be 1-65535", "correct it"
        )
    path = service.get("path")
    if path is None or path == "/":
        return
    if not str(path).startswith("/"):
        yield Finding((*where, "path"), f"{path!r}: must start with a '/'", f"write /{path}")
    for segment in str(path).strip("/").split("/"):
        if not re.fullmatch(_SEGMENT, segment):
            message = f"{path!r}: segment {segment!r} is no DNS-1123 subdomain"
            yield Finding((*where, "path"), message, "use lower case letters, digits and dashes")


def _versions(webhook: Document) -> Iterator[Finding]:
    where = (*_WHERE, "webhook", "conversionReviewVersions")
    versions = [str(version) for version in webhook.get("conversionReviewVersions") or ()]
    hint = 'write review_versions=("v1",)'
    if not versions:
        yield Finding(where, "required when strategy is set to Webhook", hint)
        return
    if not set(versions) & set(_REVIEWED):
        yield Finding(where, "must include at least one of v1, v1beta1", hint)
    if len(set(versions)) != len(versions):
        yield Finding(where, "duplicate version", hint)
    for version in versions:
        if not is_label(version):
            yield Finding(where, f"{version!r} is no DNS-1035 label", hint)


RULES = (DocumentRule("R14", "Conversion names one webhook that can be reached", _conversion),)
