"""The schema as the engine sees it: tables, columns with their words, foreign keys, display columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from llm_tracing.qa.offline import lexicon

Dialect = Literal["sqlite", "postgres"]
Kind = Literal["text", "integer", "number", "date", "boolean"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `words` are those of its name, without the words that all columns of its table share."""

    table: str
    name: str
    kind: Kind
    words: tuple[str, ...]
    full_words: tuple[str, ...]
    quoted: bool = False
    is_key: bool = False  # part of the primary key or of a foreign key
    samples: tuple[str, ...] = ()

    @property
    def is_numeric(self) -> bool:
        return self.kind in ("integer", "number") and not self.is_key

    @property
    def is_year(self) -> bool:
        return self.kind == "integer" and "year" in self.words


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`table.columns` refer to `target.target_columns`; `role` is what the columns' name adds to the target's."""

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    role: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    words: tuple[str, ...]
    quoted: bool = False

    def column(self, name: str) -> Column:
        """Raises KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")

    @property
    def display(self) -> tuple[Column, ...]:
        """The columns that name a row: first and last name, a name or title, else the key."""
        first = [c for c in self.columns if c.words[-2:] in (("first", "name"), ("given", "name"))]
        last = [c for c in self.columns if c.words[-2:] in (("last", "name"), ("family", "name"))]
        if first and last:
            return (first[0], last[0])
        for words in lexicon.NAME_COLUMNS:
            for column in self.columns:
                if column.kind == "text" and " ".join(column.words) == words and not column.is_key:
                    return (column,)
        named = [c for c in self.columns if c.kind == "text" and c.words[-1] in ("name", "title")]
        if named and not named[0].is_key:
            return (named[0],)
        return tuple(c for c in self.columns if c.name in self.primary_key) or self.columns[:1]

    @property
    def has_name(self) -> bool:
        return any(not c.is_key and c.kind == "text" for c in self.display)

    @property
    def is_lookup(self) -> bool:
        """A small table of names for categories: a key and one text column."""
        plain = [c for c in self.columns if c.name not in self.primary_key]
        return len(plain) == 1 and plain[0].kind == "text" and not plain[0].is_key

    @property
    def is_bridge(self) -> bool:
        """Only foreign keys: it links two tables many to many."""
        return len(self.columns) > 1 and all(c.is_key for c in self.columns)


@dataclass(frozen=True, slots=True)
class Schema:
    tables: Mapping[str, Table] = field(default_factory=dict)
    foreign_keys: tuple[ForeignKey, ...] = ()
    dialect: Dialect = "sqlite"

    def columns(self) -> tuple[Column, ...]:
        return tuple(column for table in self.tables.values() for column in table.columns)
