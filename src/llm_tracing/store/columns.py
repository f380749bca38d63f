"""Rows to Arrow columns: named tuples in table order, one `zip`, one array a column.

The types are those of schema/*.sql. DuckDB reads the arrays as they are; building one costs 15 to 60 ns a value.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from arro3.core import Array, DataType, Field, Schema, Table, list_array

_SCALARS: dict[str, Any] = {
    "VARCHAR": DataType.utf8(),
    "UBIGINT": DataType.uint64(),
    "BIGINT": DataType.int64(),
    "UINTEGER": DataType.uint32(),
    "INTEGER": DataType.int32(),
    "UTINYINT": DataType.uint8(),
    "DOUBLE": DataType.float64(),
    "BOOLEAN": DataType.bool(),
}
_UUID = DataType.binary(16)
_UUID_METADATA = {"ARROW:extension:name": "arrow.uuid", "ARROW:extension:metadata": ""}


def arrow_table(columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]]) -> Table:
    """A table of `rows` (at least one) whose columns have these (name, SQL type) pairs."""
    arrays: list[Any] = []
    fields: list[Any] = []
    for (name, sql_type), values in zip(columns, zip(*rows, strict=True), strict=True):
        array, field = _column(name, sql_type, values)
        arrays.append(array)
        fields.append(field)
    return Table.from_arrays(arrays, schema=Schema(fields))


def _column(name: str, sql_type: str, values: Sequence[Any]) -> tuple[Any, Any]:
    if sql_type == "UUID":
        return Array(values, _UUID), Field(name, _UUID, metadata=_UUID_METADATA)
    if sql_type == "VARCHAR[]":
        offsets = Array([0, *accumulate(len(value) for value in values)], DataType.int32())
        texts = list_array(offsets, Array([v for value in values for v in value], DataType.utf8()))
        return texts, Field(name, texts.type)
    arrow_type = _SCALARS[sql_type]
    return Array(values, arrow_type), Field(name, arrow_type)
