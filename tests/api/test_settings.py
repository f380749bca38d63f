"""GET /api/v1/settings."""

from pathlib import Path

from pydantic import Field

from llm_tracing.api import schema
from llm_tracing.api.settings_routes import shown_settings
from llm_tracing.config import ServerSettings
from tests.running import Running


class WithSecret(ServerSettings):
    ingest_key: str = Field(default="", description="A key.")


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
    shown = {one["variable"]: one for one in shown_settings(WithSecret(data=tmp_path, ingest_key="hunter2"))}
    assert shown["LLM_TRACING_INGEST_KEY"]["value"] == "set, not shown"
    assert "hunter2" not in repr(shown)
    empty = {one["variable"]: one for one in shown_settings(WithSecret(data=tmp_path))}
    assert empty["LLM_TRACING_INGEST_KEY"]["value"] is None
