"""docs/settings.md holds the tables that the code makes."""

from pathlib import Path

from llm_tracing import config
from llm_tracing.qa import settings as qa_settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"


def test_the_settings_page_is_the_table_in_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert config.settings_table() in page
    assert qa_settings.settings_table() in page
