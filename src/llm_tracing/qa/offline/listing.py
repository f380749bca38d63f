"""Lists: rows of a table, a column of what is named, or what a role points to."""

from sqlglot import exp

from llm_tracing.qa.offline import measures
from llm_tracing.qa.offline.builder import Builder, ordered_by
from llm_tracing.qa.offline.errors import CannotPlanError
from llm_tracing.qa.offline.lexicon import CATEGORY_COLUMNS, PLACE_COLUMNS
from llm_tracing.qa.offline.linking import Item
from llm_tracing.qa.offline.schema import Column
from llm_tracing.qa.offline.subject import Subject

_ALSO = ("with", "and", "with their", "and their", "with its", "and its", "and the", "with the")


class Lister:
    """Writes the statement that lists a subject. Raises CannotPlanError."""

    def __init__(self, subject: Subject) -> None:
        self.subject, self.frame, self.schema, self.index = subject, subject.frame, subject.schema, subject.index

    def list(self, focus: Item) -> exp.Select:
        """The statement for a focus that is listed."""
        if focus.kind == "role" and focus.key is not None:
            return self._list_role(focus)
        if focus.kind in ("column", "dimension"):
            return self._list_column(focus)
        table = self.schema.tables[self.subject.table(focus)]
        builder = self.subject.start(table.name)
        builder.outputs = [builder.of(c) for c in table.display]
        self._add_named_outputs(builder)
        rank = self.frame.rank
        if rank is not None:
            column = self._ranking_column(table.name)
            ordered = builder.of(column)
            builder.where.append(exp.Not(this=exp.Is(this=ordered, expression=exp.Null())))
            builder.order = [ordered_by(ordered, rank.descending), *[ordered_by(o, False) for o in builder.outputs[:2]]]
            if ordered not in builder.outputs:
                builder.outputs.append(ordered)
            builder.limit = self.subject.limit(focus)
        else:
            builder.order = [ordered_by(o, False) for o in builder.outputs[: len(table.display)]]
            builder.limit = self.frame.limit
        return builder.select()

    def _add_named_outputs(self, builder: Builder) -> None:
        """Columns that the question names beside its subject, and those that its comparisons are over."""
        compared = [hint for _, hint in self.frame.comparisons if hint is not None]
        for item in [*self.frame.related, *compared]:
            if item.kind == "column" and not any(v.hint is item for v in self.frame.values):
                column = self.subject.column(item, builder.base)
                if builder.reaches(column.table) and builder.of(column) not in builder.outputs:
                    builder.outputs.append(builder.of(column))
            elif item.kind == "role" and item.key is not None and item.cue in _ALSO:
                if item.key.table == item.key.target == builder.base:
                    alias = builder.join_role(item.key, outer=True)
                    names = self.schema.tables[item.key.target].display
                    found = [builder.column(item.key.target, c.name, alias) for c in names]
                    builder.outputs += [exp.alias_(f, f"{item.text}_{f.name}") for f in found]
            elif item.kind == "table" and item.cue in _ALSO[1:] and not builder.reaches(item.tables[0]):
                raise CannotPlanError(f"I can't list {item.text} beside {builder.base}: there may be several for each.")
            elif item.kind == "table" and item.cue in _ALSO and builder.reaches(item.tables[0]):
                shown = [builder.of(c) for c in self.schema.tables[item.tables[0]].display]
                builder.outputs += [s for s in shown if s not in builder.outputs]
        if not self.schema.tables[builder.base].has_name:
            tests = [w for w in builder.where if not w.find(exp.Null)]
            tested = {c.name: c for w in tests for c in w.find_all(exp.Column) if c.table == builder.base}
            builder.outputs += [
                c for c in tested.values() if c not in builder.outputs and not self._is_key(builder.base, c)
            ]

    def _is_key(self, table: str, column: exp.Column) -> bool:
        return self.schema.tables[table].column(column.name).is_key

    def _ranking_column(self, table: str) -> Column:
        """The column that a superlative orders a table by."""
        rank = self.frame.rank
        if rank is None:
            raise TypeError("there is a rank")
        if rank.by is not None and rank.by.kind == "column":
            return self.subject.column(rank.by, table)
        dated = [i for i in self.frame.related if i.kind == "column" and any(c.kind == "date" for c, _ in i.columns)]
        if rank.dimension in ("time", "age") and dated:
            return self.subject.column(dated[0], table)
        names = [rank.dimension or (rank.by.dimension if rank.by else None) or "size"]
        names += {"age": ["time"], "size": ["price", "length"], "time": []}.get(names[0], [])
        for name in names:
            options = [m for m in measures.of_dimension(name, self.index, [table]) if m.column is not None]
            if options:
                best = min(options, key=lambda m: m.cost).column
                dates = measures.date_columns(self.schema.tables[table])
                if best is not None:
                    return dates[0] if best.kind == "date" and name == "time" else best
        raise CannotPlanError(f"I found no column that tells which {table} comes first.")

    def _list_role(self, focus: Item) -> exp.Select:
        key = focus.key
        if key is None:
            raise TypeError("a role has a key")
        builder = self.subject.start(key.table)
        target = self.schema.tables[key.target]
        alias = builder.join_role(key) if key.table == key.target else None
        builder.outputs = [builder.column(key.target, c.name, alias) for c in target.display]
        builder.distinct = True
        return builder.select()

    def _list_column(self, focus: Item) -> exp.Select:
        """A column of what is named; of several tables when a value decides which ("the email of ...")."""
        if self.frame.rank is None and self.frame.values and len(focus.columns) > 1 and not self.subject.context():
            return self._union(focus)
        column = self.subject.column(focus)
        builder = self.subject.start(column.table)
        shown = self.schema.tables[column.table].display
        single = bool(self.frame.values)
        plain = column.words[-1] in PLACE_COLUMNS or column.words[-1] in CATEGORY_COLUMNS or column in shown
        target = builder.of(column)
        if self.frame.rank is not None:
            order = builder.of(self._ranking_column(column.table))
            builder.order, builder.limit = [ordered_by(order, self.frame.rank.descending)], self.subject.limit(focus)
            builder.outputs = [target]
        elif plain:
            builder.outputs, builder.distinct = [target], True
            builder.order = [ordered_by(target, False)]
        elif single:
            builder.outputs = [target]
        else:
            builder.outputs = [*[builder.of(c) for c in shown], target]
        return builder.select()

    def _union(self, focus: Item) -> exp.Select:
        """The column from every table that has it with a full fit; only rows that carry the value come back."""
        best = max(score for _, score in focus.columns)
        columns = [c for c, score in focus.columns if score == best and self.schema.tables[c.table].has_name]
        parts = []
        for column in columns:
            builder = self.subject.start(column.table)
            builder.outputs = [builder.of(column)]
            if all(c.table == column.table for w in builder.where for c in w.find_all(exp.Column)):
                parts.append(builder.select())
        if not parts:
            raise CannotPlanError(f"I can't tell whose {focus.text} is asked for.")
        if len(parts) == 1:
            return parts[0]
        combined: exp.Query = parts[0]
        for part in parts[1:]:
            combined = combined.union(part, distinct=False)
        return exp.select(exp.Star()).from_(combined.subquery("found"))
