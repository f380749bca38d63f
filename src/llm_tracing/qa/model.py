"""The chat model behind one setting, and what its failures mean."""

import os
from dataclasses import dataclass
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel

from llm_tracing.qa.errors import ModelProblem, ModelTimeout, SettingsProblem
from llm_tracing.qa.settings import QaSettings

OFFLINE_MODEL = "offline-sql"

# One retry, by the client library itself: a short hiccup passes, a dead endpoint is told soon.
_RETRIES = 1

# Names that stand before the colon; before another colon (llama3:8b) stands a model's own name.
_PROVIDERS = frozenset(
    {"openai", "anthropic", "azure_openai", "azure_ai", "bedrock", "bedrock_converse", "cohere", "deepseek",
     "fireworks", "google_genai", "google_vertexai", "groq", "huggingface", "ibm", "litellm", "mistralai",
     "nvidia", "ollama", "openrouter", "perplexity", "together", "upstage", "xai"}
)  # fmt: skip
_KEY_VARIABLES = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """Which model is asked, and where. `base_url` is None for the provider's own address."""

    provider: str
    name: str
    base_url: str | None


def needs_offline_model(settings: QaSettings) -> bool:
    """True if no model is set: a model that costs money is only used when it was asked for."""
    return settings.model is None and settings.base_url is None


def choose_model(settings: QaSettings, offline_base_url: str | None = None) -> ModelChoice:
    """Read the settings. `offline_base_url` is where the offline model listens, if it was started."""
    if needs_offline_model(settings):
        if offline_base_url is None:
            raise SettingsProblem("No model is set.", hint="Set LLM_TRACING_QA_MODEL, e.g. openai:gpt-4o-mini.")
        return ModelChoice("openai", OFFLINE_MODEL, offline_base_url)
    if settings.model is None:
        raise SettingsProblem(
            "LLM_TRACING_QA_BASE_URL is set, but no model.", hint="Name its model with LLM_TRACING_QA_MODEL."
        )
    prefix, colon, rest = settings.model.partition(":")
    if colon and rest and prefix in _PROVIDERS:
        return ModelChoice(prefix, rest, settings.base_url)
    if settings.base_url is not None:
        return ModelChoice("openai", settings.model, settings.base_url)
    raise SettingsProblem(
        f"LLM_TRACING_QA_MODEL is {settings.model!r}, which names no known provider.",
        hint="Write provider:name, e.g. openai:gpt-4o-mini, or set LLM_TRACING_QA_BASE_URL as well.",
    )


def open_model(choice: ModelChoice, settings: QaSettings) -> BaseChatModel:
    """The client. Nothing is called yet. Raises SettingsProblem if its package or key is missing."""
    arguments: dict[str, Any] = {"timeout": settings.model_timeout, "max_retries": _RETRIES}
    if settings.temperature is not None:
        arguments["temperature"] = settings.temperature
    if choice.base_url is not None:
        arguments["base_url"] = choice.base_url
    key = _key(choice, settings)
    if key is not None:
        arguments["api_key"] = key
    try:
        model: BaseChatModel = init_chat_model(choice.name, model_provider=choice.provider, **arguments)
    except ImportError as error:
        package = f"langchain-{choice.provider.replace('_', '-')}"
        raise SettingsProblem(
            f"The model {choice.provider}:{choice.name} needs a package that is not installed.",
            hint=f"pip install {package}" if "pip install" not in str(error) else _pip_line(str(error)),
        ) from error
    except Exception as error:  # each provider has its own way to refuse its arguments
        raise SettingsProblem(
            f"The model {choice.provider}:{choice.name} cannot be set up: {_first_line(error)}.",
            hint="Check LLM_TRACING_QA_MODEL and the provider's key.",
        ) from error
    return model


def model_problem(error: Exception, choice: ModelChoice, settings: QaSettings) -> ModelProblem:
    """Any provider's failure in our words; a key that the provider repeats is masked."""
    where = choice.base_url or choice.provider
    if any("Timeout" in kind.__name__ for kind in type(error).__mro__):
        return ModelTimeout(
            f"The model {choice.name} at {where} gave no answer in {settings.model_timeout:g} s.",
            hint="Try again, or give it more time with LLM_TRACING_QA_MODEL_TIMEOUT.",
        )
    text = _first_line(error)
    key = _key(choice, settings)
    if key and len(key) > 4:  # the placeholder for endpoints without a key may stand in any text
        text = text.replace(key, "***")
    return ModelProblem(
        f"The model {choice.name} at {where} failed: {text}.",
        hint="Check LLM_TRACING_QA_MODEL, LLM_TRACING_QA_BASE_URL and the key.",
    )


def _key(choice: ModelChoice, settings: QaSettings) -> str | None:
    """The key to send; None leaves it to the provider's package."""
    if choice.name == OFFLINE_MODEL and needs_offline_model(settings):
        return "none"  # a real key must not go to an endpoint that needs none
    if settings.api_key is not None:
        return settings.api_key.get_secret_value()
    variable = _KEY_VARIABLES.get(choice.provider)
    if variable is None or os.environ.get(variable):
        return None
    if choice.base_url is not None:
        return "none"
    raise SettingsProblem(
        f"The model {choice.provider}:{choice.name} needs a key.",
        hint=f"Set {variable}, or unset LLM_TRACING_QA_MODEL to use the offline model.",
    )


def _pip_line(text: str) -> str:
    return text[text.index("pip install") :].strip(" `.")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:500] if lines else type(error).__name__
