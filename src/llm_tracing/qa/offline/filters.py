"""Add a frame's values, comparisons, dates and negations to a SELECT."""

from sqlglot import exp

from llm_tracing.qa.offline import lexicon, measures
from llm_tracing.qa.offline.builder import Builder
from llm_tracing.qa.offline.conditions import Target, compare, in_range, number_literal, text_matches, value_targets
from llm_tracing.qa.offline.dates import DateRange
from llm_tracing.qa.offline.errors import CannotPlanError
from llm_tracing.qa.offline.frame import Frame, ValueFilter
from llm_tracing.qa.offline.linking import Item, SchemaIndex
from llm_tracing.qa.offline.schema import Column
from llm_tracing.qa.offline.words import canonical


def apply_filters(builder: Builder, frame: Frame, index: SchemaIndex, focus: str) -> None:
    """Add every filter of the frame; raises CannotPlanError for one that has no place in the schema."""
    _Filters(builder, frame, index, focus).run()


class _Filters:
    def __init__(self, builder: Builder, frame: Frame, index: SchemaIndex, focus: str) -> None:
        self.builder, self.frame, self.index, self.focus = builder, frame, index, focus
        self.used: set[int] = set()  # ids of related items that a filter has spent
        self.named = tuple(dict.fromkeys(t for r in frame.related if r.kind == "table" for t in r.tables[:1]))

    def run(self) -> None:
        for value in self.frame.values:
            condition = self.value(value)
            self.add(exp.not_(condition) if value.negated and condition is not None else condition)
        for comparison, hint in self.frame.comparisons:
            self.add(self.comparison(comparison, hint))
        for span, hint in self.frame.dates:
            self.add(self.date(span, hint))
        for item in self.frame.absent:
            self.add(self.absent(item))
        for item in self._adjectives():
            self.add(self.adjective(item))
        for item in self.frame.related:
            self.related(item)

    def add(self, condition: exp.Expr | None) -> None:
        if condition is not None:
            self.builder.where.append(condition)

    def on_column(self, column: Column, make: object) -> exp.Expr | None:
        """The condition over a column, as a sub-query where a join would multiply rows."""
        if not callable(make):
            raise TypeError("make is a function of a column")
        if self.builder.reaches(column.table):
            return _expression(make(self.builder.of(column)))
        return self.builder.matching(column.table, lambda inner: _expression(make(inner.of(column))))

    # values

    def value(self, found: ValueFilter) -> exp.Expr | None:
        hint = found.hint
        if hint is not None and hint.kind == "role" and hint.key is not None and self.builder.reaches(hint.key.table):
            if hint.key.table == hint.key.target:
                return self._role_name(found, hint)
            names = self.index.schema.tables[hint.key.target].display
            parts = names if " " in found.value.text else names[:1]
            return text_matches(self.builder, Target(hint.key.target, parts, 0.0), found)
        places = tuple(dict.fromkeys((self.focus, self.builder.base, *self._hint_tables(hint))))
        subject = self.frame.focus if self.frame.focus and self.frame.focus.kind == "table" else None
        named = subject.tables[0] if subject else None
        targets = value_targets(found, places, self.index, self.named, named)
        if not targets:
            raise CannotPlanError(f"I found no table or column for '{found.value.text}'.")
        shared = self._shared_step(targets)
        if shared is not None and not found.negated:
            return self.builder.matching(shared, lambda inner: self._inside(inner, targets, found))
        several = len(targets) > 1
        made = [self._target(t, found, several=several, apart=several or found.negated) for t in targets]
        conditions = [c for c in made if c is not None]
        if not conditions:
            return None
        return exp.paren(exp.or_(*conditions)) if len(conditions) > 1 else conditions[0]

    def _shared_step(self, targets: list[Target]) -> str | None:
        """The child table through which several targets are all reached, so that one sub-query can hold them."""
        firsts = set()
        for target in targets:
            path = self.index.graph.path(self.builder.base, target.table)
            firsts.add(path[0].right if path and not path[0].to_one else None)
        return firsts.pop() if len(targets) > 1 and len(firsts) == 1 else None

    def _inside(self, inner: Builder, targets: list[Target], found: ValueFilter) -> exp.Expr | None:
        nested = _Filters(inner, self.frame, self.index, inner.base)
        made = [nested._target(t, found, several=True, apart=True) for t in targets]
        conditions = [c for c in made if c is not None]
        return exp.paren(exp.or_(*conditions)) if conditions else None

    def _hint_tables(self, hint: Item | None) -> tuple[str, ...]:
        return hint.tables[:1] if hint is not None and hint.kind == "table" else ()

    def _role_name(self, found: ValueFilter, hint: Item) -> exp.Expr:
        if hint.key is None:
            raise TypeError("a role has a key")
        alias = self.builder.join_role(hint.key)
        names = self.index.schema.tables[hint.key.target].display
        parts = names if " " in found.value.text else names[:1]
        text: exp.Expr = exp.Lower(this=self.builder.column(hint.key.target, parts[0].name, alias))
        for column in parts[1:]:
            right = exp.Lower(this=self.builder.column(hint.key.target, column.name, alias))
            text = exp.DPipe(this=exp.DPipe(this=text, expression=exp.Literal.string(" ")), expression=right)
        return exp.EQ(this=text, expression=exp.Lower(this=exp.Literal.string(found.value.text)))

    def _target(self, target: Target, value: ValueFilter, *, several: bool, apart: bool) -> exp.Expr | None:
        if self.builder.reaches(target.table) and not (several and target.table != self.builder.base):
            return text_matches(self.builder, target, value)
        if several and (path := self.index.graph.path(self.builder.base, target.table, to_one=True)):
            # Joining each alternative would drop rows that lack one of them.
            last = path[-1]
            inner = Builder(self.index.schema, self.index.graph, target.table)
            inner.outputs = [inner.column(target.table, last.right_columns[0])]
            inner.where = [text_matches(inner, target, value)]
            left = self.builder.column(last.left, last.left_columns[0])
            return exp.In(this=left, query=exp.Subquery(this=inner.select()))
        return self.builder.matching(target.table, lambda inner: text_matches(inner, target, value), apart=apart)

    # comparisons and dates

    def comparison(self, item: Item, hint: Item | None) -> exp.Expr | None:
        column = self._compared_column(item, hint)
        if column is None:
            raise CannotPlanError(f"I can't tell which column '{item.text} {item.number:g}' is about.")
        return self.on_column(column, compare(item, column))

    def _compared_column(self, item: Item, hint: Item | None) -> Column | None:
        options: list[measures.Measure] = []
        if hint is not None and hint.kind in ("column", "dimension"):
            options = measures.candidates(hint, self.index)
        if not options and (dimension := item.dimension or (hint.dimension if hint else None)):
            options = measures.of_dimension(dimension, self.index)
        if not options and hint is not None and hint.kind == "column":
            return None
        if hint is not None and hint.kind == "table" and item.kind == "number" and item.cue == "" and not item.unit:
            table = self.index.schema.tables[hint.tables[0]]
            return table.column(table.primary_key[0]) if len(table.primary_key) == 1 else None  # "invoice 98"
        if not options and hint is not None and hint.kind == "table":
            options = measures.of_dimension("price", self.index, hint.tables[:1])
            if len(options) > 1:
                return None
        near = [(m.cost + self._cost(m.table), m) for m in options if m.column is not None]
        near = [pair for pair in near if pair[0] < 3]
        if not near and hint is not None and (other := lexicon.DIMENSION_NOUNS.get(hint.text)):
            near = [(m.cost, m) for m in measures.of_dimension(other, self.index, [self.focus])]
        return min(near, key=lambda pair: pair[0])[1].column if near else None

    def _cost(self, table: str) -> float:
        cost = self.index.graph.cost(self.focus, table)
        return 99.0 if cost is None else 1.5 * cost

    def date(self, span: DateRange, hint: Item | None) -> exp.Expr | None:
        column = self._dated_column(hint)
        if column is None:
            raise CannotPlanError("I found no date column that fits the question.")
        return self.on_column(column, in_range(span, column))

    def _dated_column(self, hint: Item | None) -> Column | None:
        if hint is not None and hint.kind == "column":
            dated = [c for c, _ in hint.columns if c.kind == "date" or c.is_year]
            if dated:
                self.used.add(id(hint))
                return min(dated, key=lambda c: self._cost(c.table))
        hints = frozenset(canonical(r.text) for r in self.frame.related)
        start = hint.tables[:1] if hint is not None and hint.kind == "table" else ()
        near = sorted(self.index.schema.tables, key=self._cost)
        events = [r.tables[0] for r in self.frame.related if r.kind == "table" and r.is_verb]
        for table in (*start, *events, self.builder.base, self.focus, *self.named, *near):
            if self._cost(table) > 6:
                continue
            if found := measures.date_columns(self.index.schema.tables[table], hints):
                return found[0]
            years = [c for c in self.index.schema.tables[table].columns if c.is_year]
            if years and table == self.focus:
                return years[0]
        return None

    # what is there and what is not

    def absent(self, item: Item) -> exp.Expr | None:
        if item.kind == "role" and item.key is not None and item.key.table in (self.focus, self.builder.base):
            return exp.Is(this=self.builder.column(item.key.table, item.key.columns[0]), expression=exp.Null())
        if item.kind == "column" or (item.is_verb and self._own(item)):
            column = self._own(item) or min((c for c, _ in item.columns), key=lambda c: self._cost(c.table))
            if column.kind == "boolean":
                return self.on_column(column, exp.not_)
            return self.on_column(column, lambda c: exp.Is(this=c, expression=exp.Null()))
        for table in item.tables:
            if table != self.builder.base and self.index.graph.path(self.builder.base, table):
                return self.builder.matching(table, self._denied, negated=True)
        raise CannotPlanError(f"I can't relate '{item.text}' to {self.focus}.")

    def _denied(self, inner: Builder) -> exp.Expr | None:
        """The values inside the negation, over the sub-query."""
        nested = _Filters(inner, self.frame, self.index, inner.base)
        conditions = [c for v in self.frame.denied if (c := nested.value(v)) is not None]
        return exp.and_(*conditions) if conditions else None

    def _own(self, item: Item) -> Column | None:
        return next((c for c, _ in item.columns if c.table in (self.focus, self.builder.base)), None)

    def _adjectives(self) -> list[Item]:
        hints = {id(h) for _, h in self.frame.dates} | {id(h) for _, h in self.frame.comparisons}
        hints |= {id(v.hint) for v in self.frame.values} | {id(self.frame.rank.by) if self.frame.rank else 0}
        return [
            r
            for r in self.frame.related
            if id(r) not in hints | self.used and r.columns and (r.negated or self._is_flag(r))
        ]

    def _is_flag(self, item: Item) -> bool:
        column = self._own(item) or item.columns[0][0]
        return item.kind == "column" and (column.kind == "boolean" or (item.is_verb and column.kind == "date"))

    def adjective(self, item: Item) -> exp.Expr | None:
        """ "Unpaid fines", "paid fines", "returned loans"."""
        self.used.add(id(item))
        column = self._own(item) or min((c for c, _ in item.columns), key=lambda c: self._cost(c.table))
        if column.kind == "boolean":
            return self.on_column(column, exp.not_ if item.negated else (lambda c: c.copy()))
        missing = exp.Is
        if item.negated:
            return self.on_column(column, lambda c: missing(this=c, expression=exp.Null()))
        return self.on_column(column, lambda c: exp.Not(this=missing(this=c, expression=exp.Null())))

    def related(self, item: Item) -> None:
        """A table that is only named must have a row ("customers who bought something"), unless a filter says more."""
        if item.kind != "table" or item.tables[0] in (self.focus, self.builder.base):
            return
        if self.builder.reaches(item.tables[0]) or self._touched(item.tables[0]):
            return
        self.add(self.builder.matching(item.tables[0], lambda inner: None))

    def _touched(self, table: str) -> bool:
        return self.builder.touches(table)


def _expression(made: object) -> exp.Expr:
    if not isinstance(made, exp.Expr):
        raise TypeError("a condition is an expression")
    return made


def having_condition(comparison: Item, counted: exp.Expr) -> exp.Expr:
    """The comparison over an aggregate."""
    operators: dict[str, type[exp.Binary]] = {
        ">": exp.GT, "<": exp.LT, ">=": exp.GTE, "<=": exp.LTE, "=": exp.EQ,
    }  # fmt: skip
    if comparison.upper is not None:
        return exp.Between(this=counted, low=number_literal(comparison.number), high=number_literal(comparison.upper))
    return operators[comparison.operator](this=counted, expression=number_literal(comparison.number))
