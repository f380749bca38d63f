"""Python's `repr` of objects as JSON values."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.normalize.conventions.python_repr import objects


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("{'a': None, 'b': [1, -2.5, True]}", {"a": None, "b": [1, -2.5, True]}),
        ("Call(name='f', arguments='{\"q\": 1}')", {"name": "f", "arguments": '{"q": 1}'}),
        ("Message(role=<Role.USER: 'user'>, parts=(Text(text='a < b > c'),))", {
            "role": "user", "parts": [{"text": "a < b > c"}],
        }),
        ("[Tool(name='f', function=<function main.<locals>.f at 0x7f2a>)]", [{"name": "f", "function": None}]),
        ("At(time=datetime.datetime(2026, 1, 1))", {"time": None}),
        ("{'n': 99999999999999999999}", {"n": None}),
    ],
)  # fmt: skip
def test_objects_are_read_without_running_anything(sent: str, read: Any) -> None:
    assert objects(sent) == read


@pytest.mark.parametrize(
    "sent", ["", "hello", "f(x)", "{'a': ", "{1: 2}", "[" * 300 + "]" * 300, "{'a': '" + "x" * 100_000 + "'}", 7, None]
)
def test_what_is_no_repr_stays_as_it_is(sent: Any) -> None:
    assert objects(sent) == sent


@given(st.text(alphabet="[]{}()<>'\"\\=,:aA1- ", max_size=60))
def test_no_text_raises(text: str) -> None:
    objects(text)
    objects("A(a=" + text)
