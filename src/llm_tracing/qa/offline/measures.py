"""Find what a question measures: a column, revenue, units sold, popularity, a dimension such as length."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlglot import exp

from llm_tracing.qa.offline import lexicon
from llm_tracing.qa.offline.builder import Builder
from llm_tracing.qa.offline.linking import Item, SchemaIndex
from llm_tracing.qa.offline.schema import Column, Table
from llm_tracing.qa.offline.words import canonical


@dataclass(frozen=True, slots=True)
class Measure:
    """An expression over rows of `table`; `cost` grows as it fits the words less well."""

    table: str
    make: Callable[[Builder], exp.Expr]
    label: str
    cost: float = 0.0
    column: Column | None = None


def of_column(column: Column, cost: float = 0.0) -> Measure:
    """The column itself."""
    return Measure(column.table, lambda b: b.of(column), "_".join(column.words), cost, column)


def candidates(item: Item, index: SchemaIndex, *, numeric: bool = True) -> list[Measure]:
    """What an item may measure, in no order."""
    if item.kind == "revenue":
        return revenue(index)
    if item.kind == "dimension" and item.dimension:
        return of_dimension(item.dimension, index)
    return [of_column(c, 1 - score) for c, score in item.columns if c.is_numeric or not numeric]


def of_dimension(dimension: str, index: SchemaIndex, tables: Iterable[str] | None = None) -> list[Measure]:
    """Columns that measure a dimension: words listed first in the lexicon cost less."""
    words = [canonical(w) for w in lexicon.DIMENSIONS[dimension]]
    allowed = set(tables) if tables is not None else set(index.schema.tables)
    found = []
    for column in index.schema.columns():
        if column.table not in allowed or not _measures(column, dimension):
            continue
        own = {canonical(w) for w in column.words}
        ranks = [i for i, word in enumerate(words) if word in own]
        if dimension == "time":
            ranks = [0]
        if ranks:
            found.append(of_column(column, 0.3 * min(ranks)))
    return found


def _measures(column: Column, dimension: str) -> bool:
    if dimension in ("time", "age"):
        return column.kind == "date" or column.is_year
    return column.is_numeric


def is_fact(table: Table, index: SchemaIndex) -> bool:
    """A table of events: no name of its own, and a date on it or on a parent that is an event too."""
    if table.has_name or table.is_bridge:
        return False
    if any(c.kind == "date" for c in table.columns):
        return True
    parents = {k.target for k in index.schema.foreign_keys if k.table == table.name and k.target != table.name}
    return any(is_fact(index.schema.tables[p], index) for p in parents)


def revenue(index: SchemaIndex) -> list[Measure]:
    """Sums of money in event tables: a total column, or price times quantity."""
    found = []
    for table in index.schema.tables.values():
        if not is_fact(table, index):
            continue
        numbers = [c for c in table.columns if c.is_numeric]
        totals = [c for c in numbers if lexicon.MONEY_WORDS & set(c.words)]
        prices = [c for c in numbers if "price" in c.words]
        quantities = [c for c in numbers if lexicon.QUANTITY_WORDS & set(c.words)]
        found += [of_column(c) for c in totals[:1]]
        if quantities and not prices:
            prices = _parent_prices(table, index)
        if quantities and prices:
            found.append(_product(table.name, prices[0], quantities[0]))
    return found


def _parent_prices(table: Table, index: SchemaIndex) -> list[Column]:
    parents = [k.target for k in index.schema.foreign_keys if k.table == table.name]
    return [c for p in parents for c in index.schema.tables[p].columns if c.is_numeric and "price" in c.words]


def _product(table: str, price: Column, quantity: Column) -> Measure:
    def make(builder: Builder) -> exp.Expr:
        return exp.Mul(this=builder.of(price), expression=builder.of(quantity))

    return Measure(table, make, "revenue", 0.2)


def popularity(target: str, index: SchemaIndex, in_units: bool) -> Measure | None:
    """Rows (or units) of the nearest event table that leads to the target; None if no event does."""
    best: tuple[float, Measure] | None = None
    for table in index.schema.tables.values():
        cost = index.graph.cost(table.name, target, to_one=True)
        if table.name == target or cost is None or not is_fact(table, index):
            continue
        quantity = next((c for c in table.columns if lexicon.QUANTITY_WORDS & set(c.words)), None)
        cost -= 0.5 * (quantity is not None)
        measure = Measure(table.name, lambda b: exp.Count(this=exp.Star()), "count", cost)
        if in_units and quantity is not None:
            measure = Measure(table.name, _summed(quantity), "sold", cost)
        if best is None or cost < best[0]:
            best = (cost, measure)
    return best[1] if best else None


def _summed(column: Column) -> Callable[[Builder], exp.Expr]:
    return lambda b: exp.Sum(this=b.of(column))


def date_columns(table: Table, hints: frozenset[str] = frozenset()) -> list[Column]:
    """The table's date columns, those that fit the hints or the table's own name first."""
    own = {canonical(w) for w in table.words}

    def order(column: Column) -> tuple[bool, bool]:
        words = {canonical(w) for w in column.full_words}
        return (not words & hints, not words & own)

    return sorted((c for c in table.columns if c.kind == "date"), key=order)
