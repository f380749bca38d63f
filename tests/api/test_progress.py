"""The comparison of the approaches: kept whole, replaced whole, guarded as every write."""

import json
from typing import Any

import pytest

from llm_tracing.api import schema
from llm_tracing.store.progress import FILE_NAME, MAX_BYTES
from tests.progress import progress
from tests.running import Running

PATH = "/api/v1/progress"


def _posted(server: Running, body: Any, **headers: str) -> tuple[int, str]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = server.http.post(PATH, content=content, headers={"Content-Type": "application/json", **headers})
    return answer.status_code, answer.text


def test_before_the_first_there_is_none(server: Running) -> None:
    assert server.get("/progress", schema.ProgressReport).progress is None


def test_what_is_posted_is_shown_and_the_next_replaces_it(server: Running) -> None:
    for question in ("first?", "second?"):
        said = progress(question)
        assert _posted(server, said.model_dump()) == (204, "")
        assert server.get("/progress", schema.ProgressReport).progress == said
    assert [path.name for path in server.data.glob(f"{FILE_NAME}*")] == [FILE_NAME]


def test_a_page_of_somebody_else_may_not_post(server: Running) -> None:
    status, text = _posted(server, progress("q").model_dump(), Origin="http://elsewhere.example")
    assert (status, json.loads(text)["error"]["code"]) == (403, "cross_origin")
    status, text = _posted(server, progress("q").model_dump(), **{"Content-Type": "text/plain"})
    assert (status, json.loads(text)["error"]["code"]) == (415, "unsupported_media_type")
    assert server.get("/progress", schema.ProgressReport).progress is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[]", 422),
        (b"", 422),
        ({"question": "q"}, 422),
        ({**progress("q").model_dump(), "more": 1}, 422),
        ({**progress("q").model_dump(), "rows": [progress("q").rows[0].model_dump()] * 41}, 422),
        ({**progress("q").model_dump(), "question": "q" * 2_001}, 422),
        (b" " * (MAX_BYTES + 1), 413),
    ],
)
def test_what_is_no_comparison_is_refused(server: Running, body: Any, status: int) -> None:
    assert _posted(server, body)[0] == status
    assert server.get("/progress", schema.ProgressReport).progress is None


@pytest.mark.parametrize("content", [b"", b"not json", b'{"question": 1}', b" " * (MAX_BYTES + 1)])
def test_a_file_that_cannot_be_read_is_as_none(server: Running, content: bytes) -> None:
    (server.data / FILE_NAME).write_bytes(content)
    assert server.get("/progress", schema.ProgressReport).progress is None
    assert _posted(server, progress("q").model_dump()) == (204, "")
    assert server.get("/progress", schema.ProgressReport).progress is not None
