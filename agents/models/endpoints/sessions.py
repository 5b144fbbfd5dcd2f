"""aiohttp's sessions: two for each event loop, closed when the loop shuts down."""

import asyncio
import ssl
from collections.abc import AsyncGenerator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from aiohttp import ClientSession

CONNECT_SECONDS = 30.0


class Sessions(NamedTuple):
    """Where calls go out; neither limits them (the dispatcher does) or keeps cookies.

    Attributes:
        kept: takes a connection again after a reply.
        fresh: opens one for each call.
    """

    kept: "ClientSession"
    fresh: "ClientSession"


_Opened = AsyncGenerator[Sessions]
_open: dict[asyncio.AbstractEventLoop, tuple[Sessions, _Opened]] = {}


async def sessions() -> Sessions:
    """The running loop's sessions."""
    loop = asyncio.get_running_loop()
    found = _open.get(loop)
    if found is None:
        opened = _until_shutdown(loop)
        found = _open[loop] = (await anext(opened), opened)
    return found[0]


async def _until_shutdown(loop: asyncio.AbstractEventLoop) -> _Opened:
    """Yield sessions, and close them when the loop closes its asynchronous generators."""
    from aiohttp import (  # noqa: PLC0415  (0.2 s: with the first call)
        ClientSession,
        ClientTimeout,
        DummyCookieJar,
        TCPConnector,
    )

    limit = ClientTimeout(total=None, sock_connect=CONNECT_SECONDS)
    keeping = TCPConnector(limit=0, ssl=_trusted())
    closing = TCPConnector(limit=0, ssl=_trusted(), force_close=True)
    jar = DummyCookieJar()
    try:
        async with (
            ClientSession(connector=keeping, cookie_jar=jar, timeout=limit) as kept,
            ClientSession(connector=closing, cookie_jar=jar, timeout=limit) as fresh,
        ):
            yield Sessions(kept, fresh)
    finally:
        _open.pop(loop, None)


@cache
def _trusted() -> ssl.SSLContext:
    """The system's certificates, or those of SSL_CERT_FILE, and certifi's, which LiteLLM takes."""
    import certifi  # noqa: PLC0415  (as above)

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
