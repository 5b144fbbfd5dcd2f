"""Which proxy stands before an address: one rule for every client, and for `doctor`."""

import urllib.request
from typing import Any
from urllib.parse import urlsplit

PORTS = {"http": 80, "https": 443}  # by the scheme of an endpoint or a proxy


def proxy_of(address: str) -> str | None:
    """The proxy for an address, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY.

    Lower case goes before upper case. NO_PROXY counts by host, whatever the port; no address is
    exempt that it does not name, not even this machine's. Unlike aiohttp's own `trust_env`, this
    takes no name and password from a .netrc.
    """
    parts = urlsplit(address)
    if urllib.request.proxy_bypass(parts.hostname or ""):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"


def is_supported(proxy: str) -> bool:
    """Whether a proxy speaks HTTP; SOCKS is not supported."""
    return proxy.partition("://")[0].lower() in PORTS


def follow_rule(transport: type[Any]) -> None:
    """Have LiteLLM's transport take the proxy that `proxy_of` names.

    Its own rule is the same, but remembers a host's proxy whatever the scheme.
    """
    transport._proxy_from_env = _remembered  # noqa: SLF001  (LiteLLM has no public way)


def _remembered(transport: Any, url: Any) -> str | None:
    """The proxy of an address of httpx, looked up once for each scheme and host."""
    known = transport.proxy_cache
    key = f"{url.scheme}://{url.host}"
    if key not in known:
        known[key] = proxy_of(str(url))
    found: str | None = known[key]
    return found
