"""Rows in the result of a tool, in the shapes that such results have."""

from dataclasses import dataclass
from typing import Any

from llm_tracing.normalize.conventions.python_repr import objects
from llm_tracing.normalize.values import from_json_text

_WRAPPERS = ("output", "result", "data", "content", "results")


@dataclass(frozen=True, slots=True)
class ResultTable:
    """`truncated`: the result says itself that there was more."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.rows

    @property
    def is_nulls(self) -> bool:
        """One row of nothing but NULL: what an aggregate over no rows gives."""
        return len(self.rows) == 1 and bool(self.rows[0]) and all(cell is None for cell in self.rows[0])


def table_in(result: Any, depth: int = 4) -> ResultTable | None:
    """`{columns, rows}`, a list of objects, of lists or of values, as JSON, as text of it or as Python's repr of it.

    An empty text is a table without rows: LangChain's SQL tool writes that. None for anything else.
    """
    value = from_json_text(result)
    if isinstance(value, str):
        if not value.strip():
            return ResultTable([], [])
        opened = objects(value)
        return None if isinstance(opened, str) or depth == 0 else table_in(opened, depth - 1)
    if isinstance(value, list):
        return _from_list(value, None)
    if not isinstance(value, dict) or depth == 0:
        return None
    if isinstance(value.get("rows"), list):
        return _from_object(value)
    inner = next((value[name] for name in _WRAPPERS if name in value), None)
    return None if inner is None else table_in(inner, depth - 1)


def _from_object(value: dict[str, Any]) -> ResultTable | None:
    names = value.get("columns")
    columns = [_column_name(each) for each in names] if isinstance(names, list) else None
    table = _from_list(value["rows"], columns)
    return table and ResultTable(table.columns, table.rows, value.get("truncated") is True)


def _column_name(column: Any) -> str:
    return str(column.get("name", column)) if isinstance(column, dict) else str(column)


def _from_list(rows: list[Any], names: list[str] | None) -> ResultTable | None:
    if rows and all(isinstance(row, dict) for row in rows):
        columns = names or list(dict.fromkeys(str(name) for row in rows for name in row))
        return ResultTable(columns, [[row.get(name) for name in columns] for row in rows])
    if any(isinstance(row, dict) for row in rows):
        return None
    listed = [row if isinstance(row, list) else [row] for row in rows]
    width = max([len(row) for row in listed], default=0)
    columns = [names[at] if names and at < len(names) else str(at + 1) for at in range(max(width, len(names or [])))]
    return ResultTable(columns, listed)
