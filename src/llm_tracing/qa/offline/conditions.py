"""Turn values, comparisons and dates of a question into conditions, by what the schema says about columns."""

from dataclasses import dataclass

from sqlglot import exp

from llm_tracing.qa.offline import lexicon
from llm_tracing.qa.offline.builder import Builder, Make
from llm_tracing.qa.offline.dates import DateRange
from llm_tracing.qa.offline.frame import ValueFilter
from llm_tracing.qa.offline.linking import Item, SchemaIndex
from llm_tracing.qa.offline.schema import Column, Table
from llm_tracing.qa.offline.words import canonical

_CREATORS = frozenset(canonical(w) for w in lexicon.CREATORS)
_CATEGORIES = frozenset(canonical(w) for w in lexicon.CATEGORY_COLUMNS)
_OWNER_CUES = frozenset(["of", "by", "does", "did", "do", "has", "have", "on", "from", "for"])
_OPERATORS: dict[str, type[exp.Binary]] = {">": exp.GT, "<": exp.LT, ">=": exp.GTE, "<=": exp.LTE, "=": exp.EQ}


@dataclass(frozen=True, slots=True)
class Target:
    """Columns of one table that a value may stand in; two of them are a first and a last name."""

    table: str
    columns: tuple[Column, ...]
    score: float


def text_matches(builder: Builder, target: Target, found: ValueFilter) -> exp.Expr:
    """The value, or one of the values, in the target; case does not matter."""
    tests = [_text_test(builder, target, text, found.match) for text in (found.value.text, *found.others)]
    return exp.paren(exp.or_(*tests)) if len(tests) > 1 else tests[0]


def _text_test(builder: Builder, target: Target, value: str, match: str) -> exp.Expr:
    """`lower(column) = lower('value')`, over first and last name together if there are two columns."""
    columns: list[exp.Expr] = [exp.Lower(this=builder.of(c)) for c in target.columns]
    whole: exp.Expr = columns[0]
    for column in columns[1:]:
        gap = exp.DPipe(this=whole, expression=exp.Literal.string(" "))
        whole = exp.DPipe(this=gap, expression=column)
    if match == "equals":
        return exp.EQ(this=whole, expression=exp.Lower(this=exp.Literal.string(value)))
    pattern = f"{value}%" if match == "starts" else f"%{value}%"
    return exp.Like(this=whole, expression=exp.Lower(this=exp.Literal.string(pattern)))


def value_targets(
    found: ValueFilter, focus: tuple[str, ...], index: SchemaIndex, prefer: tuple[str, ...], subject: str | None
) -> list[Target]:
    """Where a value may stand; only the places that score as well as the best one. Empty: nowhere.

    `focus` are the tables asked about, `prefer` the others that the question names, `subject` the one whose rows are
    listed or counted.
    """
    value = found.value
    if found.verb is not None:
        focus, prefer = found.verb.tables[:1], ()
    targets = [
        target
        for table in index.schema.tables.values()
        if (distance := _distance(focus, prefer, table.name, index)) is not None
        for target in _targets_of(
            table,
            found,
            distance,
            _name_score(table, found, prefer) - _own_name(found, table, subject),
            any(index.graph.cost(start, table.name, to_one=True) is not None for start in (*focus, *prefer)),
        )
        if not value.weak or target.score >= 3
    ]
    if not targets:
        return []
    best = max(t.score for t in targets)
    return [t for t in targets if t.score > best - 0.2 and t.score > -1][:3]


def _own_name(found: ValueFilter, table: Table, subject: str | None) -> float:
    """What is asked "of", "by" or "does" a name is something else than what bears the name."""
    if found.verb is not None and table.name == subject:
        return 2.5  # "who borrowed Dracula"
    if table.name != subject or found.hint is not None or _contains(found.value.text, table):
        return 0.0
    words = found.value.cue.split()
    return 2.5 if (words[-1:] and words[-1] in _OWNER_CUES) or (words[-2:-1] and words[-2] in _OWNER_CUES) else 0.0


def _distance(focus: tuple[str, ...], others: tuple[str, ...], table: str, index: SchemaIndex) -> float | None:
    """How far the table is from what is asked about; a little more from what is only named, or towards children."""
    costs = []
    for start in (*focus, *others):
        if (cost := index.graph.cost(start, table)) is not None:
            parent = index.graph.cost(start, table, to_one=True) is not None
            costs.append(cost + 0.4 * (not parent) + 0.5 * (start not in focus))
    return min(costs) if costs else None


