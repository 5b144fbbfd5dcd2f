"""A chat client for any chat model of langchain-core."""

import time
from typing import TYPE_CHECKING, Any

from primum.agents.models.client import Credentials, Reply, Request
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
            reply = _read(said)
        except Exception as error:  # noqa: BLE001  (a model's own errors become an outcome)
            code = getattr(error, "status_code", None)
            status = code if isinstance(code, int) else None
            reason = f"{type(error).__name__}{f' {status}' if status else ''}"
            reply = Reply(outcome=Outcome.PROVIDER_ERROR, reason=reason, status=status)
        return reply.model_copy(update={"seconds": time.perf_counter() - started})


def _read(said: "AIMessage") -> Reply:
    usage, metadata = said.usage_metadata, said.response_metadata
    finish = metadata.get("finish_reason") or metadata.get("stop_reason")
    outcome = Outcome.OK
    if finish in {"length", "max_tokens"}:
        outcome = Outcome.TRUNCATED
    elif finish == "content_filter":
        outcome = Outcome.FILTERED
    elif not said.text.strip():
        outcome = Outcome.EMPTY
    return Reply(
        outcome=outcome,
        text=said.text,
        reason="" if outcome is Outcome.OK else f"finish reason {finish}",
        finish_reason=None if finish is None else str(finish),
        returned_model=metadata.get("model_name"),
        input_tokens=usage["input_tokens"] if usage else None,
        output_tokens=usage["output_tokens"] if usage else None,
    )
