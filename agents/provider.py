"""LiteLLM behind the seam: the only room that imports it. One attempt, a typed outcome."""

import asyncio
import atexit
import gc
import os
import re
import time
import warnings
from collections.abc import Mapping
from functools import cached_property
from types import ModuleType
from typing import Any

from primum.agents.client import Credentials, Outcome, Reply, Request
from primum.agents.profiles import Profile
from primum.agents.simulated import Clinic, UnknownCaseError
from primum.agents.spec import ModelSpec, Price

TIMEOUT_SECONDS = 120.0
REASON_LENGTH = 300
TOO_MANY = 429
OBJECT = re.compile(r"\s*<[^<>]* object at 0x[0-9a-f]+>")
FILTER_CODES = {"content_filter", "content_policy_violation"}
FILTERED = re.compile(rf"\"code\":\s*\"({'|'.join(sorted(FILTER_CODES))})\"")


def load_litellm() -> ModuleType:
    """LiteLLM, told not to fetch its price list, log, call home or retry by itself."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    # LiteLLM's own HTTP handler takes a fifth less CPU a call than the OpenAI SDK.
    os.environ.setdefault("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "True")
    # A cancelled run leaves calls that were made ready and never sent.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")
    import litellm  # noqa: PLC0415  (1.7 s or more: only when a call is to be made)

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = False
    return litellm


def known_prices(models: Mapping[str, ModelSpec]) -> dict[str, Price]:
    """Prices by model id: the panel's own, else LiteLLM's list; what neither knows is left out."""
    found: dict[str, Price] = {}
    listed: Any = None
    for model in models.values():
        if model.price:
            found[model.id] = model.price
            continue
        listed = listed or load_litellm()
        try:
            info = listed.get_model_info(model.id)
            asked, said = float(info["input_cost_per_token"]), float(info["output_cost_per_token"])
        except Exception:  # noqa: BLE001,S112  (an unmapped model raises one of several types)
            continue
        if asked or said:
            found[model.id] = Price(input_per_million=1e6 * asked, output_per_million=1e6 * said)
    return found


class LiteLLMClient:
    """A ChatClient for every provider that LiteLLM knows, and for the simulated clinicians."""

    def __init__(
        self,
        clinic: Clinic | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._clinic = clinic or Clinic()
        self._timeout = timeout
        self._unpriced: set[str | None] = set()  # by LiteLLM's list, which takes its time to say so

    @cached_property
    def _litellm(self) -> ModuleType:
        """Imported with the first call: a study that the ledger answers never waits for it."""
        litellm = load_litellm()
        register(litellm, self._clinic)
        gc.collect()
        gc.freeze()  # what it brought stays: no later collection need look through it
        atexit.register(gc.unfreeze)
        return litellm

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """One attempt at a call; its SDK makes no other. The reply carries the outcome."""
        secret = os.environ.get(credentials.key_env, "") if credentials.key_env else ""
        started = time.perf_counter()
        try:
            response = await self._once(request, secret)
            reply = read_response(response)
        except Exception as error:  # noqa: BLE001  (every provider's errors become an outcome here)
            reply = read_error(error, secret)
        seconds = time.perf_counter() - started
        if reply.input_tokens is None or reply.output_tokens is None:
            return reply.model_copy(update={"seconds": seconds})
        cost = self._cost(response, reply, credentials)
        estimated = cost is not None and not credentials.price
        return reply.model_copy(update={"seconds": seconds, "cost": cost, "estimated": estimated})

    async def _once(self, request: Request, secret: str) -> Any:
        own: dict[str, Any] = {}
        if request.model.startswith("sim/"):
            own = {
                "trial": request.trial,
                "sample": request.sample,
                "revision": request.revision,
            }
        if secret:
            own["api_key"] = secret
        elif request.api_base:
            # Else LiteLLM takes a key of another provider's from the environment to this endpoint.
            own["api_key"] = "none"
        return await asyncio.wait_for(
            self._litellm.acompletion(
                model=request.model,
                messages=[message.model_dump() for message in request.messages],
                api_base=request.api_base,
                api_version=request.api_version,
                timeout=self._timeout,
                num_retries=0,
                max_retries=0,
                **request.params,
                **own,
            ),
            self._timeout,
        )

    def _cost(self, response: Any, reply: Reply, credentials: Credentials) -> float | None:
        """US dollars: the spec's price, else LiteLLM's; None where neither knows."""
        if credentials.price:
            per = credentials.price
            return (
                (reply.input_tokens or 0) * per.input_per_million
                + (reply.output_tokens or 0) * per.output_per_million
            ) / 1e6
        if reply.returned_model in self._unpriced:
            return None
        try:
            counted = response._hidden_params.get("response_cost")  # noqa: SLF001
            return float(counted or self._litellm.completion_cost(response)) or None
        except Exception:  # noqa: BLE001  (an unmapped model raises one of several types)
            self._unpriced.add(reply.returned_model)
            return None


def register(litellm: Any, clinic: Clinic) -> None:
    """Make `sim/...` a provider of LiteLLM's, answered from a clinic's keys."""

    class Clinicians(litellm.CustomLLM):  # type: ignore[misc]
        async def acompletion(self, *_: Any, **kwargs: Any) -> Any:
            params = kwargs["optional_params"]
            text = clinic.reply(
                kwargs["messages"],
                kwargs["model"],
                Profile.model_validate(params["simulation"]),
                params["revision"],
                params["trial"],
                params["sample"],
            )
            response = litellm.ModelResponse(model=f"sim/{kwargs['model']}")
            response.choices[0].message.content = text
            # Characters stand in for tokens: no tokenizer describes a simulated model.
            asked = sum(len(m["content"]) for m in kwargs["messages"])
            response.usage = litellm.Usage(
                prompt_tokens=asked // 4, completion_tokens=len(text) // 4
            )
            return response

    litellm.custom_provider_map = [{"provider": "sim", "custom_handler": Clinicians()}]


def read_response(response: Any) -> Reply:
    """A provider's response with its outcome."""
    usage = getattr(response, "usage", None)
    common: dict[str, Any] = {
        "returned_model": getattr(response, "model", None),
        "fingerprint": getattr(response, "system_fingerprint", None),
        "input_tokens": getattr(usage, "prompt_tokens", None),
        "output_tokens": getattr(usage, "completion_tokens", None),
    }
    if not response.choices:
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason="the response has no choices", **common)
    choice = response.choices[0]
    common["finish_reason"] = choice.finish_reason
    text = choice.message.content or ""
    refusal = getattr(choice.message, "refusal", None) or (
        choice.message.provider_specific_fields or {}
    ).get("refusal")
    if refusal:
        return Reply(
            outcome=Outcome.REFUSAL, text=str(refusal), reason="the model refused", **common
        )
    if choice.finish_reason == "content_filter":
        return Reply(outcome=Outcome.FILTERED, text=text, reason="content filter", **common)
    if choice.finish_reason == "length":
        return Reply(
            outcome=Outcome.TRUNCATED, text=text, reason="cut off at its token limit", **common
        )
    if not text.strip():
        return Reply(outcome=Outcome.EMPTY, reason="the reply is empty", **common)
    return Reply(outcome=Outcome.OK, text=text, **common)


