"""Pages of fields as a Parquet file. DuckDB writes it, out of a table on disk, so that no long list is in memory.

Times are unsigned 64-bit nanoseconds; what has a structure (attributes, messages, events) is JSON text.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import orjson

from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record
from llm_tracing.store.columns import arrow_table

_PART = 256 * 1024
_MEMORY_MB = 192
_TIME, _TEXT, _JSON, _COUNT, _NUMBER, _TRUTH = "UBIGINT", "VARCHAR", "JSON", "BIGINT", "DOUBLE", "BOOLEAN"

_SHARED = {"resource": _JSON, "scope": _JSON}
COLUMNS: dict[Record, dict[str, str]] = {
    "span": {
        "trace_id": _TEXT,
        "span_id": _TEXT,
        "parent_span_id": _TEXT,
        "name": _TEXT,
        "kind": _TEXT,
        "otel_kind": _TEXT,
        "status": _TEXT,
        "status_message": _TEXT,
        "service": _TEXT,
        "start_time_unix_nano": _TIME,
        "end_time_unix_nano": _TIME,
        "duration_ns": _TIME,
        "time_to_first_token_ns": _TIME,
        "provider": _TEXT,
        "operation": _TEXT,
        "request_model": _TEXT,
        "response_model": _TEXT,
        "response_id": _TEXT,
        "input_tokens": _COUNT,
        "output_tokens": _COUNT,
        "cache_read_tokens": _COUNT,
        "cache_write_tokens": _COUNT,
        "reasoning_tokens": _COUNT,
        "cost_usd": _TEXT,  # decimal text: no double holds a pico-dollar
        "client_cost_usd": _TEXT,
        "session_id": _TEXT,
        "user_id": _TEXT,
        "input": _JSON,
        "output": _JSON,
        "input_messages": _JSON,
        "output_messages": _JSON,
        "system_instructions": _JSON,
        "tool": _JSON,
        "documents": _JSON,
        "finish_reasons": _JSON,
        "sources": _JSON,
        "trace_state": _TEXT,
        "flags": _COUNT,
        "attributes": _JSON,
        "dropped_attributes_count": _COUNT,
        "events": _JSON,
        "dropped_events_count": _COUNT,
        "links": _JSON,
        "dropped_links_count": _COUNT,
        **_SHARED,
    },
    "log": {
        "time_unix_nano": _TIME,
        "observed_time_unix_nano": _TIME,
        "severity_number": _COUNT,
        "severity_text": _TEXT,
        "event_name": _TEXT,
        "service": _TEXT,
        "trace_id": _TEXT,
        "span_id": _TEXT,
        "flags": _COUNT,
        "body": _JSON,
        "attributes": _JSON,
        "dropped_attributes_count": _COUNT,
        **_SHARED,
    },
    "point": {
        "name": _TEXT,
        "description": _TEXT,
        "unit": _TEXT,
        "type": _TEXT,
        "aggregation_temporality": _TEXT,
        "is_monotonic": _TRUTH,
        "metadata": _JSON,
        "service": _TEXT,
        "time_unix_nano": _TIME,
        "start_time_unix_nano": _TIME,
        "attributes": _JSON,
        "flags": _COUNT,
        "value_int": _COUNT,
        "value_double": _NUMBER,
        "count": _TIME,
        "sum": _NUMBER,
        "min": _NUMBER,
        "max": _NUMBER,
        "bucket_counts": _JSON,
        "explicit_bounds": _JSON,
        "scale": _COUNT,
        "zero_count": _TIME,
        "zero_threshold": _NUMBER,
        "positive": _JSON,
        "negative": _JSON,
        "quantile_values": _JSON,
        "exemplars": _JSON,
        **_SHARED,
    },
}


def _stored(sql_type: str) -> str:
    return _TEXT if sql_type == _JSON else sql_type


def _cell(value: Any, sql_type: str) -> Any:
    if value is None:
        return None
    if sql_type == _JSON:
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    if sql_type == _TIME:
        return int(value)
    if sql_type == _NUMBER:
        return float(value["$double"] if isinstance(value, dict) else value)
    return value


def parquet(record: Record, pages: Iterable[list[Fields]]) -> Iterator[bytes]:
    """The parts of the file; it has the columns also if there are no rows."""
    wanted = COLUMNS[record]
    columns = [(name, _stored(sql_type)) for name, sql_type in wanted.items()]
    with TemporaryDirectory(prefix="llm-tracing-export-") as folder:
        target = Path(folder, "out.parquet")
        with duckdb.connect(
            str(Path(folder, "rows.duckdb")), config={"memory_limit": f"{_MEMORY_MB}MB", "threads": 1}
        ) as db:
            names = ", ".join(f'"{name}" {sql_type}' for name, sql_type in columns)
            db.execute(f"CREATE TABLE rows ({names})")
            for page in pages:
                cells = [tuple(_cell(row[name], sql_type) for name, sql_type in wanted.items()) for row in page]
                table = arrow_table(columns, cells)
                db.register("page", table)
                db.execute("INSERT INTO rows SELECT * FROM page")
                db.unregister("page")
            db.execute("COPY rows TO ? (FORMAT parquet, COMPRESSION zstd)", [str(target)])
        with target.open("rb") as file:
            while part := file.read(_PART):
                yield part
