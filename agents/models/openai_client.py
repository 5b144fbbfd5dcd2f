"""A chat client for OpenAI-compatible endpoints, without LiteLLM."""

import asyncio
import os
import time

from pydantic_core import to_json

from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.endpoints.answer import Answer, read_answer
from primum.agents.models.endpoints.proxies import proxy_of
from primum.agents.models.endpoints.redaction import REASON_LENGTH, redactor
from primum.agents.models.endpoints.request import UnsendableError, address_of, request_body
from primum.agents.models.endpoints.transport import UnreachableError, post
from primum.agents.models.outcomes import Outcome


class OpenAIClient:
    """A ChatClient for endpoints that answer as OpenAI's chat completions do.

    A prompt and its key go to the address in the request's `api_base`, and not where that redirects
    to. A call that takes longer than its credentials' `timeout` has the outcome TIMEOUT.
    """

    def __init__(self) -> None:
        self._proxies: dict[str, str | None] = {}  # by address

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """The reply to one attempt at a call."""
        secret = os.environ.get(credentials.key_env, "") if credentials.key_env else ""
        redact = redactor(secret.strip(), [message.content for message in request.messages])
        started = time.perf_counter()
        try:
            async with asyncio.timeout(credentials.timeout):
                answer = await self._post(request, secret.strip())
            reply = read_answer(answer, request.params, redact)
        except TimeoutError:
            reason = f"no answer within {credentials.timeout:g} s"
            reply = Reply(outcome=Outcome.TIMEOUT, reason=reason, retry_after=0.0)
        except (UnreachableError, UnsendableError) as error:
            reply = Reply(
                outcome=Outcome.PROVIDER_ERROR,
                reason=redact(str(error))[:REASON_LENGTH],
                retry_after=0.0 if error.is_transient else None,
            )
        seconds = time.perf_counter() - started
        return reply.model_copy(update={"seconds": seconds, "cost": credentials.cost(reply)})

    async def _post(self, request: Request, secret: str) -> Answer:
        """What the endpoint answers.

        Raises:
            UnsendableError: the model is known to refuse the request.
            UnreachableError: the endpoint does not answer.
        """
        address = address_of(request)
        if address not in self._proxies:
            self._proxies[address] = proxy_of(address)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return await post(address, to_json(request_body(request)), headers, self._proxies[address])
