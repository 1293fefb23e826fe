"""Which proxy leads to an API server, as the environment says.

Asked once per pool of connections, and credentials in netrc files are left alone as kubectl does.
"""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit


def proxy_from_environment(server: str) -> str | None:
    """The proxy for a server by HTTPS_PROXY, HTTP_PROXY and NO_PROXY; none for loopback.

    Source: `net/http.ProxyFromEnvironment` in Go, which kubectl follows.
    """
    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    from urllib.request import getproxies_environment, proxy_bypass

    address = urlsplit(server)
    host = address.hostname or ""
    proxy = getproxies_environment().get(address.scheme)
    if proxy is None or _is_loopback(host) or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
