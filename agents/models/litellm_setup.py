"""LiteLLM: imported late, its version checked, its settings and the patches that Primum needs.

It fetches no price list, writes no log, calls nobody else, retries nothing and follows no redirect.
"""

import atexit
import gc
import logging
import os
import re
import warnings
from datetime import datetime
from functools import cache
from importlib.metadata import version
from types import ModuleType
from typing import Any

from primum.agents.models.endpoints.proxies import follow_rule
from primum.agents.models.litellm_capture import capture_posts
from primum.core.errors import DataError

FIRST, BELOW, BROKEN = (1, 101), (2,), (1, 107, 0)  # versions, as in pyproject.toml
SETTINGS = {"telemetry": False, "suppress_debug_info": True, "drop_params": False}
RANGE = ">=1.101,<2,!=1.107.0"


def is_supported(installed: str) -> bool:
    """Whether the patches in this file were written for a version of LiteLLM."""
    number = tuple(int(part) for part in re.findall(r"\d+", installed)[:3])
    return FIRST <= number < BELOW and number != BROKEN


def load_litellm() -> ModuleType:
    """The module `litellm`, with its settings and patches.

    Raises:
        DataError: its version is not supported, or it cannot be imported, for instance because it
            cannot read an environment variable of its own.
    """
    installed = version("litellm")
    if not is_supported(installed):
        raise DataError(
            f"LiteLLM {installed} is installed; Primum is written for LiteLLM {RANGE}: "
            f'pip install "litellm{RANGE}"'
        )
    _set_environment()
    litellm = _import()
    vars(litellm).update(SETTINGS)
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return litellm


def _set_environment() -> None:
    """Set what LiteLLM reads when it is imported."""
    os.environ["LITELLM_MODE"] = "PRODUCTION"  # or it takes endpoints and keys from any .env above
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    # LiteLLM's own HTTP handler takes a fifth less CPU a call than the OpenAI SDK.
    os.environ.setdefault("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "True")
    # A cancelled run leaves coroutines of calls that were prepared and never sent.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")


def _import() -> ModuleType:
    try:
        import litellm  # noqa: PLC0415  (1.7 s or more: only when a call is to be made)
        from litellm.llms.custom_httpx.aiohttp_transport import (  # noqa: PLC0415
            LiteLLMAiohttpTransport,
        )
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler  # noqa: PLC0415
        from litellm.llms.ollama.common_utils import OllamaModelInfo  # noqa: PLC0415
    except Exception as error:
        raise DataError(
            f"LiteLLM cannot be imported: {type(error).__name__}: {error}; "
            "check the environment variables that it reads"
        ) from error
    # A prompt goes to the endpoint that the panel names, and not where that endpoint redirects to.
    never = property(lambda _: False, lambda *_: None)
    AsyncHTTPHandler.follow_redirects = never  # type: ignore[assignment]
    capture_posts(AsyncHTTPHandler)
    follow_rule(LiteLLMAiohttpTransport)
    # About an Ollama model that it does not list, LiteLLM asks localhost:11434 twice a call,
    # wherever the model is, while the event loop waits.
    OllamaModelInfo.get_runtime_model_info = _nothing_known  # type: ignore[assignment]
    return litellm


def _nothing_known(_: object, model: str, *__: object, **___: object) -> dict[str, Any]:
    """What LiteLLM takes an Ollama model for where Ollama does not answer."""
    limits = dict.fromkeys(("max_tokens", "max_input_tokens", "max_output_tokens"))
    prices = dict.fromkeys(("input_cost_per_token", "output_cost_per_token"), 0.0)
    return {"key": model, "litellm_provider": "ollama", "mode": "chat", **limits, **prices}


def exempt_from_collection() -> None:
    """Keep the garbage collector from looking through what is loaded now, until the exit.

    LiteLLM's many objects live as long as the process.
    """
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)


def quiet_log(model: str) -> Any:
    """A logger for one call of LiteLLM's that logs nothing.

    LiteLLM's own would hand prompts and replies to whatever loggers are set up, and look up prices
    three times a call, which takes a quarter or more of LiteLLM's CPU time for a call.
    """
    return _quiet()(
        model=model,
        messages=[],
        stream=False,
        call_type="acompletion",
        start_time=datetime.now(),  # noqa: DTZ005  (LiteLLM subtracts it from a naive one)
        litellm_call_id="",
        function_id="",
    )


@cache
def _quiet() -> type[Any]:
    from litellm.litellm_core_utils.litellm_logging import Logging  # noqa: PLC0415  (as above)

    class Quiet(Logging):
        """Logs nothing before or after a call, and computes no cost."""

        def pre_call(self, *_: Any, **__: Any) -> None: ...
        def post_call(self, *_: Any, **__: Any) -> None: ...
        def response_cost_calculator(self, *_: Any, **__: Any) -> None: ...
        def handle_sync_success_callbacks_for_async_calls(self, *_: Any, **__: Any) -> None: ...
        def success_handler(self, *_: Any, **__: Any) -> None: ...
        def failure_handler(self, *_: Any, **__: Any) -> None: ...
        async def async_success_handler(self, *_: Any, **__: Any) -> None: ...
        async def async_failure_handler(self, *_: Any, **__: Any) -> None: ...

        def claim_async_success_log(self) -> bool:
            """There is nothing to log."""
            return False

    return Quiet
