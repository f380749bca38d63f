"""What a question is about: the tables and columns that its items stand for."""

from llm_tracing.qa.offline import measures
from llm_tracing.qa.offline.builder import Builder
from llm_tracing.qa.offline.errors import CannotPlanError
from llm_tracing.qa.offline.filters import apply_filters
from llm_tracing.qa.offline.frame import Frame
from llm_tracing.qa.offline.linking import Item, SchemaIndex
from llm_tracing.qa.offline.schema import Column

DEFAULT_LIMIT = 5


class Subject:
    """A frame over a schema, its focus settled. Raises CannotPlanError where a word could mean several things."""

    def __init__(self, frame: Frame, index: SchemaIndex) -> None:
        self.frame, self.index, self.graph, self.schema = frame, index, index.graph, index.schema
        self._settle_focus()

    def _settle_focus(self) -> None:
        """ "Who" asks for a person: the table of people that has the columns or roles named."""
        frame = self.frame
        focus = frame.focus
        if focus is not None and focus.kind == "person":
            frame.focus = self._person(focus)
        elif frame.asks_who and focus is not None and focus.kind in ("column", "dimension", "revenue"):
            frame.related.append(focus)
            frame.focus = self._person(None)
        elif frame.asks_who and focus is not None and focus.is_verb and not set(focus.tables) & set(self.index.people):
            frame.related.append(focus)  # "who borrowed ..."
            frame.focus = self._person(None)
        elif frame.asks_who and focus is None:
            frame.focus = self._person(None)
            if frame.measure is not None and frame.rank is None:
                raise CannotPlanError("I can't tell what the question asks for.")
        focus = frame.focus
        if focus is not None and focus.kind == "column" and frame.related and frame.related[0].kind == "table":
            owner = self.schema.tables[frame.related[0].tables[0]]
            if any(c in owner.display for c, _ in focus.columns) and not frame.counted:
                frame.focus = frame.related.pop(0)  # "the titles of albums"
        if frame.focus is not None and frame.focus.kind == "role":
            self._settle_role(frame.focus)

    def _settle_role(self, focus: Item) -> None:
        """ "Who reports to X" asks for those under X; "the manager of X" for the one above."""
        if focus.key is None:
            return
        named = any(v.hint is focus for v in self.frame.values)
        if named or focus.is_verb or focus.text.startswith(("report", "supervis", "lead")):
            self.frame.related.append(focus)
            self.frame.focus = Item("table", focus.text, tables=(focus.key.table,), plural=True)

    def _person(self, item: Item | None) -> Item:
        people = item.tables if item is not None else self.index.people
        clues = [*self.frame.related, *([self.frame.rank.by] if self.frame.rank and self.frame.rank.by else [])]

        def distance(table: str) -> float:
            total = 0.0
            for clue in clues:
                places = [c.table for c, _ in clue.columns] if clue.kind == "column" else list(clue.tables[:1])
                if clue.kind in ("dimension", "revenue"):
                    places = [m.table for m in measures.candidates(clue, self.index)]
                costs = [c for p in places if (c := self.graph.cost(table, p)) is not None]
                total += min(costs, default=9.0)
            return total

        if not people:
            raise CannotPlanError("I found no table of people in this schema.")
        best = min(people, key=distance)
        if distance(best) >= 9 or (not clues and len(people) > 1):
            raise CannotPlanError("I can't tell which people the question is about.")
        return Item("table", item.text if item else "who", tables=(best,), plural=bool(item and item.plural))

    def context(self) -> tuple[str, ...]:
        """The tables that the question names, those it is about first."""
        frame = self.frame
        items = [frame.focus, *frame.groups, *frame.related, *[i for _, i in frame.having], *frame.absent]
        items += [frame.rank.by] if frame.rank else []
        tables = [t for i in items if i is not None and i.kind in ("table", "role") for t in i.tables[:1]]
        return tuple(dict.fromkeys(tables))

    def column(self, item: Item, base: str | None = None) -> Column:
        """The column of the item that is nearest to the base, or to what the question names."""
        anchors = (base,) if base else self.context()

        def cost(pair: tuple[Column, float]) -> float:
            column, score = pair
            costs = [c for a in anchors if (c := self.graph.cost(a, column.table)) is not None]
            return (min(costs) if costs else (0.0 if not anchors else 50.0)) - 1.5 * score

        options = list(item.columns)
        if not options and item.kind == "dimension":
            options = [(m.column, 1 - m.cost) for m in measures.candidates(item, self.index) if m.column]
        if not options:
            raise CannotPlanError(f"I found no column for '{item.text}'.")
        return min(options, key=cost)[0]

    def table(self, item: Item) -> str:
        if item.kind in ("table", "role", "person") and item.tables:
            return item.tables[0]
        return self.column(item).table

    def start(self, base: str, focus: str | None = None, *, left: bool = False) -> Builder:
        builder = Builder(self.schema, self.graph, base, left=left)
        apply_filters(builder, self.frame, self.index, focus or base)
        return builder

    def limit(self, focus: Item | None) -> int | None:
        if self.frame.limit is not None:
            return self.frame.limit
        if self.frame.rank is not None and self.frame.rank.all:
            return None
        return DEFAULT_LIMIT if focus is not None and focus.plural else 1
