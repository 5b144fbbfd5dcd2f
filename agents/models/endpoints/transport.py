"""HTTP with aiohttp: one POST, and what may go wrong on the way."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from primum.agents.models.endpoints.answer import Answer
from primum.agents.models.endpoints.failure import is_transient_status
from primum.agents.models.endpoints.proxies import is_supported
from primum.agents.models.endpoints.redaction import bare_url
from primum.agents.models.endpoints.sessions import sessions

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

MOST_BYTES = 32_000_000  # of a body: more than any model writes
HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


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
        UnreachableError: it does not answer, or not to the end; the reason names the proxy.
    """
    if proxy is None:
        return await _post(address, body, headers, None)
    named = bare_url(proxy)
    if not is_supported(proxy):
        reason = f"the proxy {named} does not speak HTTP, and only such proxies are supported"
        raise UnreachableError(reason, is_transient=False)
    try:
        return await _post(address, body, headers, proxy)
    except UnreachableError as error:
        reason = f"through the proxy {named}: {error}"
        raise UnreachableError(reason, is_transient=error.is_transient) from error


async def _post(address: str, body: bytes, headers: Mapping[str, str], proxy: str | None) -> Answer:
    import aiohttp  # noqa: PLC0415  (0.2 s: with the first call)

    opened = await sessions()
    sent = {"data": body, "headers": {**HEADERS, **headers}, "proxy": proxy}
    try:
        try:
            return await _posted(opened.kept, address, sent)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError):
            # The server closed a kept connection as the call went out; browsers do the same.
            return await _posted(opened.fresh, address, sent)
    except aiohttp.ClientHttpProxyError as error:
        reason = f"the proxy says {error.status} {error.message}"
        passes = is_transient_status(error.status)
        raise UnreachableError(reason, is_transient=passes) from error
    except (aiohttp.ClientSSLError, aiohttp.InvalidURL) as error:
        raise UnreachableError(str(error), is_transient=False) from error
    except (aiohttp.ClientError, OSError) as error:
        reason = str(error) or type(error).__name__
        raise UnreachableError(reason, is_transient=True) from error
    except ValueError as error:  # a header or a host that cannot be sent; it may hold the key
        reason = "api_base or the key holds signs that HTTP cannot send"
        raise UnreachableError(reason, is_transient=False) from error


async def _posted(session: "ClientSession", address: str, sent: dict[str, Any]) -> Answer:
    async with session.post(address, **sent, allow_redirects=False) as response:
        return Answer(response.status, response.headers, await _whole(response))


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
