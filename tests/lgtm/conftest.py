from collections.abc import Iterator

import pytest

from tests.lgtm.fake_s3 import FakeS3, serving_s3
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


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeS3]:
    with serving_s3() as fake:
        for name, value in {
            "AWS_ENDPOINT": fake.url,
            "AWS_ACCESS_KEY_ID": "who",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "here",
        }.items():
            monkeypatch.setenv(name, value)
        yield fake
