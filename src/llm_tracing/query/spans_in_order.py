"""Views of a trace by their places: who is above, where a subtree ends, who came before. Views are depth-first."""

from collections.abc import Iterator, Sequence

from llm_tracing.query.view import SpanView


class SpansInOrder:
    """`parents[i]` is the place of the span above, -1 for roots; `ends[i]` is the first place after its subtree."""

    def __init__(self, views: Sequence[SpanView]) -> None:
        self.views = views
        self.parents: list[int] = []
        self.ends = [len(views)] * len(views)
        path: list[int] = []
        for place, view in enumerate(views):
            for left in path[view.depth :]:
                self.ends[left] = place
            del path[view.depth :]
            self.parents.append(path[-1] if path else -1)
            path.append(place)

    def above(self, place: int) -> Iterator[int]:
        """The places above, nearest first."""
        at = self.parents[place]
        while at >= 0:
            yield at
            at = self.parents[at]

    def below(self, place: int) -> range:
        return range(place + 1, self.ends[place])

    def contains(self, outer: int, inner: int) -> bool:
        return outer <= inner < self.ends[outer]


def start(view: SpanView) -> int:
    return view.record.start_time_unix_nano


def end(view: SpanView) -> int:
    """When it ended; its start while it runs."""
    return max(view.record.end_time_unix_nano, start(view))
