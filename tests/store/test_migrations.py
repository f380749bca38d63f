"""A data file of every earlier schema opens, shows its history, and takes more."""

import gzip
from pathlib import Path

import pytest

from llm_tracing.store.contract import Filter, Page
from llm_tracing.store.database import SCHEMA_VERSION
from llm_tracing.store.duck import DuckDBStore
from tests.builders import NOON, SECOND, TRACE, batch_of, chat, span, trace_request

FILES = sorted((Path(__file__).parent.parent / "data" / "schemas").glob("*.duckdb.gz"))


def test_there_is_a_file_of_each_earlier_schema() -> None:
    assert [int(file.name.partition(".")[0]) for file in FILES] == list(range(1, SCHEMA_VERSION))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_an_earlier_file_opens_and_takes_more(file: Path, tmp_path: Path) -> None:
    data = tmp_path / "llm-tracing.duckdb"
    data.write_bytes(gzip.decompress(file.read_bytes()))
    for _ in range(2):  # brought to today's schema, then opened again
        store = DuckDBStore(tmp_path)
        [trace] = store.traces(Page())
        assert (trace.span_count, trace.input_tokens, trace.cache_read_tokens) == (3, 1312, 1024)
        assert [len(store.logs(Page()).logs), len(store.metrics())] == [1, 1]
        assert store.traces(Page(filters=[Filter("text", "=", "albums sold most")])) == [trace]
        store.close()
    store = DuckDBStore(tmp_path)
    more = {"gen_ai.usage.cache_creation.ephemeral_5m_input_tokens": 3, **chat("More?", "No.", tokens=(8, 2))}
    store.write(batch_of(trace_request(span("chat", 9, 1, start=NOON + SECOND, attributes=more))))
    [trace] = store.traces(Page())
    assert (trace.span_count, trace.input_tokens, trace.llm_call_count) == (4, 1320, 2)
    stored = store.trace(bytes.fromhex(TRACE))
    assert stored is not None
    assert len(stored.spans) == 4
    store.close()
