from pathlib import Path

from llm_tracing.telemetry.instrument import instrumentations_table
from llm_tracing.telemetry.settings import SETTINGS, apply_defaults, settings_table, withdraw_defaults

PAGE = Path(__file__).parents[2] / "docs" / "configure.md"


def test_the_page_shows_the_tables_that_the_code_has() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert settings_table() in page
    assert instrumentations_table() in page


def test_each_setting_is_listed_once_under_an_opentelemetry_name() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(names) == len(set(names))
    assert all(name.startswith("OTEL_") for name in names)


def test_our_defaults_fill_what_is_unset_and_go_again() -> None:
    environ = {"OTEL_BSP_SCHEDULE_DELAY": "", "OTHER": "x"}
    applied = apply_defaults(environ)
    assert set(applied) == {setting.name for setting in SETTINGS if setting.ours} - {"OTEL_BSP_SCHEDULE_DELAY"}
    assert environ["OTEL_METRIC_EXPORT_INTERVAL"] == "10000"
    withdraw_defaults(applied, environ)
    assert environ == {"OTEL_BSP_SCHEDULE_DELAY": "", "OTHER": "x"}


def test_excluded_urls_under_the_wider_name_replace_our_default() -> None:
    environ = {"OTEL_PYTHON_EXCLUDED_URLS": "/ping"}
    assert "OTEL_PYTHON_FASTAPI_EXCLUDED_URLS" not in apply_defaults(environ)
