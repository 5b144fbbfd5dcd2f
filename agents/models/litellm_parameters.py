"""Which parameters of a model LiteLLM knows, by its own lists; nothing is fetched."""

from collections.abc import Iterable
from types import ModuleType
from typing import Any

from primum.agents.models.litellm_setup import load_litellm

# LiteLLM handles these itself, for any provider.
ALWAYS = frozenset({"allowed_openai_params", "extra_body", "response_format"})


def unknown_parameters(model: str, params: Iterable[str]) -> tuple[str, ...]:
    """The parameters that LiteLLM does not know for a model; none where it cannot tell.

    They are sent as they are, and a provider may ignore or refuse them. LiteLLM is imported.
    """
    names = sorted({*params} - ALWAYS)
    known = _known(load_litellm(), model) if names else None
    return () if known is None else tuple(name for name in names if name not in known)


def advice(unknown: Iterable[str]) -> str:
    """What is said of parameters that LiteLLM does not know."""
    return f"params: LiteLLM knows no {', '.join(unknown)} for it; sent as written: check the name"


def _known(litellm: ModuleType, model: str) -> frozenset[str] | None:
    """LiteLLM's own names for a provider's parameters and the provider's; None if unknown."""
    try:
        name, provider, *_ = litellm.get_llm_provider(model)
        listed = litellm.get_supported_openai_params(name, custom_llm_provider=provider)
        own = _own(litellm, name, provider)
    except Exception:  # noqa: BLE001  (an unknown provider raises one of several types)
        return None
    # accounts, projects and regions, which it takes with any call
    places = litellm.types.router.CredentialLiteLLMParams.model_fields
    return frozenset((*listed, *own, *places)) if listed else None


def _own(litellm: ModuleType, name: str, provider: str) -> set[str]:
    """The names of a provider's parameters in LiteLLM's description of its interface."""
    kind: Any = litellm.LlmProviders(provider)
    config: object = litellm.utils.ProviderConfigManager.get_provider_chat_config(name, kind)
    return {key for base in type(config).__mro__ for key in vars(base).get("__annotations__", {})}
