import subprocess
import sys
import textwrap

import pytest

from llm_tracing.runner.lines import Line
from llm_tracing.runner.tracebacks import Raised, Tracebacks


def _read(text: str) -> list[tuple[str, str] | str]:
    tracebacks = Tracebacks()
    found = [one for line in text.splitlines() for one in tracebacks.feed(Line(line, 1))] + tracebacks.flush()
    return [(one.type, one.message) if isinstance(one, Raised) else one.text for one in found]


def _stderr(source: str) -> str:
    code = textwrap.dedent(source)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30).stderr


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 / 0", [("ZeroDivisionError", "division by zero")]),
        (
            """
            class Burnt(Exception): pass
            try: {}["flour"]
            except KeyError as error: raise Burnt("the bread") from error
            """,
            [("Burnt", "the bread")],
        ),
        (
            """
            try: 1 / 0
            except ZeroDivisionError: raise KeyError("a")
            """,
            [("KeyError", "'a'")],
        ),
        (
            "raise ExceptionGroup('two', [ValueError('a'), TypeError('b')])",
            [("ExceptionGroup", "two (2 sub-exceptions)")],
        ),
        ("x = (", [("SyntaxError", "'(' was never closed")]),
        ("raise ValueError", [("ValueError", "")]),
        (
            """
            import sys, traceback
            try: 1 / 0
            except ZeroDivisionError: traceback.print_exc()
            sys.stderr.write("goes on\\n")
            """,
            [("ZeroDivisionError", "division by zero"), "goes on"],
        ),
    ],
)
def test_what_python_prints_of_an_exception_is_one(source: str, expected: list[object]) -> None:
    assert _read(_stderr(source)) == expected


def test_lines_that_are_no_traceback_pass_at_once() -> None:
    assert Tracebacks().feed(Line("hello", 1)) == [Line("hello", 1)]


def test_a_traceback_that_breaks_off_is_given_up_as_lines() -> None:
    assert _read('Traceback (most recent call last):\n  File "a.py", line 1') == [
        "Traceback (most recent call last):",
        '  File "a.py", line 1',
    ]
