"""The graph of foreign keys: which table leads to which, and the shortest way between two."""

import heapq
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from llm_tracing.qa.offline.schema import ForeignKey, Schema

# Going up to a parent and down again to its other children relates siblings, which is seldom what is asked.
_SIBLING_COST = 3.0


@dataclass(frozen=True, slots=True)
class Step:
    """One join; `to_one` when each row on the left meets at most one on the right."""

    left: str
    right: str
    left_columns: tuple[str, ...]
    right_columns: tuple[str, ...]
    to_one: bool
    key: ForeignKey


class JoinGraph:
    """Paths over the foreign keys of one schema. A path is a tuple of steps; the empty one stays where it is."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    @cached_property
    def _steps(self) -> dict[str, list[Step]]:
        steps: dict[str, list[Step]] = defaultdict(list)
        for key in self._schema.foreign_keys:
            up = Step(key.table, key.target, key.columns, key.target_columns, True, key)
            down = Step(key.target, key.table, key.target_columns, key.columns, False, key)
            steps[key.table].append(up)
            steps[key.target].append(down)
        return steps

    @cached_property
    def _paths(self) -> dict[tuple[str, bool], dict[str, tuple[float, tuple[Step, ...]]]]:
        return {}

    def path(self, start: str, goal: str, *, to_one: bool = False) -> tuple[Step, ...] | None:
        """The cheapest path, or None; `to_one` allows only steps towards parents. Self references are not walked."""
        found = self._from(start, to_one).get(goal)
        return found[1] if found else None

    def cost(self, start: str, goal: str, *, to_one: bool = False) -> float | None:
        """The cost of `path`: about one per join."""
        found = self._from(start, to_one).get(goal)
        return found[0] if found else None

    def base_for(self, tables: set[str], preferred: str | None = None) -> str | None:
        """The table from which all the given ones are reached towards parents only, nearest first; None if none is.

        One row of it then stands for one combination of theirs, so that sums and counts over it are not inflated.
        """
        best: tuple[float, str] | None = None
        for name in self._schema.tables:
            costs = [self.cost(name, table, to_one=True) for table in tables]
            if any(cost is None for cost in costs):
                continue
            total = sum(cost or 0.0 for cost in costs) - (0.5 if name == preferred else 0.0)
            if best is None or total < best[0]:
                best = (total, name)
        return best[1] if best else None

    def _from(self, start: str, to_one: bool) -> dict[str, tuple[float, tuple[Step, ...]]]:
        if (start, to_one) not in self._paths:
            self._paths[start, to_one] = self._search(start, to_one)
        return self._paths[start, to_one]

    def _search(self, start: str, to_one: bool) -> dict[str, tuple[float, tuple[Step, ...]]]:
        best: dict[str, tuple[float, tuple[Step, ...]]] = {}
        seen: set[tuple[str, bool | None]] = set()
        queue: list[tuple[float, int, str, tuple[Step, ...]]] = [(0.0, 0, start, ())]
        order = 0
        while queue:
            cost, _, table, path = heapq.heappop(queue)
            last = path[-1].to_one if path else None
            if (table, last) in seen:
                continue
            seen.add((table, last))
            best.setdefault(table, (cost, path))
            for step in self._steps[table]:
                if step.left == step.right or (to_one and not step.to_one):
                    continue
                order += 1
                bridge = last is False and self._schema.tables[table].is_bridge
                extra = _SIBLING_COST if last is True and not step.to_one else 0.0
                # A key that plays a role of its own (home branch) is a little farther than a plain one.
                extra += 0.25 * bool(step.key.role) - 0.4 * bridge
                heapq.heappush(queue, (cost + 1.0 + extra, order, step.right, (*path, step)))
        return best
