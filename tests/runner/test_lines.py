import pytest

from llm_tracing.runner.lines import LONGEST, Line, Lines, shown


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        ("Umlaut ä".encode(), "Umlaut ä"),
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1b]0;title\x07text", "text"),
        (b" 10%\r 50%\r100%", "100%"),
        (b"windows\r", "windows"),
        (b"\r\r", ""),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"a\x00b\x08", "a\\x00b\\x08"),
        (b"tab\tstays", "tab\tstays"),
        (b"\x1b[", "\\x1b["),
    ],
)
def test_a_line_is_what_a_terminal_shows(raw: bytes, text: str) -> None:
    assert shown(raw) == text


def test_a_line_has_the_time_of_its_first_byte() -> None:
    lines = Lines()
    assert lines.feed(b"one\ntw", 1) == [Line("one", 1)]
    assert lines.feed(b"o", 2) == []
    assert lines.feed(b"\n\nrest", 3) == [Line("two", 1), Line("", 3)]
    assert lines.rest() == [Line("rest", 3)]
    assert lines.rest() == []


def test_a_line_without_end_is_cut_between_characters() -> None:
    lines = Lines()
    data = "€".encode() * (LONGEST // 3 + 1)
    assert len(data) > LONGEST
    [part] = lines.feed(data + b"\xe2\x82", 1)
    assert part.cut
    [rest] = lines.feed(b"\xac\n", 2)
    assert (set(part.text), rest.text, rest.cut) == ({"€"}, "€", False)


def test_a_progress_bar_that_never_ends_its_line_does_not_grow() -> None:
    lines = Lines()
    for percent in range(3):
        assert lines.feed(b"\r%d%%" % percent + b" " * (LONGEST // 2), 1) == []
    assert lines.rest()[0].text.strip() == "2%"
