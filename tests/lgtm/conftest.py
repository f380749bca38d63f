from collections.abc import Iterator

import pytest

from tests.lgtm.fakes import Stack, serving_stack


@pytest.fixture(scope="module")
def running_stack() -> Iterator[Stack]:
    with serving_stack() as running:
        yield running


@pytest.fixture
def fakes(running_stack: Stack) -> Stack:
    """Stand-ins for the three backends, empty and in good health."""
    running_stack.reset()
    return running_stack
