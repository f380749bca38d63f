"""What figures rest on: all of a range, or the newest part of it that is wholly in the window.

    asked ─▶ as much as a budget allows is brought ─▶ all of the range: figures are of it
                                                  └─▶ a part: figures are cut to it, it is told, the rest is read on

So no figure counts a part of a time without saying so. Traces and log records go the same way, each with one of these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from llm_tracing.lgtm.backend import Patience
from llm_tracing.lgtm.brought import Brought
from llm_tracing.lgtm.steady import Filling, Rest, Steady
from llm_tracing.store.contract import Page


class Stretches(Protocol):
    """Who brings all of a stretch of time that meets a query: searching_traces.py, bringing_logs.py."""

    def stretch(self, query: str, since: int, until: int, patience: Patience, *, step: int, budget: int) -> Brought: ...

    def whole_since(self, query: str, since: int, until: int) -> int: ...

    def read_since(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Portions:
    """How much is brought: `step` with one request, `budget` for one question, `read_on` while nobody waits."""

    step: int
    budget: int
    read_on: int


class Resting:
    """Safe for many threads. `everything` is the query that finds all; `patience` is that of one question."""

    def __init__(
        self, stretches: Stretches, everything: str, portions: Portions, patience: Callable[[], Patience]
    ) -> None:
        self._stretches = stretches
        self._all = everything
        self._portions = portions
        self._patience = patience
        self._steady = Steady()
        self._filling = Filling(self._read_on, self._steady.forget)

    def forget(self) -> None:
        """Something was deleted from the window: what is held as whole may not be."""
        self._steady.forget()

    def close(self) -> None:
        self._filling.close()

    def whole_since(self) -> int:
        """Since when figures rest on everything: as those that were given a moment ago, else as one would now."""
        held = self._steady.since(self._all)
        return self._stretches.read_since() if held is None else held

    def still_asked(self) -> None:
        """Somebody still has a page open whose figures rest on a part."""
        self._filling.still_asked()

    def figures(self, page: Page, queries: Sequence[str], since: int, until: int) -> tuple[Brought, Page]:
        """What was brought for figures of a range, and the page that they are of: the part that is wholly there.

        `queries` each find all that the page's filters mean; the next is asked where one does not reach, and the first
        is read on. Where a backend failed, the page is as it was asked for: what the window has is given.
        """
        rest = self._rest(queries[0], since, until)
        if not _is_part(rest):
            return rest.brought, page
        self._filling.want(queries[0], since, until)
        for query in queries[1:]:
            rest = self._rest(query, since, until)
            if not _is_part(rest):
                return rest.brought, page
        return rest.brought, replace(page, since=max(since, rest.since))

    def _rest(self, query: str, since: int, until: int) -> Rest:
        def bring() -> tuple[Brought, int]:
            step, budget = self._portions.step, self._portions.budget
            brought = self._bring(query, since, until, min(step, budget), budget)
            return brought, self._stretches.whole_since(query, since, until)

        return self._steady.rest(query, since, until, bring)

    def _read_on(self, query: str, since: int, until: int) -> Brought:
        return self._bring(query, since, until, self._portions.read_on, self._portions.read_on)

    def _bring(self, query: str, since: int, until: int, step: int, budget: int) -> Brought:
        return self._stretches.stretch(query, since, until, self._patience(), step=step, budget=budget)


def _is_part(rest: Rest) -> bool:
    return not rest.brought.whole and rest.brought.trouble is None
