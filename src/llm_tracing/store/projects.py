"""LangSmith projects that a client created, beside those that only have runs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from llm_tracing.model import ProjectRow
from llm_tracing.store.database import Database, sql

_COLUMNS = ", ".join(ProjectRow._fields)


def _project(row: Sequence[Any]) -> ProjectRow:
    return ProjectRow(row[0].bytes, *row[1:])


class DuckDBProjects:
    """Reads may come from many threads; changes only from the one that writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def projects(self) -> list[ProjectRow]:
        with self._database.reading() as db:
            rows = db.execute(sql("projects").format(columns=_COLUMNS)).fetchall()
            return [_project(row) for row in rows]

    def put_project(self, project: ProjectRow) -> None:
        identifier = UUID(bytes=project.project_id)
        with self._database.writing() as db:
            db.execute(sql("delete_project"), [identifier])
            db.execute(sql("put_project"), [identifier, *project[1:]])

    def delete_project(self, project_id: bytes) -> bool:
        with self._database.writing() as db:
            return bool(db.execute(sql("delete_project"), [UUID(bytes=project_id)]).fetchall())
