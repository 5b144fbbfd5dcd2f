"""A chat client for any chat model of langchain-core."""

import time
from typing import TYPE_CHECKING, Any

from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.endpoints.completion import read_completion
from primum.agents.models.endpoints.redaction import Redact, redactor
from primum.agents.models.finish_reasons import finish_reason_in
from primum.agents.models.outcomes import Outcome

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage


class LangChainClient:
    """A ChatClient over a BaseChatModel, which has its own endpoint, key and retries.

    The request's parameters go to the model's `ainvoke`. The ledger identifies the model by the id
    and revision in the panel, which should say exactly what it is.
    """

    def __init__(self, model: "BaseChatModel") -> None:
        self._model = model

    async def complete(self, request: Request, credentials: Credentials) -> Reply:  # noqa: ARG002
        """The reply of the wrapped model; its exceptions become the outcome PROVIDER_ERROR."""
        started = time.perf_counter()
        params: dict[str, Any] = dict(request.params)
        messages = [(message.role, message.content) for message in request.messages]
        try:
            said = await self._model.ainvoke(messages, **params)
            reply = _read(said, params, redactor("", [text for _, text in messages]))
        except Exception as error:  # noqa: BLE001  (a model's own errors become an outcome)
            code = getattr(error, "status_code", None)
            status = code if isinstance(code, int) else None
            reason = f"{type(error).__name__}{f' {status}' if status else ''}"
            reply = Reply(outcome=Outcome.PROVIDER_ERROR, reason=reason, status=status)
        return reply.model_copy(update={"seconds": time.perf_counter() - started})


def _read(said: "AIMessage", params: dict[str, Any], redact: Redact) -> Reply:
    """The reply for a message, which is read as any endpoint's."""
    metadata, usage = said.response_metadata, said.usage_metadata
    message = {
        **said.additional_kwargs,  # a refusal, thinking
        "content": said.content,
        "tool_calls": [{"function": {"arguments": call["args"]}} for call in said.tool_calls],
    }
    body = {
        "model": metadata.get("model_name") or metadata.get("model"),
        "usage": usage,
        "choices": [{"finish_reason": finish_reason_in(metadata), "message": message}],
    }
    return read_completion(body, params, redact)
