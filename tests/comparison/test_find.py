"""What is looked for is found in whichever form a client writes it, and only there."""

import json

import pytest

from llm_tracing.comparison.find import AROUND, Text, excerpt, find, plain

SAID = 'SELECT "a"\n  FROM t -- ö'


@pytest.mark.parametrize(
    "written",
    [
        SAID,
        repr(SAID),
        json.dumps(SAID),
        json.dumps(SAID, ensure_ascii=False),
        json.dumps({"body": json.dumps({"sql": SAID})}),
        json.dumps([json.dumps([json.dumps([SAID])])]),
    ],
)
def test_a_text_is_found_under_any_number_of_escapes(written: str) -> None:
    [found] = find([Text("line", "stderr, line 1", None, written)], SAID)
    assert 'SELECT "a" FROM t -- ö' in found.text


def test_nothing_is_found_where_there_is_nothing_and_nothing_is_everywhere() -> None:
    texts = [Text("line", "a", None, "SELECT b FROM t")]
    assert find(texts, SAID) == []
    assert find(texts, "") == find(texts, " \n ") == []


def test_a_long_text_is_cut_around_what_was_found() -> None:
    shown = excerpt("x" * 1000 + "needle" + "y" * 1000, 1000, 6)
    assert shown == "…" + "x" * AROUND + "needle" + "y" * AROUND + "…"
    assert len(excerpt("z" * 50_000, 0, 50_000)) < 6 * AROUND


def test_spaces_and_odd_escapes_do_not_fail() -> None:
    assert plain("\\") == plain("") == ""
    assert plain("\\u00e9\\ud800\\x") == "é\ud800x"
