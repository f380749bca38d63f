from pathlib import Path

import pytest

from llm_tracing.qa.errors import SettingsProblem
from llm_tracing.qa.settings import QaSettings, load_settings


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in QaSettings.model_fields.items() if not field.description] == []


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "LLM_TRACING_QA_PORT": "9001",
        "LLM_TRACING_QA_MODEL": "openai:gpt-4o-mini",
        "LLM_TRACING_QA_TEMPERATURE": "none",
        "LLM_TRACING_QA_DATABASE_URL": "",
        "LLM_TRACING_DATA": "/somewhere",
        "LLM_TRACING_UI_URL": "http://host:1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.port, settings.model, settings.temperature) == (9001, "openai:gpt-4o-mini", None)
    assert (settings.data, settings.ui_url, settings.database_url) == (Path("/somewhere"), "http://host:1", None)


def test_arguments_win_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLM_TRACING_QA_PORT", "9001")
    monkeypatch.setenv("LLM_TRACING_DATA", "/somewhere")
    settings = load_settings(port=0, data=Path("/else"))
    assert (settings.port, settings.data) == (0, Path("/else"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_TRACING_QA_PORT", "70000"),
        ("LLM_TRACING_QA_TIME_LIMIT", "soon"),
        ("LLM_TRACING_APPROACH", "magic"),
    ],
)
def test_a_bad_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsProblem) as problem:
        load_settings()
    assert name in problem.value.message


def test_a_key_is_not_shown_when_settings_are_printed() -> None:
    assert "sk-x" not in repr(load_settings(api_key="sk-x"))


def test_a_loopback_service_accepts_loopback_names_only() -> None:
    assert "localhost" in load_settings(host="127.0.0.1").accepted_hosts
    assert "*" not in load_settings(host="127.0.0.1").accepted_hosts
    assert load_settings(host="0.0.0.0").accepted_hosts == ["*"]
    assert load_settings(host="0.0.0.0", allowed_hosts=["qa.example"]).accepted_hosts == ["qa.example"]
