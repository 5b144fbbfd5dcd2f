"""A chat client for every provider that LiteLLM knows."""

import asyncio
import os
import time
from collections.abc import Mapping
from functools import cached_property
from types import ModuleType
from typing import Any

from primum.agents.models.client import Credentials, Reply, Request
from primum.agents.models.endpoints.redaction import redactor
from primum.agents.models.litellm_capture import captured
from primum.agents.models.litellm_errors import read_error
from primum.agents.models.litellm_parameters import advice, unknown_parameters
from primum.agents.models.litellm_response import read_rejected, read_response
from primum.agents.models.litellm_setup import exempt_from_collection, load_litellm, quiet_log
from primum.agents.models.registry import LITELLM, client_name
from primum.agents.specs.model import ModelSpec, Price
from primum.core.console import say


def known_prices(models: Mapping[str, ModelSpec]) -> dict[str, Price]:
    """Prices by model id, for models that have one.

    They are the panel's, or those of LiteLLM's list for the models that LiteLLM asks: it is not
    imported for others.
    """
    found: dict[str, Price] = {}
    listed: Any = None
    for model in models.values():
        if model.price:
            found[model.id] = model.price
            continue
        if client_name(model) != LITELLM or model.simulated:
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
    """A ChatClient for every provider that LiteLLM knows.

    A call that takes longer than its credentials' `timeout` has the outcome TIMEOUT.
    """

    def __init__(self) -> None:
        self._unpriced: set[str] = set()  # models that LiteLLM's slow look-up has no price for
        self._checked: set[tuple[str, tuple[str, ...]]] = set()

    @cached_property
    def _litellm(self) -> ModuleType:
        """Imported with the first call; a replay or simulated models never wait for it."""
        litellm = load_litellm()
        exempt_from_collection()
        return litellm

    async def complete(self, request: Request, credentials: Credentials) -> Reply:
        """The reply to one attempt at a call; neither LiteLLM nor an SDK retries it."""
        secret = os.environ.get(credentials.key_env, "") if credentials.key_env else ""
        litellm = self._litellm  # not part of the call's seconds
        self._check(request)
        redact = redactor(secret, [message.content for message in request.messages])
        started, response = time.perf_counter(), None
        with captured() as answers:
            try:
                response = await self._once(litellm, request, credentials, secret)
                reply = read_response(response, answers, request.params, redact)
            except TimeoutError as error:
                reply = read_error(error, redact)
            except Exception as error:  # noqa: BLE001  (every provider's become an outcome here)
                rejected = read_rejected(answers, request.params, redact)
                reply = rejected or read_error(error, redact)
        seconds = time.perf_counter() - started
        cost = credentials.cost(reply)
        estimated = None if credentials.price else self._listed(request.model, response, reply)
        found = {"cost": estimated or cost, "estimated": estimated is not None}
        return reply.model_copy(update={"seconds": seconds, **found})

    def _check(self, request: Request) -> None:
        """Say once which parameters of a model LiteLLM does not know."""
        asked = (request.model, tuple(request.params))
        if asked not in self._checked:
            self._checked.add(asked)
            if unknown := unknown_parameters(*asked):
                say(f"{request.model}: {advice(unknown)}")

    async def _once(
        self, litellm: ModuleType, request: Request, credentials: Credentials, secret: str
    ) -> Any:
        # Without a key LiteLLM sends another provider's, from the environment, to the endpoint.
        key = secret or ("none" if request.api_base else "")
        log = quiet_log(request.model)
        async with asyncio.timeout(credentials.timeout):
            return await litellm.acompletion(
                model=request.model,
                messages=[message.model_dump() for message in request.messages],
                api_base=request.api_base,
                api_version=request.api_version,
                timeout=credentials.timeout,
                num_retries=0,
                max_retries=0,
                litellm_logging_obj=log,
                **request.params,
                **({"api_key": key} if key else {}),
            )

    def _listed(self, model: str, response: Any, reply: Reply) -> float | None:
        """US dollars by LiteLLM's list; None where it does not know, or nobody counted tokens."""
        if response is None or None in {reply.input_tokens, reply.output_tokens}:
            return None
        if model in self._unpriced:
            return None
        try:
            return float(self._litellm.completion_cost(response, model=model)) or None
        except Exception:  # noqa: BLE001  (an unmapped model raises one of several types)
            self._unpriced.add(model)
            return None