def read_error(error: Exception, secret: str = "") -> Reply:
    """An exception of a call as an outcome; a key never stands in the reason."""
    kind = type(error).__name__
    if isinstance(error, asyncio.TimeoutError) or kind == "Timeout":
        again = 0.0 if may_pass(error) else None
        return Reply(outcome=Outcome.TIMEOUT, reason="no answer within the time limit", again=again)
    filtered = getattr(error, "code", None) in FILTER_CODES or FILTERED.search(str(error))
    if kind == "ContentPolicyViolationError" or filtered:
        return Reply(outcome=Outcome.FILTERED, reason="content policy of the provider")
    cause = error.__cause__ or error.__context__
    if isinstance(cause, UnknownCaseError) or UnknownCaseError.__name__ in str(error):
        return Reply(outcome=Outcome.PROVIDER_ERROR, reason=str(cause))
    status = getattr(error, "status_code", None)
    said = " ".join(str(error).split())
    said = OBJECT.sub("", said)
    if secret:
        said = said.replace(secret, "[key]")
    reason = f"{kind}{f' {status}' if status else ''}: {said}"
    return Reply(
        outcome=Outcome.PROVIDER_ERROR,
        reason=reason[:REASON_LENGTH],
        again=retry_after(error) if may_pass(error) else None,
        turned_away=status == TOO_MANY,
    )


def may_pass(error: BaseException) -> bool:
    """Whether the same call may go through later: rate limits, overload, broken connections."""
    status = getattr(error, "status_code", None)
    if type(error).__name__ in {"APIConnectionError", "InternalServerError", "Timeout"}:
        return not isinstance(error.__context__, UnknownCaseError)
    return status in {408, 409, 429, 500, 502, 503, 504}


def retry_after(error: BaseException) -> float:
    """The seconds that a provider asks to be left alone; 0 where it says nothing."""
    response = getattr(error, "response", None)
    # LiteLLM's own response is a stand-in; the provider's headers are beside it.
    for headers in (
        getattr(error, "litellm_response_headers", None),
        getattr(response, "headers", None),
    ):
        try:
            return max(0.0, float((headers or {})["retry-after"]))
        except (KeyError, ValueError, TypeError):
            continue
    return 0.0
