"""docs/langsmith.md names every route, function and field that there is."""

import re
from pathlib import Path

from llm_tracing.api.langsmith_fields import FIELDS
from llm_tracing.api.langsmith_query import FUNCTIONS

PAGE = Path(__file__).parent.parent / "docs" / "langsmith.md"


def test_the_page_names_every_function_and_field() -> None:
    named = set(re.findall(r"`([a-z_.]+)`", PAGE.read_text(encoding="utf-8")))
    assert FUNCTIONS.keys() <= named
    assert FIELDS.keys() - {"tag", "extra.metadata"} <= named
