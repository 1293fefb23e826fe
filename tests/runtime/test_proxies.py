"""Which proxy leads to an API server."""

from __future__ import annotations

import pytest

from opgen.runtime.proxies import proxy_from_environment

VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy", "REQUEST_METHOD")


@pytest.mark.parametrize(
    ("server", "environment", "proxy"),
    [
        ("https://api.example.com:6443", {}, None),
        ("https://api.example.com", {"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ("https://api.example.com", {"HTTPS_PROXY": "p:3128"}, "http://p:3128"),
        ("https://api.example.com", {"HTTP_PROXY": "http://p:3128"}, None),
        ("http://api.example.com", {"http_proxy": "http://p:3128"}, "http://p:3128"),
        (
            "https://api.example.com",
            {"HTTPS_PROXY": "http://p:3128", "NO_PROXY": ".example.com"},
            None,
        ),
        ("https://127.0.0.1:6443", {"HTTPS_PROXY": "http://p:3128"}, None),
        ("https://[::1]:6443", {"HTTPS_PROXY": "http://p:3128"}, None),
        ("https://localhost:6443", {"HTTPS_PROXY": "http://p:3128"}, None),
    ],
)
def test_the_proxy_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, server: str, environment: dict[str, str], proxy: str | None
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert proxy_from_environment(server) == proxy
