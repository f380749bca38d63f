"""The filter of traces: what is stored is always found, after a start too."""

from mmap import PAGESIZE
from pathlib import Path
from random import Random
from uuid import UUID

from llm_tracing.store.database import sql
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.known import TraceFilter
from tests.builders import batch_of, span, trace_hex, trace_request

_dice = Random(7)
IDS = [_dice.randbytes(16) for _ in range(5_000)]


def test_what_was_added_is_found_and_few_others() -> None:
    known = TraceFilter()
    for trace_id in IDS[:2_500]:
        known.add(trace_id)
    assert all(trace_id in known for trace_id in IDS[:2_500])
    assert sum(trace_id in known for trace_id in IDS[2_500:]) <= 1


def test_what_is_stored_is_found_after_a_start(tmp_path: Path) -> None:
    store = DuckDBStore(tmp_path)
    with store.database.writing() as db:
        db.execute("CREATE TABLE ids AS SELECT unnest(?::UUID[]) AS trace_id", [[UUID(bytes=i) for i in IDS[:500]]])
    with store.database.reading() as db:
        text = sql("trace_bits").replace("FROM traces", "FROM ids")
        rows = [db.execute(text, [shift]).fetchone() for shift in TraceFilter.SHIFTS]
    store.close()
    known = TraceFilter([row[0] for row in rows if row])
    assert all(trace_id in known for trace_id in IDS[:500])
    assert not any(trace_id in known for trace_id in IDS[500:])


def test_few_traces_take_little_memory() -> None:
    before = _memory_mb()
    known = [TraceFilter([bytes(1 << 21), None]) for _ in range(10)]
    for each in known:
        each.add(IDS[0])
    assert _memory_mb() - before < 8  # 40, if every bit took its memory


def _memory_mb() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGESIZE / 1e6


def test_a_trace_goes_on_after_a_start(tmp_path: Path) -> None:
    traces = [trace_hex(number) for number in range(1, 20)]
    store = DuckDBStore(tmp_path)
    store.write(batch_of(trace_request(*(span("first", 1, trace=trace) for trace in traces))))
    store.close()
    store = DuckDBStore(tmp_path)
    store.write(batch_of(trace_request(*(span("second", 2, 1, trace=trace) for trace in traces))))
    found = [store.trace(bytes.fromhex(trace)) for trace in traces]
    store.close()
    assert {one.trace.span_count for one in found if one} == {2}
    assert None not in found
