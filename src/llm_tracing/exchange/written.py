"""Pages of fields as the bytes of a file, part by part."""

from collections.abc import Iterable, Iterator
from typing import Literal

import orjson

from llm_tracing.exchange.fields import Fields
from llm_tracing.exchange.otlp_json import Record, list_name, request, resource_items
from llm_tracing.exchange.parquet import parquet

Format = Literal["jsonl", "parquet", "otlp"]
MEDIA: dict[Format, str] = {
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "otlp": "application/x-ndjson",
}
ENDINGS: dict[Format, str] = {"jsonl": "jsonl", "parquet": "parquet", "otlp": "otlp.jsonl"}


def written(record: Record, form: Format, pages: Iterable[list[Fields]]) -> Iterator[bytes]:
    """A list as a file. OTLP JSON is a request a line, as the collector's file exporter writes it."""
    if form == "parquet":
        return parquet(record, pages)
    return _otlp_lines(record, pages) if form == "otlp" else _lines(pages)


def _lines(pages: Iterable[list[Fields]]) -> Iterator[bytes]:
    for page in pages:
        yield b"".join(orjson.dumps(row) + b"\n" for row in page)


def _otlp_lines(record: Record, pages: Iterable[list[Fields]]) -> Iterator[bytes]:
    for page in pages:
        yield orjson.dumps(request(record, page)) + b"\n"


def otlp_document(record: Record, pages: Iterable[list[Fields]]) -> Iterator[bytes]:
    """One request as one document, an entry of its list a line."""
    yield f'{{"{list_name(record)}":[\n'.encode()
    between = b""
    for page in pages:
        for item in resource_items(record, page):
            yield between + orjson.dumps(item)
            between = b",\n"
    yield b"\n]}\n"
