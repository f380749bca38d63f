"""Saved views: filters and time ranges with a name."""

from uuid import UUID

from llm_tracing.model import ViewRow
from llm_tracing.store.database import Database, sql

_COLUMNS = ", ".join(ViewRow._fields)


class DuckDBViews:
    """Reads may come from many threads; changes only from the one that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def views(self) -> list[ViewRow]:
        with self._database.reading() as db:
            rows = db.execute(sql("views").format(columns=_COLUMNS)).fetchall()
            return [ViewRow(row[0].bytes, *row[1:]) for row in rows]

    def put_view(self, view: ViewRow) -> None:
        identifier = UUID(bytes=view.view_id)
        with self._database.writing() as db:
            db.execute(sql("delete_view"), [identifier])
            db.execute(sql("put_view"), [identifier, *view[1:]])

    def delete_view(self, view_id: bytes) -> bool:
        with self._database.writing() as db:
            return bool(db.execute(sql("delete_view"), [UUID(bytes=view_id)]).fetchall())
