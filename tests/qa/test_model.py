import pytest
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from llm_tracing.qa.errors import SettingsProblem
from llm_tracing.qa.model import ModelChoice, choose_model, needs_offline_model, open_model
from llm_tracing.qa.settings import QaSettings

LOCAL = "http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("model", "base_url", "expected"),
    [
        (None, None, ModelChoice("openai", "offline-sql", "http://127.0.0.1:7/v1")),
        ("openai:gpt-4o-mini", None, ModelChoice("openai", "gpt-4o-mini", None)),
        ("anthropic:claude", None, ModelChoice("anthropic", "claude", None)),
        ("llama3:8b", LOCAL, ModelChoice("openai", "llama3:8b", LOCAL)),
        ("openai:qwen", LOCAL, ModelChoice("openai", "qwen", LOCAL)),
        ("qwen", LOCAL, ModelChoice("openai", "qwen", LOCAL)),
    ],
)
def test_the_setting_names_the_model(
    settings: QaSettings, model: str | None, base_url: str | None, expected: ModelChoice
) -> None:
    used = settings.model_copy(update={"model": model, "base_url": base_url})
    assert choose_model(used, "http://127.0.0.1:7/v1") == expected


@pytest.mark.parametrize(
    ("model", "base_url", "variable"),
    [
        ("gpt-4o-mini", None, "LLM_TRACING_QA_MODEL"),
        ("nosuch:model", None, "LLM_TRACING_QA_MODEL"),
        (None, LOCAL, "LLM_TRACING_QA_MODEL"),
        (None, None, "LLM_TRACING_QA_MODEL"),
    ],
)
def test_a_setting_that_names_no_model_is_told(
    settings: QaSettings, model: str | None, base_url: str | None, variable: str
) -> None:
    with pytest.raises(SettingsProblem) as problem:
        choose_model(settings.model_copy(update={"model": model, "base_url": base_url}))
    assert variable in problem.value.message + problem.value.hint


def test_a_key_in_the_environment_alone_does_not_choose_a_paid_model(
    settings: QaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    assert needs_offline_model(settings)
    model = open_model(choose_model(settings, LOCAL), settings)
    assert isinstance(model, ChatOpenAI)
    assert isinstance(model.openai_api_key, SecretStr)
    assert model.openai_api_key.get_secret_value() == "none", "the real key is not sent to the offline model"


def test_a_missing_key_is_told_with_its_variable(settings: QaSettings) -> None:
    used = settings.model_copy(update={"model": "openai:gpt-4o-mini"})
    with pytest.raises(SettingsProblem) as problem:
        open_model(choose_model(used), used)
    assert "OPENAI_API_KEY" in problem.value.hint


def test_a_missing_package_is_told_with_its_name(settings: QaSettings) -> None:
    used = settings.model_copy(update={"model": "mistralai:large"})
    with pytest.raises(SettingsProblem) as problem:
        open_model(choose_model(used), used)
    assert problem.value.hint == "pip install langchain-mistralai"
