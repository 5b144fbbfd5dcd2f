"""agents/models/schema_support.py on rejections in the words of servers and providers."""

from collections.abc import Callable

import pytest
from pydantic import JsonValue

from primum.agents.models.client import ChatClient, Credentials, Message, Request
from primum.agents.models.litellm_client import LiteLLMClient
from primum.agents.models.openai_client import OpenAIClient
from primum.agents.models.outcomes import Outcome
from primum.agents.models.schema_support import Rejection, rejection_of, with_advice, without_retry
from primum.agents.replies.schemas import choice_form
from primum.tests.conftest import ChatServer

EXTRA: JsonValue = {
    "type": "extra_forbidden",
    "loc": ["body", "response_format"],
    "msg": "Extra inputs",
}
NAMED: dict[str, tuple[int, JsonValue]] = {
    "OpenAI": (
        400,
        {
            "error": {
                "message": "Invalid parameter: 'response_format' of type 'json_schema' is not "
                "supported with this model.",
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
        },
    ),
    "Azure": (
        400,
        {
            "error": {
                "message": "response_format value as json_schema is enabled only for api versions "
                "2024-08-01-preview and later",
                "code": "BadRequest",
            }
        },
    ),
    "vLLM": (
        400,
        {"error": {"message": "Grammar error: Unimplemented keys", "type": "BadRequestError"}},
    ),
    "vLLM, of before": (
        400,
        {
            "object": "error",
            "message": "[{'type': 'literal_error', 'loc': ('body', 'response_format', 'type'), "
            "'msg': \"Input should be 'text' or 'json_object'\"}]",
            "code": 400,
        },
    ),
    "FastAPI": (422, {"detail": [EXTRA]}),
    "LM Studio": (400, {"error": "'response_format.type' must be 'json_schema' or 'text'"}),
    "LM Studio, MLX": (400, {"error": "Structured output is not supported by this model"}),
    "Groq": (
        400,
        {
            "error": {
                "message": "This model does not support response format `json_schema`.",
                "type": "invalid_request_error",
            }
        },
    ),
    "Mistral": (422, {"object": "error", "message": {"detail": [EXTRA]}, "code": None}),
    "DeepSeek": (
        400,
        {
            "error": {
                "message": "This response_format type is unavailable now",
                "type": "invalid_request_error",
            }
        },
    ),
    "llama.cpp": (
        400,
        {
            "error": {
                "code": 400,
                "message": 'response_format type must be one of "text" or "json_object", '
                "but got: json_schema",
            }
        },
    ),
    "llama.cpp, of before": (
        500,
        {"error": {"code": 500, "message": "Failed to parse grammar", "type": "server_error"}},
    ),
    "OpenRouter": (
        404,
        {
            "error": {
                "message": "No endpoints found that can handle the requested parameters.",
                "code": 404,
            }
        },
    ),
    "a gateway, with HTTP 200": (
        200,
        {"error": {"message": "response_format is not supported", "code": 400}},
    ),
}
PERHAPS: dict[str, tuple[int, JsonValue]] = {
    "Together": (422, {"error": {"message": "Input validation error", "code": "invalid_request"}}),
    "Groq, a reply of another form": (
        400,
        {"error": {"message": "Failed to validate JSON.", "code": "json_validate_failed"}},
    ),
}
OTHER: dict[str, tuple[int, JsonValue]] = {
    "no such model": (404, {"error": {"message": "The model `m` does not exist"}}),
    "no such path": (404, {"detail": "Not Found"}),
    "key": (401, {"error": {"message": "no response_format for this key"}}),
    "filter": (400, {"error": {"message": "filtered", "code": "content_filter"}}),
}


def bound(url: str) -> Request:
    return Request(
        model="openai/m",
        api_base=url,
        messages=(Message(role="user", content="Which draft?"),),
        params={"response_format": choice_form(2).response_format},
    )


@pytest.fixture(params=[OpenAIClient, LiteLLMClient])
def client(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ChatClient:
    monkeypatch.setenv("TEST_API_KEY", "sk-test")
    of: Callable[[], ChatClient] = request.param
    return of()


@pytest.mark.parametrize(
    ("of", "rejection"),
    [
        *((answer, Rejection.NAMED) for answer in NAMED.values()),
        *((answer, Rejection.PERHAPS) for answer in PERHAPS.values()),
        *((answer, None) for answer in OTHER.values()),
    ],
    ids=[*NAMED, *PERHAPS, *OTHER],
)
async def test_rejections_are_recognised_in_the_words_of_many(
    client: ChatClient,
    chat_server: ChatServer,
    of: tuple[int, dict[str, JsonValue]],
    rejection: Rejection | None,
) -> None:
    chat_server.respond = lambda *_: (*of, {})
    request = bound(chat_server.url)
    reply = await client.complete(request, Credentials(key_env="TEST_API_KEY"))
    assert reply.outcome is not Outcome.OK
    assert rejection_of(reply) is rejection
    said = with_advice(request, reply).reason
    assert ("write `replies: auto` or `text`" in said) == (rejection is not None)
    assert "\n" not in said
    if rejection is Rejection.NAMED:
        assert without_retry(request, reply).retry_after is None
