"""Data points of metrics: page by page, a step of time at a time, or a few numbers for each metric."""

from typing import Any
from uuid import UUID

import duckdb

from llm_tracing.model import MetricPointRow, MetricRow
from llm_tracing.store.contract import MetricOverview, PointPage, PointPlace, Spark, StoredPoints
from llm_tracing.store.database import Database, sql
from llm_tracing.store.reader import resources_of, scopes_of

_POINT_COLUMNS = ", ".join(MetricPointRow._fields)
_METRIC_COLUMNS = ", ".join(MetricRow._fields)


class DuckDBMetrics:
    def __init__(self, database: Database) -> None:
        self._database = database

    def metrics(self) -> list[MetricOverview]:
        with self._database.reading() as db:
            return [MetricOverview(*row) for row in db.execute(sql("metrics")).fetchall()]

    def points(self, page: PointPage) -> StoredPoints:
        with self._database.reading() as db:
            metrics = _named(db, page)
            if not metrics:
                return StoredPoints([], {}, {}, {}, None)
            condition, parameters = _where(page, metrics)
            step = [] if page.step_ns is None else [page.step_ns]
            query = sql("points" if page.step_ns is None else "points_by_step")
            rows = db.execute(
                query.format(columns=_POINT_COLUMNS, where=condition), [*parameters, *step, page.limit]
            ).fetchall()
            points = [MetricPointRow(row[0].bytes, *row[1:-1]) for row in rows]
            used = {key: metrics[key] for key in {point.metric_id for point in points}}
            last = points[-1] if len(rows) == page.limit else None
            return StoredPoints(
                points,
                used,
                resources_of(db, {metric.resource_id for metric in used.values()}),
                scopes_of(db, {metric.scope_id for metric in used.values()}),
                last and PointPlace(last.time_unix_nano, rows[-1][-1]),
            )

    def sparks(self, since: int, until: int, buckets: int) -> list[Spark]:
        step = max(1, -(-(until - since) // buckets))
        found: dict[tuple[str, str, str], list[float | None]] = {}
        with self._database.reading() as db:
            rows = db.execute(sql("sparks"), {"since": since, "until": until, "step": step}).fetchall()
        for name, service, kind, bucket, value in rows:
            values = found.setdefault((name, service, kind), [None] * buckets)
            values[bucket] = value
        return [Spark(*key, values) for key, values in found.items()]


def _named(db: duckdb.DuckDBPyConnection, page: PointPage) -> dict[bytes, MetricRow]:
    asked = {"name": page.name, "service": page.service, "type": page.type}
    rows = db.execute(sql("metrics_named").format(columns=_METRIC_COLUMNS), asked).fetchall()
    return {row[0].bytes: MetricRow._make((row[0].bytes, *row[1:-2], row[-2].bytes, row[-1].bytes)) for row in rows}


def _where(page: PointPage, metrics: dict[bytes, MetricRow]) -> tuple[str, list[Any]]:
    conditions = ["metric_id IN (SELECT unnest(?::UUID[]))"]
    parameters: list[Any] = [[UUID(bytes=key) for key in metrics]]
    if page.since is not None:
        conditions.append("time_unix_nano >= ?")
        parameters.append(page.since)
    if page.until is not None:
        conditions.append("time_unix_nano < ?")
        parameters.append(page.until)
    if page.with_exemplars:
        conditions.append("exemplars IS NOT NULL")
    if page.after is not None:
        at, row = page.after
        conditions.append("time_unix_nano <= ? AND (time_unix_nano < ? OR rowid < ?)")
        parameters += [at, at, row]
    return " AND ".join(f"({text})" for text in conditions), parameters
