"""Give each linked item its part in the question: what is asked for, counted, grouped, ranked, filtered."""

import re
from dataclasses import dataclass, field

from llm_tracing.qa.offline import lexicon
from llm_tracing.qa.offline.dates import DateRange
from llm_tracing.qa.offline.linking import Item, Linked


@dataclass(slots=True)
class ValueFilter:
    """A value, and the table or column named next to it, if any."""

    value: Item
    hint: Item | None = None
    beside: bool = False  # stands directly before a noun ("Jazz tracks")
    others: list[str] = field(default_factory=list)  # "Brazil or Canada"
    match: str = "equals"  # equals | contains | starts
    negated: bool = False
    verb: Item | None = None  # the event that it belongs to ("borrowed by Anna")


@dataclass(slots=True)
class Rank:
    """Order by `by` (None: a dimension of the focus, or popularity); `count` orders by the number of its rows."""

    descending: bool
    by: Item | None = None
    count: bool = False
    dimension: str | None = None
    popular: Item | None = None
    of: Item | None = None  # the table whose rows have the dimension ("the artist with the longest tracks")
    function: str = "SUM"
    all: bool = False  # an order, not a choice: no default limit


@dataclass(slots=True)
class Frame:
    """The parts of a question."""

    focus: Item | None = None
    counted: bool = False
    distinct: bool = False
    share: bool = False
    aggregate: str | None = None
    measure: Item | None = None  # what the aggregate runs over
    measure_is_count: bool = False
    groups: list[Item] = field(default_factory=list)
    rank: Rank | None = None
    limit: int | None = None
    having: list[tuple[Item, Item]] = field(default_factory=list)  # (comparison, what is counted)
    absent: list[Item] = field(default_factory=list)
    related: list[Item] = field(default_factory=list)
    values: list[ValueFilter] = field(default_factory=list)
    denied: list[ValueFilter] = field(default_factory=list)  # values inside a negation ("never bought Jazz tracks")
    comparisons: list[tuple[Item, Item | None]] = field(default_factory=list)
    dates: list[tuple[DateRange, Item | None]] = field(default_factory=list)
    asks_when: bool = False
    asks_who: bool = False
    unsettled: str | None = None  # a word such as "most" that found no part in the question


def read_frame(linked: Linked) -> Frame:
    """The frame of a linked question."""
    return _Reader(linked).run()


_STATE = re.compile(r"\b(?:is|are|was|were|be|been) in$")
_OPERATIONS = (
    lexicon.MOST, lexicon.FEWEST, lexicon.SHARE,
    re.compile(r"\b(?:average|avg|mean|maximum|minimum|highest|lowest|largest|smallest|top|bottom|less|fewer)\b"),
)  # fmt: skip
_MEASURED = ("column", "dimension", "revenue")