def _targets_of(table: Table, found: ValueFilter, distance: float, name_score: float, is_parent: bool) -> list[Target]:
    """The places in one table; `is_parent` if the rows asked about have at most one row of it each."""
    value = found.value
    targets: list[Target] = []
    name_score -= distance
    names = table.display if table.has_name else ()
    if len(names) == 2:
        parts = names if " " in value.text.strip() else names[:1]
        targets.append(Target(table.name, parts, name_score))
        if len(parts) == 1:
            targets.append(Target(table.name, names[1:], name_score))
    for column in table.columns:
        if column.kind != "text" or column.is_key or column in names[1:] or (len(names) == 2 and column in names):
            continue
        score = _column_score(column, found, is_parent) - distance
        if column in names:
            score = max(score, name_score)
        if score > -5:
            targets.append(Target(table.name, (column,), score))
    return targets


def _name_score(table: Table, found: ValueFilter, prefer: tuple[str, ...]) -> float:
    """How likely the value is the name of a row of this table."""
    value, hint, score = found.value, found.hint, 2.0
    if hint is not None and table.name in hint.tables and not (found.beside and not _contains(value.text, table)):
        score += 8
    elif hint is not None and table.name in hint.tables:
        score += 1 if value.is_schema or not table.is_lookup else 4
    if table.name in prefer and hint is None:
        score += 1.5
    if _contains(value.text, table):
        score += 4
    if found.beside and table.is_lookup:
        score += 3
    if value.text.lower() in lexicon.COUNTRIES:
        score -= 4
    person = canonical(table.words[-1]) in {canonical(w) for w in lexicon.PERSON_TABLES}
    if value.cue.endswith("by"):
        score += 2.0 * (canonical(table.words[-1]) in _CREATORS)
    elif value.cue.endswith(("does", "did", "has")) or value.possessive:
        score += 1.5 * person + 1.0
    if len(table.display) == 2 and table.has_name and len(value.text.split()) == 2:
        score += 1
    if _sampled(table.display, value.text):
        score += 6
    return score


def _column_score(column: Column, found: ValueFilter, is_parent: bool) -> float:
    """How likely the value stands in a text column that is not its table's name."""
    value, hint, last = found.value, found.hint, column.words[-1]
    fits = next((s for c, s in hint.columns if c == column), 0.0) if hint else 0.0
    score = -6.0 + (14 + fits if fits else 0)
    lower = value.text.lower()
    beside = found.beside and hint is not None and column.table in hint.tables
    if is_parent and last in lexicon.PLACE_COLUMNS and (lexicon.PLACE_PREPOSITION.search(value.cue) or beside):
        is_country = lower in lexicon.COUNTRIES
        fits_place = 5.0 if last == "country" else 4.0
        score = max(score, fits_place if is_country == (last == "country") else 1.0)
    is_category = is_parent and canonical(last) in _CATEGORIES and lower not in lexicon.COUNTRIES
    if is_category and (beside or value.weak or value.cue.endswith(("in", "is", "are"))):
        score = max(score, 5.5 if value.weak or beside else 3.0)
    if lower in (s.lower() for s in column.samples):
        score += 12
    return score


def _contains(value: str, table: Table) -> bool:
    """Whether the value's own words name the table ("Central Library")."""
    return any(canonical(w) == canonical(table.words[-1]) for w in value.lower().split())


def _sampled(columns: tuple[Column, ...], value: str) -> bool:
    return len(columns) == 1 and value.lower() in (s.lower() for s in columns[0].samples)


def number_literal(number: float) -> exp.Expr:
    """A number without a needless fraction."""
    return exp.Literal.number(int(number) if number == int(number) else number)


def compare(item: Item, column: Column) -> Make:
    """The comparison over a column, its number brought to the column's unit."""
    factor = _factor(item.unit, column)

    def make(left: exp.Column) -> exp.Expr:
        first = _OPERATORS[item.operator](this=left, expression=number_literal(item.number * factor))
        if item.upper is None:
            return first
        return exp.Between(
            this=left, low=number_literal(item.number * factor), high=number_literal(item.upper * factor)
        )

    return make


def _factor(unit: str | None, column: Column) -> float:
    if unit is None:
        return 1.0
    for word, factor in lexicon.UNITS[unit][1].items():
        if word in column.words:
            return factor
    return 1.0


def in_range(span: DateRange, column: Column) -> Make:
    """The half-open range over a date column, or whole years over a column of years."""

    def make(left: exp.Column) -> exp.Expr:
        if column.is_year:
            low, high = span.years
            bounds = [(exp.GTE, low), (exp.LTE, high)]
            sides = [op(this=left, expression=number_literal(float(v))) for op, v in bounds if v is not None]
        else:
            moments = [(exp.GTE, span.start), (exp.LT, span.end)]
            sides = [op(this=left, expression=exp.Literal.string(v.isoformat())) for op, v in moments if v is not None]
        return exp.and_(*sides)

    return make
