"""From a frame to one SELECT: choose the base table so that no row is counted twice, then add the parts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from llm_tracing.qa.offline import measures
from llm_tracing.qa.offline.builder import Builder, ordered_by
from llm_tracing.qa.offline.errors import CannotPlanError
from llm_tracing.qa.offline.filters import having_condition
from llm_tracing.qa.offline.frame import Frame
from llm_tracing.qa.offline.linking import Item, SchemaIndex
from llm_tracing.qa.offline.listing import Lister
from llm_tracing.qa.offline.subject import Subject

Make = Callable[[Builder], exp.Expr]


@dataclass(frozen=True, slots=True)
class Option:
    """A way to measure: an aggregate over rows of `base`."""

    base: str
    make: Make
    cost: float
    label: str
    keep_zero: bool = False


def plan(frame: Frame, index: SchemaIndex, *, portable: bool = False) -> exp.Select:
    """The statement that answers the frame; `portable` keeps to functions that every dialect has.

    Raises CannotPlanError.
    """
    select = _Planner(frame, index, portable).run()
    _plain_null_order(select, index.schema.dialect)
    return select


class _Planner:
    def __init__(self, frame: Frame, index: SchemaIndex, portable: bool) -> None:
        self.subject = Subject(frame, index)
        self.frame, self.index, self.graph, self.schema = frame, index, index.graph, index.schema
        self.portable = portable

    def run(self) -> exp.Select:
        frame = self.frame
        if frame.unsettled:
            raise CannotPlanError(f"I can't tell what '{frame.unsettled}' is about.")
        if len(frame.having) > 1:
            raise CannotPlanError("I can't combine several conditions on counts.")
        if frame.share:
            return self._share()
        if frame.aggregate and frame.measure is not None:
            if frame.having or (frame.rank is not None and frame.focus is None):
                raise CannotPlanError("I can't combine an aggregate with a choice of rows.")
            return self._aggregate(frame.aggregate, frame.measure)
        if frame.focus is None:
            raise CannotPlanError("I can't tell what the question asks for.")
        if frame.groups and (frame.rank is not None or frame.having) and not (frame.counted and frame.limit):
            raise CannotPlanError("I can't choose the first of each group.")
        if frame.having:
            return self._having(frame.focus)
        if frame.counted:
            if frame.rank is not None and not frame.groups:
                raise CannotPlanError("I can't combine a count with an order.")
            return self._count(frame.focus)
        if frame.rank is not None and (option := self._ranked_by_aggregate(frame.focus)):
            return self._grouped(option, [frame.focus], ranked=True)
        if frame.groups and frame.rank is None:
            raise CannotPlanError("I can't tell what to compute for each group.")
        return Lister(self.subject).list(frame.focus)

    def _share(self) -> exp.Select:
        frame = self.frame
        if frame.focus is None or frame.focus.kind not in ("table", "person"):
            raise CannotPlanError("I can't tell of what the share is asked.")
        builder = self.subject.start(self.subject.table(frame.focus))
        if not builder.where:
            raise CannotPlanError("I can't tell which part the share is asked for.")
        matched = exp.Case().when(exp.and_(*builder.where), exp.Literal.number(1)).else_(exp.Literal.number(0))
        builder.where = []
        product = exp.Mul(this=exp.Literal.number("100.0"), expression=exp.Sum(this=matched))
        share = exp.Div(this=product, expression=exp.Count(this=exp.Star()))
        builder.outputs = [exp.alias_(share, "percentage")]
        return builder.select()

    def _aggregate(self, function: str, item: Item) -> exp.Select:
        groups = self.frame.groups
        if self.frame.measure_is_count:
            return self._average_count(item)
        if self.frame.rank is not None and self.frame.focus is not None:
            groups = [*groups, self.frame.focus]
        if function == "AVG" and groups:  # "average cost per shipment" is over shipments
            own = {m.table for m in measures.candidates(item, self.index)}
            groups = [g for g in groups if not (g.kind == "table" and g.tables[0] in own and len(own) == 1)]
        options = [self._aggregated(m, function) for m in measures.candidates(item, self.index)]
        events = [r.tables[0] for r in self.frame.related if r.kind == "table" and r.is_verb]
        if function == "SUM":
            # Added up over products, a price says nothing about what was sold of them.
            options = [o for o in options if all(self.graph.path(o.base, e, to_one=True) is not None for e in events)]
        if not options:
            raise CannotPlanError(f"I found no column with numbers that I could add up for '{item.text}'.")
        return self._grouped(options, groups, ranked=self.frame.rank is not None)

    def _aggregated(self, measure: measures.Measure, function: str) -> Option:
        named = [self.graph.cost(measure.table, t) for t in self.subject.context()]
        cost = measure.cost + sum(9.0 if c is None else c for c in named)
        distinct = self.frame.distinct

        def make(builder: Builder) -> exp.Expr:
            inner = measure.make(builder)
            if distinct:
                return exp.Count(this=exp.Distinct(expressions=[inner]))
            return exp.func(function, inner)

        label = f"distinct_{measure.label}" if distinct else f"{_PREFIX.get(function, function.lower())}{measure.label}"
        return Option(measure.table, make, cost, label)

    def _average_count(self, item: Item) -> exp.Select:
        if len(self.frame.groups) != 1 or self.frame.groups[0].kind != "table":
            raise CannotPlanError("I can't tell over what the average is asked.")
        counted, group = self.subject.table(item), self.subject.table(self.frame.groups[0])
        base = self.graph.base_for({counted, group}, counted)
        if base is None:
            raise CannotPlanError(f"{counted} and {group} are not related.")
        builder = self.subject.start(base, counted)
        key = builder.column(group, self.schema.tables[group].primary_key[0])
        ratio = exp.Div(
            this=exp.Mul(this=exp.Literal.number("1.0"), expression=exp.Count(this=exp.Star())),
            expression=exp.Count(this=exp.Distinct(expressions=[key])),
        )
        builder.outputs = [exp.alias_(ratio, "average")]
        return builder.select()

    def _count(self, focus: Item) -> exp.Select:
        if self.frame.groups:
            return self._grouped(self._counts(focus, self.frame.groups), self.frame.groups, ranked=False)
        if focus.kind == "column":
            column = self.subject.column(focus)
            builder = self.subject.start(column.table)
            counted = exp.Count(this=exp.Distinct(expressions=[builder.of(column)]))
            builder.outputs = [exp.alias_(counted, "count")]
        else:
            builder = self.subject.start(self.subject.table(focus))
            builder.outputs = [exp.alias_(exp.Count(this=exp.Star()), "count")]
        return builder.select()

    def _counts(self, item: Item, groups: Sequence[Item], *, keep_zero: bool = False) -> list[Option]:
        """The ways to count rows of an item for groups: its own rows, or the pairs that a table between them holds."""
        counted = self.subject.table(item)
        label = f"{'_'.join(self.schema.tables[counted].words)}_count"
        star = Option(counted, lambda b: exp.Count(this=exp.Star()), 0.0, label)
        if item.kind == "column":
            column = self.subject.column(item)
            return [Option(counted, lambda b: exp.Count(this=exp.Distinct(expressions=[b.of(column)])), 0.0, label)]
        needed = {self.subject.table(g) for g in groups if g.kind != "part"}
        base = self.graph.base_for({counted, *needed}, counted)
        key = self.schema.tables[counted].primary_key
        if keep_zero and len(needed) == 1 and key:
            return [Option(next(iter(needed)), lambda b: exp.Count(this=b.column(counted, key[0])), 0.0, label, True)]
        if base is None or base == counted:
            return [star]
        bought = any(r.kind == "table" and r.is_verb for r in self.frame.related)
        if self.schema.tables[base].is_bridge or bought or not key:
            return [star, Option(base, star.make, 1.0, label)]

        def distinct(builder: Builder) -> exp.Expr:
            return exp.Count(this=exp.Distinct(expressions=[builder.column(counted, key[0])]))

        return [star, Option(base, distinct, 1.0, label)]

    def _ranked_by_aggregate(self, focus: Item) -> list[Option]:
        """How to rank the focus by something that needs grouping; empty when a column of its own will do."""
        rank = self.frame.rank
        if rank is None:
            return []
        if rank.popular is not None or (rank.by is None and rank.count):
            table = self.subject.table(focus)
            found = measures.popularity(table, self.index, bool(rank.popular and rank.popular.in_units))
            if found is None:
                raise CannotPlanError(f"I found no events that would show how popular {focus.text} are.")
            return [Option(found.table, found.make, found.cost, found.label)]
        if rank.by is None and rank.of is not None and rank.dimension and focus.kind == "table":
            function = "MAX" if rank.descending else "MIN"
            return [
                self._aggregated(m, function)
                for m in measures.of_dimension(rank.dimension, self.index, rank.of.tables[:1])
            ]
        if rank.by is None:
            return []
        if rank.count and rank.by.kind in ("table", "role", "person"):
            return self._counts(rank.by, [focus], keep_zero=not rank.descending)
        table = self.subject.table(focus)
        options = measures.candidates(rank.by, self.index)
        if focus.kind == "table" and any(m.table == table for m in options):
            return []
        return [self._aggregated(m, rank.function) for m in options]

    def _having(self, focus: Item) -> exp.Select:
        comparison, counted = self.frame.having[0]
        fewer = comparison.operator in ("<", "<=")
        if counted.kind == "revenue":
            options = [self._aggregated(m, "SUM") for m in measures.revenue(self.index)]
        else:
            options = self._counts(counted, [focus], keep_zero=fewer)
        select = self._grouped(options, [focus], ranked=False, having=comparison)
        if not self.frame.counted:
            return select
        inner = select.copy()
        inner.set("order", None)
        return exp.select(exp.alias_(exp.Count(this=exp.Star()), "count")).from_(inner.subquery("matching"))

    def _grouped(
        self, options: Sequence[Option], groups: Sequence[Item], *, ranked: bool, having: Item | None = None
    ) -> exp.Select:
        """The cheapest option that works: fewest joins, and no sub-query where a join will do."""
        best: tuple[float, exp.Select] | None = None
        reason = "I can't relate the parts of the question to each other over this schema."
        for option in options:
            try:
                builder = self.subject.start(option.base, left=option.keep_zero)
                select = self._fill(builder, option, groups, ranked, having)
            except (CannotPlanError, LookupError) as error:
                reason = str(error.args[0])
                continue
            joins = len(select.args.get("joins") or ())
            cost = option.cost + joins + 3 * len(list(select.find_all(exp.In)))
            if best is None or cost < best[0]:
                best = (cost, select)
        if best is None:
            raise CannotPlanError(reason)
        return best[1]

    def _fill(
        self, builder: Builder, option: Option, groups: Sequence[Item], ranked: bool, having: Item | None
    ) -> exp.Select:
        labels = [part for group in groups for part in self._group(builder, group)]
        measure = option.make(builder)
        builder.outputs = [*labels, exp.alias_(measure, option.label)]
        rank = self.frame.rank
        if having is not None:
            builder.having.append(having_condition(having, measure))
        if groups and groups[-1].kind == "part" and not ranked:
            builder.order = [exp.Ordered(this=label.this) for label in labels]
        elif groups:
            descending = rank.descending if rank else True
            plain = [label.this if isinstance(label, exp.Alias) else label for label in labels]
            builder.order = [ordered_by(measure, descending), *[ordered_by(p, False) for p in plain]]
        if ranked and rank is not None:
            builder.limit = self.subject.limit(groups[-1] if groups else None)
        return builder.select()

    def _group(self, builder: Builder, item: Item) -> list[exp.Expr]:
        """The outputs that name a group; they are added to GROUP BY, with the key so that equal names stay apart."""
        if item.kind == "part":
            return [self._period(builder, item)]
        if item.kind == "role" and item.key is not None and item.key.table == item.key.target:
            alias = builder.join_role(item.key)
            names = [
                builder.column(item.key.target, c.name, alias) for c in self.schema.tables[item.key.target].display
            ]
            builder.group += names
            return list(names)
        if item.kind in ("table", "person", "role"):
            table = self.schema.tables[self.subject.table(item)]
            if not builder.reaches(table.name):
                raise CannotPlanError(f"I can't group {builder.base} by {item.text}.")
            shown: list[exp.Expr] = [builder.of(c) for c in table.display]
            keys = [builder.column(table.name, k) for k in table.primary_key]
            builder.group += [*[k for k in keys if k not in shown], *shown]
            return shown
        column = self.subject.column(item, builder.base)
        if not builder.reaches(column.table):
            raise CannotPlanError(f"I can't group {builder.base} by {item.text}.")
        found = builder.of(column)
        builder.group.append(found)
        return [found]

    def _period(self, builder: Builder, item: Item) -> exp.Expr:
        tables = sorted(self.schema.tables, key=lambda t: self.graph.cost(builder.base, t, to_one=True) or 0.0)
        dated = [c for t in tables if builder.reaches(t) for c in measures.date_columns(self.schema.tables[t])]
        own = [c for c in dated if c.table == builder.base]
        if not dated or item.text not in _PERIODS:
            raise CannotPlanError(f"I found no date to group by {item.text}.")
        column, (lite, pg) = builder.of((own or dated)[0]), _PERIODS[item.text]
        made: exp.Expr
        if self.portable:
            text = exp.cast(column, "TEXT")
            made = exp.Substring(this=text, start=exp.Literal.number(1), length=exp.Literal.number(len(pg)))
        elif self.schema.dialect == "sqlite":
            made = exp.Anonymous(this="strftime", expressions=[exp.Literal.string(lite), column])
        else:
            made = exp.Anonymous(this="to_char", expressions=[column, exp.Literal.string(pg)])
        builder.group.append(made)
        return exp.alias_(made, item.text)


_PREFIX = {"SUM": "total_", "AVG": "average_", "MAX": "max_", "MIN": "min_"}
_PERIODS = {
    "year": ("%Y", "YYYY"), "yearly": ("%Y", "YYYY"), "annual": ("%Y", "YYYY"), "annually": ("%Y", "YYYY"),
    "month": ("%Y-%m", "YYYY-MM"), "monthly": ("%Y-%m", "YYYY-MM"), "day": ("%Y-%m-%d", "YYYY-MM-DD"),
}  # fmt: skip


def _plain_null_order(select: exp.Expr, dialect: str) -> None:
    """Mark every ORDER BY with its dialect's own place for nulls, so that none is written out."""
    for ordered in select.find_all(exp.Ordered):
        descending = bool(ordered.args.get("desc"))
        ordered.set("nulls_first", descending if dialect == "postgres" else not descending)