class _Reader:
    def __init__(self, linked: Linked) -> None:
        self.items, self.tail = linked.items, linked.tail
        self.frame = Frame()
        self.carried = ""  # the cue of a value that stands between a cue and its noun
        self.pending: Item | None = None  # a superlative or comparison that waits for its noun
        words = linked.text.lower().split()
        self.frame.asks_when = words[:1] == ["when"]
        self.frame.asks_who = words[:1] in (["who"], ["whose"])

    def run(self) -> Frame:
        for i, item in enumerate(self.items):
            if item.is_schema:
                carried, self.carried = self.carried, ""
                self._schema_item(i, item, f"{carried} {item.cue}".strip())
            else:
                self._plain_item(i, item)
        self._close()
        return self.frame

    def _near(self, i: int) -> Item | None:
        return self.items[i] if 0 <= i < len(self.items) else None

    def _plain_item(self, i: int, item: Item) -> None:
        frame, before, after = self.frame, self._near(i - 1), self._near(i + 1)
        if item.kind == "value":
            self._value(item, before, after)
        elif item.kind == "date" and item.span:
            hint = before if before and before.is_schema else None
            frame.dates.append((item.span, hint))
        elif item.kind == "number":
            self._number(item, before, after)
        elif item.kind == "comparison":
            counts = after and after.is_schema and after.cue == "" and after.kind in ("table", "person", "role")
            if before is not None and before.kind == "revenue":
                frame.having.append((item, before))
            elif counts and after and item.unit is None and item.dimension is None:
                frame.having.append((item, after))
            elif after and after.is_schema and after.cue == "" and after.kind == "column":
                frame.comparisons.append((item, after))
            else:
                frame.comparisons.append((item, before if before and before.is_schema else None))
        elif item.kind == "popular":
            frame.rank = Rank(item.descending, popular=item)
            self._direction(item.cue)
        elif item.kind == "superlative":
            frame.rank = Rank(item.descending, dimension=item.dimension)
            self.pending = item
            self._direction(item.cue)

    def _direction(self, cue: str) -> None:
        if "bottom" in cue.split() and self.frame.rank:
            self.frame.rank.descending = False

    def _value(self, item: Item, before: Item | None, after: Item | None) -> None:
        if before is not None and before.kind == "value" and item.cue in ("and", "or") and self.frame.values:
            self.frame.values[-1].others.append(item.text)
            if after is not None and after.cue == "" and after.is_schema:
                self.frame.values[-1].hint, self.frame.values[-1].beside = after, True
            return
        named_before = before if before and before.kind in ("table", "column", "role") else None
        if named_before is not None and named_before.is_verb and named_before.kind != "role":
            named_before = None
        named_after = after if after and after.cue == "" and after.kind in ("table", "column", "role") else None
        if named_after is not None and named_after.is_verb and named_after.kind != "role":
            named_after = None  # "when was Jane hired", "what did Jane buy"
        following = after.cue if after else self.tail
        match = "contains" if lexicon.CONTAINING.search(item.cue) or following.startswith("in the name") else "equals"
        match = "starts" if lexicon.STARTING.search(item.cue) else match
        negated = bool(lexicon.NEGATION.search(item.cue)) and not (named_after and named_after.kind == "table")
        joined = item.cue in ("", "is", "named", "called", "of", "to", "with name", "titled", "by", "the", "is the")
        if before and named_before and joined and item.cue in ("", "is", "named", "called", "titled", "to"):
            self.frame.values.append(ValueFilter(item, named_before, match=match, negated=negated))
        elif named_after and not item.possessive:
            beside = named_after.kind != "role"
            self.frame.values.append(ValueFilter(item, named_after, beside, negated=negated))
            self.carried = item.cue
        else:
            verb = before if item.cue in ("by", "") else after if after and after.cue == "" else None
            verb = verb if verb and verb.kind == "table" and verb.is_verb else None
            found = ValueFilter(item, match=match, negated=negated, verb=verb)
            if item.weak and _STATE.search(item.cue):
                found.others.append(f"in {item.text}")  # "are in transit"
            self.frame.values.append(found)

    def _number(self, item: Item, before: Item | None, after: Item | None) -> None:
        words = item.cue.split()
        if words[-1:] == ["top"] or words[-1:] == ["bottom"]:
            self.frame.limit = int(item.number)
            if words[-1] == "bottom" or self.frame.rank is None:
                self.frame.rank = Rank(words[-1] == "top", count=True)
        elif (after and after.kind in ("superlative", "popular") and after.cue == "") or (
            before and before.kind in ("superlative", "popular") and item.cue == ""
        ):
            self.frame.limit = int(item.number)
        elif after and after.is_schema and after.cue == "" and not (before and before.is_schema and words == ["with"]):
            if self.frame.focus is None:
                self.frame.limit = int(item.number)
            else:
                self.frame.having.append((item, after))
        else:
            self.frame.comparisons.append((item, before if before and before.is_schema else None))

    def _schema_item(self, i: int, item: Item, cue: str) -> None:
        frame, before = self.frame, self._near(i - 1)
        counting = bool(lexicon.COUNTING.search(cue))
        function = next((name for pattern, name in lexicon.AGGREGATES if pattern.search(cue)), None)
        measurable = item.kind in ("revenue", "dimension") or (
            item.kind == "column" and any(c.is_numeric for c, _ in item.columns)
        )
        after = self._near(i + 1)
        if function and item.kind == "table" and not counting and after and after.kind in _MEASURED and not after.cue:
            self.carried, cue, function = cue, "", None  # "average invoice total"
        if lexicon.SHARE.search(cue):
            frame.share, frame.focus = True, item
        elif lexicon.GROUPING.search(cue):
            frame.groups.append(item)
        elif before and before.kind in ("comparison", "number") and item.cue == "" and self._is_taken(item):
            pass
        elif lexicon.NEGATION.search(cue) and frame.focus is not None:
            frame.absent.append(item)
        elif item.kind == "part":
            frame.groups.append(item)
        elif self.pending is not None and item.kind in ("column", "dimension", "revenue"):
            self._superlative_of(item, function)
        elif lexicon.BY.search(cue) and (frame.focus or frame.measure):
            self._by(i, item, counting, function, measurable)
        elif (lexicon.MOST.search(cue) or lexicon.FEWEST.search(cue)) and not (counting and function == "AVG"):
            self._most(item, bool(lexicon.MOST.search(cue)), measurable)
        elif (counting and item.kind in ("table", "person", "role")) or (counting and not measurable):
            self._count(item, cue, function)
        elif (function or counting) and measurable:
            frame.aggregate = function or "SUM"
            frame.measure = item
            frame.distinct = bool(lexicon.DISTINCT.search(cue))
            if frame.focus is not None and frame.focus.kind in ("table", "column"):
                frame.related.append(frame.focus)
                frame.focus = None
        elif item.kind == "revenue":
            self._revenue(item)
        elif frame.focus is None and frame.measure is None and not (item.is_verb and self._noun_follows(i)):
            frame.focus = item
            self.pending = None if item.kind == "table" else self.pending
        else:
            frame.related.append(item)
        if cue.endswith(("top", "bottom")) and frame.rank is None and frame.focus is item:
            frame.rank = Rank(cue.endswith("top"), count=True)
        if item.kind in ("table", "person") and not (after and after.kind in _MEASURED and not after.cue):
            if self.pending is not None and frame.focus is not item and frame.rank and frame.rank.by is None:
                frame.rank.of = item
            self.pending = None

    def _noun_follows(self, i: int) -> bool:
        after = self._near(i + 1)
        return after is not None and after.kind in ("table", "person")

    def _is_taken(self, item: Item) -> bool:
        frame = self.frame
        if any(item is counted for _, counted in frame.having) or any(item is h for _, h in frame.comparisons):
            return True
        if frame.limit is not None and frame.focus is None:
            frame.focus = item
            return True
        return False

    def _superlative_of(self, item: Item, function: str | None) -> None:
        """ "Highest salary" asks for a number, "the employee with the highest salary" for an employee."""
        frame, pending = self.frame, self.pending
        self.pending = None
        if pending is None:
            return
        rank = Rank(pending.descending, by=item, function=function or ("SUM" if item.kind == "revenue" else "MAX"))
        if frame.focus is not None or item.is_verb:
            frame.rank = rank
        else:
            frame.rank, frame.measure = None, item
            frame.aggregate = "MAX" if pending.descending else "MIN"

    def _by(self, i: int, item: Item, counting: bool, function: str | None, measurable: bool) -> None:
        frame, after = self.frame, self._near(i + 1)
        if after is not None and after.kind == "value" and after.cue == "":
            frame.related.append(item)
        elif counting or measurable or item.kind == "revenue" or (frame.limit and item.kind == "table"):
            descending = frame.rank.descending if frame.rank else True
            counts = counting or item.kind == "table"
            every = frame.rank is None and frame.limit is None
            frame.rank = Rank(descending, by=item, count=counts, function=function or "SUM", all=every)
        else:
            frame.groups.append(item)

    def _most(self, item: Item, descending: bool, measurable: bool) -> None:
        self.frame.rank = Rank(descending, by=item, count=not measurable)

    def _count(self, item: Item, cue: str, function: str | None) -> None:
        frame = self.frame
        frame.distinct = bool(lexicon.DISTINCT.search(cue))
        if function == "AVG":
            frame.aggregate, frame.measure, frame.measure_is_count = "AVG", item, True
            return
        if frame.focus is not None:
            frame.groups.append(frame.focus)
        frame.focus, frame.counted = item, True

    def _revenue(self, item: Item) -> None:
        frame = self.frame
        if frame.rank and frame.rank.by and frame.rank.by.kind == "revenue":
            return
        if frame.focus is None or frame.focus.kind == "part":
            frame.measure, frame.aggregate = item, frame.aggregate or "SUM"
        elif frame.measure is None:
            # "who spent the most": the verb comes before its "most", which is left in the tail or the next cue.
            frame.related.append(item)

    def _is_under(self, found: ValueFilter, absent: Item) -> bool:
        return found.hint is absent or self._comes_after(found.value, absent)

    def _comes_after(self, item: Item, other: Item) -> bool:
        places = {id(it): i for i, it in enumerate(self.items)}
        return places.get(id(item), -1) > places.get(id(other), -1)

    def _close(self) -> None:
        """Settle what only the end of the question tells."""
        frame = self.frame
        spent = next((r for r in frame.related if r.kind == "revenue"), None)
        if spent is not None and frame.rank is None and lexicon.MOST.search(self.tail):
            frame.rank = Rank(True, by=spent)
        if spent is not None and frame.rank is None and lexicon.FEWEST.search(self.tail):
            frame.rank = Rank(False, by=spent)
        frame.related = [r for r in frame.related if r.kind != "revenue" or frame.rank is None]
        if not (frame.rank or frame.aggregate or frame.having or frame.share):
            cues = " ".join([*(item.cue for item in self.items), self.tail])
            found = next((m for p in _OPERATIONS if (m := p.search(cues))), None)
            frame.unsettled = found.group() if found else None
        tables = [a for a in frame.absent if a.kind == "table"]
        frame.denied = [v for v in frame.values if any(self._is_under(v, a) for a in tables)]
        frame.values = [v for v in frame.values if v not in frame.denied]
        if tables:
            frame.related = [r for r in frame.related if not self._comes_after(r, tables[0])]
        if lexicon.NEGATION.search(self.tail) and frame.related and not frame.absent:
            frame.absent.append(frame.related.pop())
