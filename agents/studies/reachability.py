"""Whether an endpoint can be reached as a run would reach it: directly, or through a proxy.

No request is sent to the endpoint: a connection is opened, and closed again.
"""

import http.client
import os
import socket
from base64 import b64encode
from collections.abc import Iterator
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from primum.agents.models.endpoints.proxies import PORTS, is_supported, proxy_of
from primum.agents.models.endpoints.redaction import bare_url, without_userinfo

CONNECT_SECONDS = 3.0
VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Reached(NamedTuple):
    """Whether an endpoint can be reached, and how that was found."""

    ok: bool
    found: str


def reach(url: str) -> Reached:
    """Whether an endpoint can be reached; through a proxy where a run would take one."""
    try:
        parts = urlsplit(url)
        proxy = proxy_of(url)
        return _through(proxy, parts) if proxy else _directly(parts)
    except ValueError:  # no such address can be
        return Reached(False, "cannot be reached")


def proxy_settings() -> list[str]:
    """The variables that name proxies, without user names and passwords, such as "NO_PROXY=*"."""
    return list(_settings())


def _settings() -> Iterator[str]:
    for name in VARIABLES:
        for variable in (name, name.lower()):
            if value := os.environ.get(variable):
                yield f"{variable}={bare_url(value)}"


def _directly(parts: SplitResult) -> Reached:
    port = parts.port or PORTS.get(parts.scheme, 443)
    reached = _connects(parts.hostname or "", port)
    return Reached(reached, "answers" if reached else "cannot be reached")


def _through(proxy: str, parts: SplitResult) -> Reached:
    """Whether a proxy answers and, for an endpoint with TLS, lets a connection through."""
    by, named = urlsplit(proxy), bare_url(proxy)
    if not is_supported(proxy):
        return Reached(False, f"goes through {named}: only HTTP proxies are supported")
    if _is_here(parts.hostname) and not _is_here(by.hostname):
        here = f"add {parts.hostname} to NO_PROXY"
        return Reached(False, f"goes through {named}, which cannot reach this machine: {here}")
    port = by.port or PORTS[by.scheme]
    if not _connects(by.hostname or "", port):
        return Reached(False, f"goes through {named}, which cannot be reached")
    if parts.scheme == "https" and by.scheme == "http":
        refusal = _tunnel(by, port, parts)
        if refusal:
            return Reached(False, f"goes through {named}, which says: {refusal}")
        return Reached(True, f"answers through {named}")
    return Reached(True, f"goes through {named}, which answers")


def _tunnel(by: SplitResult, port: int, parts: SplitResult) -> str:
    """Why a proxy does not let a connection through; empty if it does."""
    connection = http.client.HTTPConnection(by.hostname or "", port, timeout=CONNECT_SECONDS)
    secret = f"{unquote(by.username or '')}:{unquote(by.password or '')}".encode()
    headers = {"Proxy-Authorization": f"Basic {b64encode(secret).decode()}"} if by.username else {}
    connection.set_tunnel(parts.hostname or "", parts.port or PORTS[parts.scheme], headers)
    try:
        connection.connect()
    except (OSError, http.client.HTTPException) as error:
        return without_userinfo(str(error)) or type(error).__name__
    finally:
        connection.close()
    return ""


def _connects(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS):
            return True
    except (OSError, ValueError):  # ValueError: no such address can be
        return False


def _is_here(host: str | None) -> bool:
    """Whether a host is this machine, by its name or address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
