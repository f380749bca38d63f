"""Build one SELECT over a base table: joins towards parents, sub-queries for everything else."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from llm_tracing.qa.offline.joins import JoinGraph, Step
from llm_tracing.qa.offline.lexicon import SQL_RESERVED
from llm_tracing.qa.offline.schema import Column, ForeignKey, Schema, Table

Make = Callable[[exp.Column], exp.Expr]
Filter = Callable[["Builder"], exp.Expr | None]
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def _identifier(name: str, quoted: bool) -> exp.Identifier:
    return exp.to_identifier(name, quoted=quoted or not _PLAIN.match(name) or name.lower() in SQL_RESERVED)


def _unquotable(name: str, quoted: bool, dialect: str) -> bool:
    """Quoted in the DDL, but needing it nowhere: PostgreSQL folds case, so only lower-case names qualify there."""
    return quoted and not (_PLAIN.match(name) and (dialect == "sqlite" or name == name.lower()))


def table_expression(table: Table, alias: str | None, dialect: str) -> exp.Table:
    """The table as FROM names it."""
    name = _identifier(table.name, _unquotable(table.name, table.quoted, dialect))
    return exp.Table(this=name, alias=exp.TableAlias(this=exp.to_identifier(alias)) if alias else None)


def column_expression(table: Table, name: str, alias: str | None, dialect: str) -> exp.Column:
    """`table.column`, quoted where the dialect needs it."""
    column = next((c for c in table.columns if c.name == name), None)
    quoted = _unquotable(name, column.quoted if column else False, dialect)
    owner = exp.to_identifier(alias) if alias else table_expression(table, None, dialect).this
    return exp.Column(this=_identifier(name, quoted), table=owner)


def _within(left: exp.Column, inner: "Builder") -> exp.Expr:
    """`left IN (the sub-query)`; its joins are plain ones."""
    inner._left = False
    return exp.In(this=left.copy(), query=exp.Subquery(this=inner.select()))


class Builder:
    """Collects the parts of a SELECT; tables are joined when a column of theirs is first asked for."""

    def __init__(self, schema: Schema, graph: JoinGraph, base: str, *, left: bool = False) -> None:
        self.schema, self.graph, self.base = schema, graph, base
        self._left = left  # keep rows of the base that match nothing (to count zero)
        self._joined: dict[str, Step | None] = {base: None}
        self._inner: dict[Step, tuple[Builder, exp.Column]] = {}
        self._roles: dict[ForeignKey, str] = {}
        self._joins: list[tuple[exp.Table, exp.Expr, bool]] = []
        self.outputs: list[exp.Expr] = []
        self.where: list[exp.Expr] = []
        self.group: list[exp.Expr] = []
        self.having: list[exp.Expr] = []
        self.order: list[exp.Expr] = []
        self.limit: int | None = None
        self.distinct = False

    def reaches(self, table: str) -> bool:
        """Whether the table can be joined without multiplying the base's rows."""
        return table in self._joined or self.graph.path(self.base, table, to_one=True) is not None

    def column(self, table: str, name: str, alias: str | None = None) -> exp.Column:
        """The column, its table joined first; `alias` is one that `join_role` gave."""
        if alias is None and table not in self._joined:
            path = self.graph.path(self.base, table, to_one=not self._left)
            if path is None:
                raise LookupError(f"{table} cannot be reached from {self.base}")
            for step in path:
                self._join(step)
        return column_expression(self.schema.tables[table], name, alias, self.schema.dialect)

    def of(self, column: Column) -> exp.Column:
        """The same for a schema column."""
        return self.column(column.table, column.name)

    def join_role(self, key: ForeignKey, *, outer: bool = False) -> str:
        """Join a self reference's target under an alias (the manager of an employee) and return the alias.

        `outer` keeps rows without one.
        """
        if key not in self._roles:
            alias = f"{key.role[0] if key.role else 'parent'}_{key.target.lower()}"
            target = self.schema.tables[key.target]
            self._roles[key] = alias
            self.column(key.table, key.columns[0])
            condition = self._on(key.table, key.columns, target, key.target_columns, alias)
            self._joins.append((table_expression(target, alias, self.schema.dialect), condition, outer))
        return self._roles[key]

    def _join(self, step: Step) -> None:
        if step.right in self._joined:
            return
        self._joined[step.right] = step
        right = self.schema.tables[step.right]
        condition = self._on(step.left, step.left_columns, right, step.right_columns, None)
        self._joins.append((table_expression(right, None, self.schema.dialect), condition, False))

    def _on(
        self, left: str, left_columns: Sequence[str], right: Table, right_columns: Sequence[str], alias: str | None
    ) -> exp.Expr:
        dialect = self.schema.dialect
        pairs = [
            exp.EQ(
                this=column_expression(self.schema.tables[left], a, None, dialect),
                expression=column_expression(right, b, alias, dialect),
            )
            for a, b in zip(left_columns, right_columns, strict=True)
        ]
        return exp.and_(*pairs)

    def touches(self, table: str) -> bool:
        """Whether the table is joined, or stands in a condition."""
        inside = any(table in inner._joined or inner.touches(table) for inner, _ in self._inner.values())
        return (
            inside or table in self._joined or any(t.name == table for w in self.where for t in w.find_all(exp.Table))
        )

    def matching(self, table: str, make: Filter, *, negated: bool = False, apart: bool = False) -> exp.Expr | None:
        """A condition on rows of another table that belong to a row of the base, as `key [NOT] IN (SELECT ...)`.

        `make` gives the condition over the sub-query's own builder. Conditions that start with the same step share one
        sub-query (a purchase in 2010 *of* a jazz track) and None is returned, unless `apart` or `negated`.
        Raises LookupError when the tables are not related.
        """
        path = self.graph.path(self.base, table)
        if not path:
            raise LookupError(f"{table} is not related to {self.base}")
        ups = next((i for i, step in enumerate(path) if not step.to_one), len(path))
        if ups == len(path):
            if negated:
                return exp.Is(this=self.column(path[0].left, path[0].left_columns[0]), expression=exp.Null())
            return make(self)
        first = path[ups]
        apart = apart or negated
        if not apart and first in self._inner:
            inner = self._inner[first][0]
        else:
            inner = Builder(self.schema, self.graph, first.right, left=True)
        for step in path[ups + 1 :]:
            inner._join(step)
        condition = make(inner)
        key = inner.column(first.right, first.right_columns[0])
        inner.outputs = [key]
        if condition is not None:
            inner.where.append(condition)
        if negated:
            # NOT IN is never true beside a null.
            inner.where.append(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())))
        left = self.column(first.left, first.left_columns[0])
        if not apart:
            self._inner[first] = (inner, left)
            return None
        found = _within(left, inner)
        return exp.Not(this=found) if negated else found

    def select(self) -> exp.Select:
        """The statement; an outer join everywhere if zero counts are to be kept."""
        dialect = self.schema.dialect
        select = exp.select(*[o.copy() for o in self.outputs])
        select = select.from_(table_expression(self.schema.tables[self.base], None, dialect))
        for table, condition, outer in self._joins:
            select = select.join(table, on=condition.copy(), join_type="left" if self._left or outer else "")
        where = [*self.where, *[_within(left, inner) for inner, left in self._inner.values()]]
        if where:
            select = select.where(*[w.copy() for w in where])
        if self.group:
            select = select.group_by(*[g.copy() for g in self.group])
        if self.having:
            select = select.having(*[h.copy() for h in self.having])
        if self.order:
            select = select.order_by(*[o.copy() for o in self.order])
        if self.limit is not None:
            select = select.limit(self.limit)
        return select.distinct() if self.distinct else select


def ordered_by(expression: exp.Expr, descending: bool) -> exp.Ordered:
    """One term of ORDER BY."""
    return exp.Ordered(this=expression, desc=descending)
