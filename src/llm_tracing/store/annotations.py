"""Annotations: what people and programs say of spans, traces and runs, read and deleted. The writer stores them."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import duckdb

from llm_tracing.model import AnnotationRow
from llm_tracing.store.conditions import Fragment
from llm_tracing.store.contract import AnnotationPage
from llm_tracing.store.database import Database, sql

COLUMNS = ", ".join(AnnotationRow._fields)
_BY_ID = "annotation_id IN (SELECT unnest(?::UUID[]))"


def annotation_from_row(row: Sequence[Any]) -> AnnotationRow:
    found = AnnotationRow._make(row)
    return found._replace(
        annotation_id=row[0].bytes,
        trace_id=_bytes(found.trace_id),
        run_id=_bytes(found.run_id),
    )


def _bytes(value: Any) -> bytes | None:
    return value.bytes if isinstance(value, UUID) else None


def annotations_by_id(db: duckdb.DuckDBPyConnection, ids: Sequence[bytes]) -> list[AnnotationRow]:
    query = sql("annotations").format(columns=COLUMNS, where=_BY_ID)
    return [annotation_from_row(row) for row in db.execute(query, [_uuids(ids), len(ids), 0]).fetchall()]


def _uuids(ids: Sequence[bytes]) -> list[UUID]:
    return [UUID(bytes=identifier) for identifier in ids]


def _conditions(page: AnnotationPage) -> Iterator[Fragment]:
    if page.after is not None:
        at, last = page.after
        yield "(created_at_unix_nano, annotation_id) < (?::UBIGINT, ?::UUID)", (at, UUID(hex=last))
    if page.since is not None:
        yield "created_at_unix_nano >= ?", (page.since,)
    if page.until is not None:
        yield "created_at_unix_nano < ?", (page.until,)
    if page.trace_id is not None:
        whole = UUID(bytes=page.trace_id)
        yield "trace_id = ? OR trace_id IN (SELECT trace_id FROM trace_links WHERE part_of = ?)", (whole, whole)
    if page.trace_ids is not None:
        ids = _uuids(page.trace_ids)
        yield (
            "trace_id IN (SELECT unnest(?::UUID[])) OR trace_id IN "
            "(SELECT trace_id FROM trace_links WHERE part_of IN (SELECT unnest(?::UUID[])))",
            (ids, ids),
        )
    if page.run_ids:
        yield "run_id IN (SELECT unnest(?::UUID[]))", (_uuids(page.run_ids),)
    if page.keys:
        yield "list_contains(?::VARCHAR[], key)", (list(page.keys),)
    if page.sources:
        yield "list_contains(?::VARCHAR[], json_extract_string(source, '$.type'))", (list(page.sources),)
    if page.projects:
        yield "list_contains(?::VARCHAR[], json_extract_string(extra, '$.session_id'))", (list(page.projects),)


class DuckDBAnnotations:
    """Reads may come from many threads; `delete_annotations` only from the one that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def annotations(self, page: AnnotationPage) -> list[AnnotationRow]:
        found = list(_conditions(page))
        where = " AND ".join(f"({text})" for text, _ in found) or "true"
        parameters = [parameter for _, values in found for parameter in values]
        query = sql("annotations").format(columns=COLUMNS, where=where)
        with self._database.reading() as db:
            rows = db.execute(query, [*parameters, page.limit, page.offset]).fetchall()
            return [annotation_from_row(row) for row in rows]

    def annotation_words(self, limit: int) -> list[tuple[str, str | None, int]]:
        with self._database.reading() as db:
            rows = db.execute(sql("annotation_words"), [limit]).fetchall()
            return [(str(key), None if tag is None else str(tag), int(count)) for key, tag, count in rows]

    def annotations_by_id(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        with self._database.reading() as db:
            return annotations_by_id(db, ids)

    def delete_annotations(self, ids: Sequence[bytes]) -> list[AnnotationRow]:
        with self._database.writing() as db:
            found = annotations_by_id(db, ids)
            if found:
                db.execute(sql("delete_annotations"), [_uuids([row.annotation_id for row in found])])
        return found
