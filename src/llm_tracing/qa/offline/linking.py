"""Link the words of a question to tables, columns, roles, events, values, numbers and dates.

The result is a row of items, each with its cue: the plain words between it and the item before.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from llm_tracing.qa.offline import lexicon
from llm_tracing.qa.offline.dates import DateRange, date_at
from llm_tracing.qa.offline.ddl import read_schema
from llm_tracing.qa.offline.joins import JoinGraph
from llm_tracing.qa.offline.schema import Column, ForeignKey, Schema
from llm_tracing.qa.offline.words import Token, canonical, event_of, is_plural, opened, singular, tokenise

ItemKind = Literal[
    "table", "column", "role", "person", "revenue", "dimension", "value", "number", "comparison", "date",
    "superlative", "popular", "part",
]  # fmt: skip
_SCHEMA_KINDS = frozenset({"table", "column", "role", "person", "revenue", "dimension", "part"})
_AGGREGATE_WORDS = frozenset(["total", "amount", "number", "count", "average", "sum", "value"])
# An unknown word before one of these is a verb ("which country attracts the most ..."), not a value.
_VERB_FOLLOWERS = frozenset(["the", "a", "an", "more", "most", "less", "fewer", "our", "any", "than", "us"])
_CONNECTORS = frozenset(
    [
        "of",
        "the",
        "and",
        "in",
        "de",
        "la",
        "le",
        "les",
        "des",
        "du",
        "von",
        "to",
        "for",
        "&",
        "on",
        "under",
        "around",
        "with",
    ]
)


@dataclass(frozen=True, slots=True)
class Item:
    """One linked stretch of the question; only the fields of its kind are set."""

    kind: ItemKind
    text: str
    cue: str = ""
    tables: tuple[str, ...] = ()
    columns: tuple[tuple[Column, float], ...] = ()  # with how well the words fit, 0 to 1
    key: ForeignKey | None = None
    number: float = 0.0
    upper: float | None = None  # of "between 3 and 5"
    operator: str = "="
    dimension: str | None = None
    unit: str | None = None
    span: DateRange | None = None
    descending: bool = True
    in_units: bool = False
    plural: bool = False
    negated: bool = False  # "unpaid"
    possessive: bool = False  # followed by 's
    weak: bool = False  # a lower-case word taken for a value only because of where it stands
    is_verb: bool = False

    @property
    def is_schema(self) -> bool:
        return self.kind in _SCHEMA_KINDS


@dataclass(frozen=True, slots=True)
class Linked:
    """The items in order, the plain words after the last, and the words that could not be linked."""

    items: tuple[Item, ...]
    tail: str
    unknown: tuple[str, ...]
    text: str


class SchemaIndex:
    """Phrases of canonical words that name something in a schema."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.graph = JoinGraph(schema)
        self.tables: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self.columns: dict[tuple[str, ...], dict[tuple[str, str], tuple[Column, float]]] = defaultdict(dict)
        self.roles: dict[tuple[str, ...], ForeignKey] = {}
        for table in schema.tables.values():
            if not table.is_bridge:
                self.tables[_phrase(table.words)].append(table.name)
            for column in table.columns:
                if not column.is_key:
                    self._add_column(column)
        for key in schema.foreign_keys:
            self._add_role(key)
        self.people = tuple(
            t.name for t in schema.tables.values() if canonical(t.words[-1]) in _PEOPLE and not t.is_bridge
        )

    def _add_column(self, column: Column) -> None:
        words = column.words
        phrases = [(words, 1.0), (column.full_words, 1.0), (words[-1:], 0.7)]
        stripped = tuple(w for w in words if w not in lexicon.TIME_SUFFIXES and w not in ("year", "count", "name"))
        if stripped and stripped != words:
            phrases.append((stripped, 0.9))
            if column.kind == "text" and len(stripped) == 1 and words[-1] == "name":
                phrases.pop()
        plain = tuple(w for w in words if w not in lexicon.UNIT_SUFFIXES and not w.isdigit())
        if plain and plain != words:
            phrases.append((plain, 1.0))  # cap_m3, wgt_kg
        for phrase, score in phrases:
            key = _phrase(phrase)
            if key in (("nam",), ("number",), ("on",), ("at",), ("cod",)):
                continue
            found = self.columns[key]
            place = (column.table, column.name)
            if place not in found or found[place][1] < score:
                found[place] = (column, score)

    def _add_role(self, key: ForeignKey) -> None:
        target = self.schema.tables[key.target].words
        role = tuple(w for w in key.role if w != "to")
        if key.table == key.target:
            for word in lexicon.HIERARCHY_WORDS:
                self.roles.setdefault((canonical(word),), key)
        if role:
            self.roles.setdefault(_phrase(role), key)
            self.roles.setdefault(_phrase(role[:1]), key)
            self.roles.setdefault(_phrase((*role, *target)), key)

    def events(self, word: str) -> tuple[str, ...]:
        """The table that holds the events a verb stands for, or none."""
        event = event_of(word)
        for hint in lexicon.EVENT_WORDS[event].split() if event else ():
            named = self.tables.get((canonical(hint),))
            if named:
                return tuple(named)
        return ()


