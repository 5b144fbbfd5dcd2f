"""What a provider answered to a call of LiteLLM's, before LiteLLM interpreted it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from primum.agents.models.endpoints.answer import Answer

_answers: ContextVar[list[Answer] | None] = ContextVar("answers", default=None)


@contextmanager
def captured() -> Iterator[list[Answer]]:
    """Within the block, a list of the last answer over HTTP; empty while there is none."""
    answers: list[Answer] = []
    token = _answers.set(answers)
    try:
        yield answers
    finally:
        _answers.reset(token)


def capture_posts(handler: type[Any]) -> None:
    """Have LiteLLM's HTTP handler keep what is answered to a call within `captured`."""
    post = handler.post
    if hasattr(post, "captures"):
        return

    async def capturing(self: Any, *args: Any, **kwargs: Any) -> Any:
        answers = _answers.get()
        if answers is None:
            return await post(self, *args, **kwargs)
        answers.clear()
        try:
            response = await post(self, *args, **kwargs)
        except Exception as error:
            _keep(answers, getattr(error, "response", None))
            raise
        _keep(answers, response)
        return response

    capturing.captures = True  # type: ignore[attr-defined]
    handler.post = capturing


def _keep(answers: list[Answer], response: Any) -> None:
    """Keep a response of httpx whose body was read."""
    if getattr(response, "is_stream_consumed", False) or getattr(response, "is_closed", False):
        answers.append(Answer(response.status_code, response.headers, response.content))
