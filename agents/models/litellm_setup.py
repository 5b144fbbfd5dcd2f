"""LiteLLM imported late and told to be quiet: no price list fetched, no log, no call home."""

import logging
import os
import warnings
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any

from primum.core.errors import DataError


def load_litellm() -> ModuleType:
    """LiteLLM, told not to fetch its price list, log, call home, retry or go elsewhere by itself.

    Raises:
        DataError: it cannot be imported, as where it cannot read a variable of its own.
    """
    os.environ["LITELLM_MODE"] = "PRODUCTION"  # or it takes endpoints and keys from any .env above
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    # LiteLLM's own HTTP handler takes a fifth less CPU a call than the OpenAI SDK.
    os.environ.setdefault("EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER", "True")
    # A cancelled run leaves calls that were made ready and never sent.
    warnings.filterwarnings("ignore", message="coroutine .* was never awaited")
    try:
        import litellm  # noqa: PLC0415  (1.7 s or more: only when a call is to be made)
        from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler  # noqa: PLC0415
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise DataError(
            f"LiteLLM cannot be imported: {said}; is a variable of its own odd?"
        ) from error

    # A letter goes where it is sent, and not where that endpoint points.
    stays = property(lambda _: False, lambda *_: None)
    AsyncHTTPHandler.follow_redirects = stays  # type: ignore[assignment]
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.drop_params = False
    return litellm


def quiet_log(model: str) -> Any:
    """What LiteLLM writes its log of one call to, and which keeps none.

    Its own would hand prompts and replies to whatever logs are set up, and look up prices three
    times a call: a quarter or more of the CPU that LiteLLM takes for it (without a known price).
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
        """Says nothing before a call or after it, and puts no price on it."""

        def pre_call(self, *_: Any, **__: Any) -> None: ...
        def post_call(self, *_: Any, **__: Any) -> None: ...
        def response_cost_calculator(self, *_: Any, **__: Any) -> None: ...
        def handle_sync_success_callbacks_for_async_calls(self, *_: Any, **__: Any) -> None: ...
        def success_handler(self, *_: Any, **__: Any) -> None: ...
        def failure_handler(self, *_: Any, **__: Any) -> None: ...
        async def async_success_handler(self, *_: Any, **__: Any) -> None: ...
        async def async_failure_handler(self, *_: Any, **__: Any) -> None: ...

        def claim_async_success_log(self) -> bool:
            """Nobody has anything to log."""
            return False

    return Quiet
