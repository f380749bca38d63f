"""GET /api/v1/settings."""

from pathlib import Path

from pydantic import Field, SecretStr

from llm_tracing.api import schema
from llm_tracing.api.settings_routes import shown_settings
from llm_tracing.config import ServerSettings
from tests.running import Running

SECRET = "hunter2-hunter2-hunter2-hunter2"


class WithSecret(ServerSettings):
    upstream_token: str = Field(default="", description="A token.")


def test_settings_name_their_variables_and_what_was_changed(history: Running) -> None:
    found = history.get("/settings", schema.ServerState)
    settings = {setting.variable: setting for setting in found.settings}
    assert set(settings) == {f"LLM_TRACING_{name.upper()}" for name in ServerSettings.model_fields}
    assert settings["LLM_TRACING_DATA"].value == str(history.data)
    assert settings["LLM_TRACING_HOST"].is_default
    assert (settings["LLM_TRACING_PRICES"].value, settings["LLM_TRACING_PORT"].is_default) == (None, False)


def test_the_store_is_measured(history: Running) -> None:
    found = history.get("/settings", schema.ServerState)
    traces = history.traces(limit=1000)
    assert found.store.rows["traces"] == len(traces)
    assert found.store.folder == str(history.data)
    assert found.store.size_bytes > 0
    assert found.prices.public_list.startswith("genai-prices ")
    assert [entry.model for entry in found.prices.entries] == ["offline-sql"]


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    given = WithSecret(data=tmp_path, read_key=SecretStr(SECRET), upstream_token=SECRET, require_keys=True)
    shown = {one["variable"]: one["value"] for one in shown_settings(given)}
    assert shown["LLM_TRACING_READ_KEY"] == shown["LLM_TRACING_UPSTREAM_TOKEN"] == "set, not shown"
    assert (shown["LLM_TRACING_REQUIRE_KEYS"], shown["LLM_TRACING_INGEST_KEY"]) == ("true", None)
    assert SECRET not in repr(shown)
    unset = {one["variable"]: one["value"] for one in shown_settings(WithSecret(data=tmp_path))}
    assert unset["LLM_TRACING_UPSTREAM_TOKEN"] is None
