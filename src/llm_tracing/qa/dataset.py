"""The Chinook data: its schema, and the loader that fills any database with it from the CSV files.

Tables and columns have the names of the original; types, keys and indexes are declared here.
"""

import csv
import io
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    insert,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import NullPool

from llm_tracing.qa.errors import DatabaseProblem

# In the name of the file: a changed schema or changed data is built anew beside the old file.
VERSION = 1

_MONEY = Numeric(10, 2, asdecimal=False)
_TIME = DateTime().with_variant(sqlite.DATETIME(truncate_microseconds=True), "sqlite")  # type: ignore[no-untyped-call]

_CSV = Path(__file__).parent / "chinook"

metadata = MetaData()


def _key(name: str) -> "Column[int]":
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _ref(name: str, target: str, *, required: bool = True) -> "Column[int]":
    return Column(name, Integer, ForeignKey(target), nullable=not required, index=True)


def _text(name: str, length: int, *, required: bool = False) -> "Column[str]":
    return Column(name, String(length), nullable=not required)


def _address(prefix: str = "") -> list["Column[str]"]:
    lengths = {"Address": 70, "City": 40, "State": 40, "Country": 40, "PostalCode": 10}
    return [_text(prefix + name, length) for name, length in lengths.items()]


Table("Artist", metadata, _key("ArtistId"), _text("Name", 120))
Table("Genre", metadata, _key("GenreId"), _text("Name", 120))
Table("MediaType", metadata, _key("MediaTypeId"), _text("Name", 120))
Table("Playlist", metadata, _key("PlaylistId"), _text("Name", 120))
Table(
    "Album",
    metadata,
    _key("AlbumId"),
    _text("Title", 160, required=True),
    _ref("ArtistId", "Artist.ArtistId"),
)
Table(
    "Track",
    metadata,
    _key("TrackId"),
    _text("Name", 200, required=True),
    _ref("AlbumId", "Album.AlbumId", required=False),
    _ref("MediaTypeId", "MediaType.MediaTypeId"),
    _ref("GenreId", "Genre.GenreId", required=False),
    _text("Composer", 220),
    Column("Milliseconds", Integer, nullable=False),
    Column("Bytes", Integer),
    Column("UnitPrice", _MONEY, nullable=False),
)
Table(
    "PlaylistTrack",
    metadata,
    Column("PlaylistId", Integer, ForeignKey("Playlist.PlaylistId"), primary_key=True, autoincrement=False),
    Column("TrackId", Integer, ForeignKey("Track.TrackId"), primary_key=True, autoincrement=False, index=True),
)
Table(
    "Employee",
    metadata,
    _key("EmployeeId"),
    _text("LastName", 20, required=True),
    _text("FirstName", 20, required=True),
    _text("Title", 30),
    _ref("ReportsTo", "Employee.EmployeeId", required=False),
    Column("BirthDate", _TIME),
    Column("HireDate", _TIME),
    *_address(),
    _text("Phone", 24),
    _text("Fax", 24),
    _text("Email", 60),
)
Table(
    "Customer",
    metadata,
    _key("CustomerId"),
    _text("FirstName", 40, required=True),
    _text("LastName", 20, required=True),
    _text("Company", 80),
    *_address(),
    _text("Phone", 24),
    _text("Fax", 24),
    _text("Email", 60, required=True),
    _ref("SupportRepId", "Employee.EmployeeId", required=False),
)
Table(
    "Invoice",
    metadata,
    _key("InvoiceId"),
    _ref("CustomerId", "Customer.CustomerId"),
    Column("InvoiceDate", _TIME, nullable=False),
    *_address("Billing"),
    Column("Total", _MONEY, nullable=False),
)
Table(
    "InvoiceLine",
    metadata,
    _key("InvoiceLineId"),
    _ref("InvoiceId", "Invoice.InvoiceId"),
    _ref("TrackId", "Track.TrackId"),
    Column("UnitPrice", _MONEY, nullable=False),
    Column("Quantity", Integer, nullable=False),
)


def load(connection: Connection) -> int:
    """Create the tables and fill them; returns the number of rows. The caller commits."""
    metadata.create_all(connection, checkfirst=False)
    count = 0
    for table in metadata.sorted_tables:
        rows = list(_rows(table))
        connection.execute(insert(table), rows)
        count += len(rows)
    return count


def chinook_path(data: Path) -> Path:
    """Where the SQLite file is, or will be."""
    return data / "qa" / f"chinook-{VERSION}.sqlite"


def chinook_file(data: Path) -> Path:
    """The SQLite file under the data folder, built if it is not there.

    It is built beside its place and renamed, so it is there whole or not at all, whoever else starts.
    Raises DatabaseProblem when the folder cannot be written.
    """
    path = chinook_path(data)
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="building-", suffix=".sqlite", dir=path.parent)
        os.close(handle)
        building = Path(name)
        try:
            _build(building)
            building.replace(path)
        finally:
            with suppress(FileNotFoundError):
                building.unlink()
    except (OSError, sqlite3.Error) as error:
        raise DatabaseProblem(
            f"The Chinook database cannot be built at {path}: {error}.",
            hint="Choose a folder that can be written with --data or LLM_TRACING_DATA.",
        ) from error
    return path


def _build(path: Path) -> None:
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(path), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        load(connection)


def _rows(table: Table) -> Iterator[dict[str, object]]:
    text = (_CSV / f"{table.name}.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(io.StringIO(text, newline="")):
        yield {column.name: _value(column, line[column.name]) for column in table.columns}


def _value(column: "Column[object]", text: str) -> object:
    """An empty field is NULL."""
    if text == "":
        return None
    kind = column.type
    if isinstance(kind, Integer):
        return int(text)
    if isinstance(kind, Numeric):
        return Decimal(text)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(text)
    return text
