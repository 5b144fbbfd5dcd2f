"""HTTP with aiohttp: one session for each event loop, closed when the loop shuts down."""

import asyncio
import ssl
import urllib.request
from collections.abc import AsyncGenerator, Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from primum.agents.models.endpoints.answer import Answer

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

CONNECT_SECONDS = 30.0
MOST_BYTES = 32_000_000  # of a body: more than any model writes
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}

_Sessions = AsyncGenerator["ClientSession"]
_open: dict[asyncio.AbstractEventLoop, tuple["ClientSession", _Sessions]] = {}


class UnreachableError(Exception):
    """There is no answer: no connection, or one that broke.

    Attributes:
        is_transient: whether the same call may succeed later.
    """

    def __init__(self, reason: str, *, is_transient: bool) -> None:
        super().__init__(reason)
        self.is_transient = is_transient


async def post(address: str, body: bytes, headers: Mapping[str, str], proxy: str | None) -> Answer:
    """What an address answers to JSON; redirects are not followed, and no cookie is kept.

    Raises:
        UnreachableError: it does not answer, or not to the end.
    """
    import aiohttp  # noqa: PLC0415  (0.2 s: with the first call)

    opened = await _session()
    sent = {**HEADERS, **headers}
    try:
        async with opened.post(
            address, data=body, headers=sent, proxy=proxy, allow_redirects=False
        ) as response:
            return Answer(response.status, response.headers, await _whole(response))
    except (aiohttp.ClientSSLError, aiohttp.InvalidURL) as error:
        raise UnreachableError(str(error), is_transient=False) from error
    except (aiohttp.ClientError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise UnreachableError(reason, is_transient=True) from error
    except ValueError as error:  # a header or a host that cannot be sent; it may hold the key
        reason = "api_base or the key holds signs that HTTP cannot send"
        raise UnreachableError(reason, is_transient=False) from error


async def _whole(response: "ClientResponse") -> bytes:
    """The body.

    Raises:
        UnreachableError: it is too long.
    """
    chunks, length = [], 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        length += len(chunk)
        if length > MOST_BYTES:
            response.close()
            reason = f"the body has more than {MOST_BYTES:,} bytes"
            raise UnreachableError(reason, is_transient=False)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _session() -> "ClientSession":
    """The running loop's session."""
    loop = asyncio.get_running_loop()
    found = _open.get(loop)
    if found is None:
        sessions = _until_shutdown(loop)
        found = _open[loop] = (await anext(sessions), sessions)
    return found[0]


async def _until_shutdown(loop: asyncio.AbstractEventLoop) -> _Sessions:
    """Yield a session, and close it when the loop closes its asynchronous generators."""
    from aiohttp import (  # noqa: PLC0415  (as above)
        ClientSession,
        ClientTimeout,
        DummyCookieJar,
        TCPConnector,
    )

    # The dispatcher limits the calls in flight, and the client their time.
    connector = TCPConnector(limit=0, ssl=_trusted())
    limit = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
    try:
        async with ClientSession(
            connector=connector, cookie_jar=DummyCookieJar(), timeout=limit
        ) as opened:
            yield opened
    finally:
        _open.pop(loop, None)


@cache
def _trusted() -> ssl.SSLContext:
    """The system's certificates, or those of SSL_CERT_FILE, and certifi's, which LiteLLM takes."""
    import certifi  # noqa: PLC0415  (as above)

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def proxy_of(address: str) -> str | None:
    """The proxy for an address, by HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY as LiteLLM.

    Unlike aiohttp's own `trust_env`, this takes no name and password from a .netrc.
    """
    parts = urlsplit(address)
    if urllib.request.proxy_bypass(parts.netloc):
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