_PEOPLE = frozenset(canonical(word) for word in lexicon.PERSON_TABLES)


def _phrase(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(canonical(word) for word in words)


@lru_cache(maxsize=32)
def index_of(prompt: str) -> SchemaIndex:
    """The index of the schema in a prompt."""
    return SchemaIndex(read_schema(prompt))


def link(question: str, index: SchemaIndex) -> Linked:
    """Link a question to a schema."""
    text = opened(question)
    return _Linker(text, tokenise(text), index).run()


class _Linker:
    def __init__(self, text: str, tokens: tuple[Token, ...], index: SchemaIndex) -> None:
        self.text, self.tokens, self.index = text, tokens, index
        rest = [t for t in tokens[1:] if t.kind == "word"]
        # A question in title case or in capitals says nothing about which words are names.
        self.case_counts = len(rest) < 3 or sum(t.is_capitalised for t in rest) < 0.75 * len(rest)

    def run(self) -> Linked:
        items: list[Item] = []
        cue: list[str] = []
        unknown: list[str] = []
        i = 0
        while i < len(self.tokens):
            found = self._item(i, " ".join(cue), bool(items) and not cue, cue[-1:] or [""])
            if found is None:
                token = self.tokens[i]
                if token.kind == "possessive" and items:
                    pass
                elif token.lower in lexicon.FILLERS or token.lower in _CONNECTORS or token.lower in ("top", "bottom"):
                    cue.append(token.lower)
                else:
                    unknown.append(token.lower)
                i += 1
                continue
            item, i = found
            items.append(item)
            cue = []
        return Linked(tuple(items), " ".join(cue), tuple(unknown), self.text)

    def _item(self, i: int, cue: str, after_item: bool, last: list[str]) -> tuple[Item, int] | None:
        token = self.tokens[i]
        if token.kind == "quoted":
            return self._value(i, i + 1, cue, token.text)
        if lexicon.STARTING.search(cue) and token.kind in ("word", "number"):
            return self._value(i, i + 1, cue, token.text)
        if dated := date_at(self.tokens, i):
            words = " ".join(t.lower for t in self.tokens[i : dated[1]])
            return Item("date", words, cue, span=dated[0]), dated[1]
        long = self._mention(i, cue, least=2)
        if long is not None and not (self.case_counts and self._name_run(i) > long[1]):
            return long
        if run := self._name_run(i):
            return self._value(i, run, cue, self.text[token.start : self.tokens[run - 1].end])
        for reader in (self._comparison, self._superlative, self._number):
            if found := reader(i, cue):
                return found
        if token.lower in _AGGREGATE_WORDS and not self._stands_as_column(i, after_item, last):
            return None
        return self._mention(i, cue) or self._weak_value(i, cue)

    def _stands_as_column(self, i: int, after_item: bool, last: list[str]) -> bool:
        """Whether "total" names a column here ("invoice total") rather than an operation ("total freight")."""
        following = self.tokens[i + 1].lower if i + 1 < len(self.tokens) else ""
        follows_operation = last[0] in ("average", "avg", "total", "sum", "maximum", "minimum", "mean", "by")
        return (after_item or follows_operation or last[0] == "highest") and following != "number"

    def _value(self, i: int, end: int, cue: str, text: str) -> tuple[Item, int]:
        possessive = end < len(self.tokens) and self.tokens[end].kind == "possessive"
        return Item("value", text, cue, possessive=possessive), end + possessive

    def _known(self, i: int) -> bool:
        lower = self.tokens[i].lower
        return lower in lexicon.FILLERS or self._mention(i, "") is not None or bool(self._superlative(i, ""))

    def _name_run(self, i: int) -> int:
        """The end of a run of capitalised words that looks like a name, or 0."""
        if not self.case_counts or not self.tokens[i].is_capitalised:
            return 0
        if i == 0 and (self._known(i) or self.tokens[i].lower in lexicon.WRITE_VERBS | {"top", "bottom"}):
            return 0
        end = j = i
        while j < len(self.tokens):
            token = self.tokens[j]
            if (
                token.is_capitalised
                or (token.kind == "number" and j == end and end > i)
                or (token.kind == "possessive" and j + 1 < len(self.tokens) and self.tokens[j + 1].is_capitalised)
            ):
                end = j = j + 1
            elif token.lower in _CONNECTORS and j - end < 3:
                j += 1
            else:
                break
        words = [k for k in range(i, end) if self.tokens[k].is_capitalised]
        if len(words) == 1 and self._known(words[0]):
            return 0
        if all(self._known(k) for k in words) and not any(self.tokens[k].lower == "the" for k in words):
            # Every word means something by itself: a name only if it is not how the schema would be named.
            return end if not all(self._mention(k, "") for k in words) else 0
        return self._with_lower_words(end)

    def _with_lower_words(self, end: int) -> int:
        """Names such as "Carton box" go on with lower-case words that mean nothing else."""
        while end < len(self.tokens) and self.tokens[end].kind == "word" and not self._known(end):
            lower = self.tokens[end].lower
            if lower in _CONNECTORS or self._comparison(end, "") or date_at(self.tokens, end):
                break
            end += 1
        return end

    def _comparison(self, i: int, cue: str) -> tuple[Item, int] | None:
        words = [t.lower for t in self.tokens[i : i + 4]]
        if words[0] == "between" and (low := self._amount(i + 1)) and low[1] < len(self.tokens):
            high = self._amount(low[1] + 1) if self.tokens[low[1]].lower == "and" else None
            if high is not None:
                item, end = self._with_unit("between", cue, ">=", None, low[0], high[1])
                return _replaced(item, upper=high[0]), end
        for size in (4, 3, 2, 1):
            phrase = " ".join(words[:size])
            if phrase in lexicon.COMPARATIVES and (amount := self._amount(i + size)):
                dimension, operator = lexicon.COMPARATIVES[phrase]
                return self._with_unit(phrase, cue, operator, dimension, *amount)
        if (amount := self._amount(i)) and amount[1] + 1 < len(self.tokens):
            after = f"{self.tokens[amount[1]].lower} {self.tokens[amount[1] + 1].lower}"
            if after in ("or more", "and more", "or less", "or fewer"):
                operator = ">=" if after.endswith("more") else "<="
                return Item("comparison", after, cue, number=amount[0], operator=operator), amount[1] + 2
        return None

    def _with_unit(
        self, text: str, cue: str, operator: str, dimension: str | None, number: float, end: int
    ) -> tuple[Item, int]:
        unit = None
        if end < len(self.tokens) and singular(self.tokens[end].lower) in lexicon.UNITS:
            unit = singular(self.tokens[end].lower)
            dimension, end = dimension or lexicon.UNITS[unit][0], end + 1
        item = Item("comparison", text, cue, number=number, operator=operator, dimension=dimension, unit=unit)
        return item, end

    def _amount(self, i: int) -> tuple[float, int] | None:
        """A number, in digits or as a word, with an optional currency sign before it."""
        if i < len(self.tokens) and self.tokens[i].lower in ("$", "€", "£", "the", "a"):
            i += 1
        if i >= len(self.tokens):
            return None
        token = self.tokens[i]
        if token.kind == "number":
            text = token.text.replace(",", "") if "." in token.text or len(token.text.split(",")[-1]) == 3 else ""
            return float(text or token.text.replace(",", ".")), i + 1
        if token.lower in lexicon.NUMBER_WORDS:
            return float(lexicon.NUMBER_WORDS[token.lower]), i + 1
        return None

    def _number(self, i: int, cue: str) -> tuple[Item, int] | None:
        if (amount := self._amount(i)) is None:
            return None
        item, end = self._with_unit(self.tokens[i].text, cue, "=", None, *amount)
        return _replaced(item, kind="number"), end

    def _superlative(self, i: int, cue: str) -> tuple[Item, int] | None:
        words = [t.lower for t in self.tokens[i : i + 5]]
        for size in (3, 2, 1):
            phrase = " ".join(words[:size])
            if phrase in lexicon.POPULAR:
                descending, in_units = lexicon.POPULAR[phrase]
                return Item("popular", phrase, cue, descending=descending, in_units=in_units), i + size
            if phrase in lexicon.SUPERLATIVES and words[size : size + 2] not in (["number", "of"], ["amount", "of"]):
                dimension, descending = lexicon.SUPERLATIVES[phrase]
                return Item("superlative", phrase, cue, dimension=dimension, descending=descending), i + size
        return None

    def _mention(self, i: int, cue: str, least: int = 1) -> tuple[Item, int] | None:
        """The longest phrase from token `i` that names something in the schema."""
        for size in range(min(4, len(self.tokens) - i), least - 1, -1):
            window = self.tokens[i : i + size]
            if any(t.kind != "word" for t in window):
                continue
            if item := self._named(window, cue):
                return item, i + size
        return None

    def _named(self, window: tuple[Token, ...], cue: str) -> Item | None:
        words = tuple(t.lower for t in window)
        key, text = _phrase(words), " ".join(words)
        plural, verb = is_plural(words[-1]), words[-1].endswith(("ed", "ing"))
        index = self.index
        tables, columns = tuple(index.tables.get(key, ())), tuple(index.columns.get(key, {}).values())
        best = max((score for _, score in columns), default=0.0)
        if key in index.roles and not (tables and not index.roles[key].role):
            return Item("role", text, cue, key=index.roles[key], plural=plural, tables=(index.roles[key].target,))
        if tables and not (verb and best >= 0.9):
            return Item("table", text, cue, tables=tables, columns=columns, plural=plural, is_verb=verb)
        if columns:
            return Item("column", text, cue, columns=columns, plural=plural, is_verb=verb)
        return self._single(words[0], cue, plural, verb) if len(words) == 1 else None

    def _single(self, word: str, cue: str, plural: bool, verb: bool) -> Item | None:
        """Words that mean something without being the schema's own."""
        base, index = singular(word), self.index
        if base == "person" and index.people:
            return Item("person", word, cue, tables=index.people, plural=plural)
        if base in lexicon.DATE_PARTS:
            return Item("part", base, cue)
        if word in lexicon.REVENUE_WORDS or canonical(word) == "spend":
            counted = lexicon.COUNTING.search(cue) and word == "sales"
            if not counted:
                return Item("revenue", word, cue)
        if events := index.events(word):
            return Item("table", word, cue, tables=events, plural=plural, is_verb=verb or not plural)
        if word.startswith("un") and (columns := index.columns.get((canonical(word[2:]),))):
            return Item("column", word, cue, columns=tuple(columns.values()), negated=True)
        for form in (word, base):
            if form in lexicon.DIMENSION_NOUNS:
                return Item("dimension", word, cue, dimension=lexicon.DIMENSION_NOUNS[form])
        return None

    def _weak_value(self, i: int, cue: str) -> tuple[Item, int] | None:
        """A lower-case word that means nothing else, next to a table or category or after a place preposition."""
        token = self.tokens[i]
        if token.kind != "word" or token.lower in lexicon.FILLERS or token.lower in lexicon.EVALUATIVE:
            return None
        after = self._mention(i + 1, "") if i + 1 < len(self.tokens) else None
        before = self._mention(i - 1, "") if i else None
        beside = (after and after[0].kind in ("table", "column")) or (before and before[0].kind in ("table", "column"))
        following = self.tokens[i + 1].lower if i + 1 < len(self.tokens) else ""
        if not (after and after[0].kind == "table") and following in _VERB_FOLLOWERS:
            return None
        if not beside and not lexicon.PLACE_PREPOSITION.search(cue):
            return None
        item, end = self._value(i, i + 1, cue, token.text)
        return _replaced(item, weak=True), end


def _replaced(item: Item, **changes: object) -> Item:
    from dataclasses import replace

    return replace(item, **changes)  # type: ignore[arg-type]
