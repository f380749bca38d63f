"""Stretches of time that were searched."""

import random

from llm_tracing.lgtm.coverage import Coverage
from llm_tracing.lgtm.looks import Looks
from llm_tracing.lgtm.searched import Searched

S = 1_000_000_000


def test_gaps_come_newest_first() -> None:
    coverage = Coverage()
    coverage.add(20, 30)
    coverage.add(40, 50)
    assert coverage.gaps(0, 60) == [(50, 60), (30, 40), (0, 20)]
    assert coverage.gaps(25, 45) == [(30, 40)]
    assert coverage.gaps(22, 28) == []
    assert coverage.gaps(50, 50) == []


def test_stretches_that_touch_grow_together() -> None:
    coverage = Coverage()
    coverage.add(10, 20)
    coverage.add(30, 40)
    coverage.add(20, 30)
    assert coverage.gaps(0, 50) == [(40, 50), (0, 10)]
    assert coverage.newest() == (10, 40)


def test_coverage_is_that_of_a_set_of_numbers() -> None:
    dice = random.Random(7)
    for _ in range(200):
        coverage, numbers = Coverage(), set[int]()
        for _ in range(dice.randrange(8)):
            start, end = dice.randrange(40), dice.randrange(40)
            coverage.add(start, end)
            numbers |= set(range(start, end))
        since, until = dice.randrange(40), dice.randrange(40)
        missing = [at for start, end in coverage.gaps(since, until) for at in range(start, end)]
        assert sorted(missing) == [at for at in range(since, until) if at not in numbers]


def test_the_newest_minutes_are_searched_again() -> None:
    now = 1_000 * S
    searched = Searched("{}", 100 * S, now=lambda: now)
    searched.cover("{}", 0, now, searched.settled_until())
    assert searched.gaps("{}", 0, now) == []  # within seconds
    searched._newest.clear()
    assert searched.gaps("{}", 0, now) == [(900 * S, now)]
    assert searched.whole_since("{}", 0, now) == 0


MINUTE = 60 * S


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000 * MINUTE

    def __call__(self) -> int:
        return self.now

    def go(self, minutes: int) -> None:
        self.now += minutes * MINUTE


def test_what_is_long_over_is_looked_at_twice() -> None:
    clock = Clock()
    looks = Looks(clock)
    stretch = (clock() - 500 * MINUTE, clock() - 40 * MINUTE)
    looks.add(*stretch)
    clock.go(9)
    assert looks.due(*stretch) == []
    clock.go(3)
    assert looks.due(*stretch) == [stretch]
    looks.add(*stretch)
    for _ in range(100):
        clock.go(30)
        assert looks.due(*stretch) == []


def test_what_was_young_is_looked_at_until_it_is_long_over() -> None:
    clock = Clock()
    looks = Looks(clock)
    stretch = (clock() - 10 * MINUTE, clock() - 6 * MINUTE)
    looked = 0
    for _ in range(200):
        for one in looks.due(*stretch):
            looks.add(*one)
            looked += 1
        clock.go(1)
    assert looked == 4


def test_a_second_look_in_parts_is_due_where_it_has_not_come() -> None:
    clock = Clock()
    looks = Looks(clock)
    since, until = clock() - 500 * MINUTE, clock() - 100 * MINUTE
    looks.add(since, until)
    clock.go(20)
    looks.add(until - 100 * MINUTE, until)
    assert looks.due(since, until) == [(since, until - 100 * MINUTE)]
    clock.go(20)
    assert looks.due(since, until) == [(since, until - 100 * MINUTE)]
    assert looks.due(since - MINUTE, until) == [(since - MINUTE, until - 100 * MINUTE)]


def test_a_second_look_does_not_make_less_known() -> None:
    clock = Clock()
    searched = Searched("{}", 5 * MINUTE, now=clock)
    since, until = clock() - 500 * MINUTE, clock()
    searched.cover("{}", since, until, searched.settled_until())
    clock.go(20)
    assert searched.gaps("{}", since, until) == [(since, until)]
    assert searched.never("{}", since, until - 5 * MINUTE) == []
    once = Searched("{}", 5 * MINUTE, now=clock, once=True)
    once.cover("{}", since, until, once.settled_until())
    clock.go(60)
    assert once.gaps("{}", since, until - 5 * MINUTE) == []


def test_a_range_is_whole_since_the_last_gap_in_what_was_searched() -> None:
    clock = Clock()
    searched = Searched("{}", 5 * MINUTE, now=clock)
    now = clock()
    since = now - 500 * MINUTE
    assert searched.whole_since("{}", since, now) == since  # nothing was searched: nothing better can be said
    searched.cover("{}", now - 100 * MINUTE, now, searched.settled_until())
    clock.now += 3 * S  # some more has settled since
    assert searched.whole_since("{}", since, clock()) == now - 100 * MINUTE
    assert searched.whole_since("{}", since, now - 200 * MINUTE) == since
    searched.cover("{ a }", since, now - 100 * MINUTE, searched.settled_until())
    assert searched.whole_since("{ a }", since, clock()) == since
    assert searched.whole_since("{}", since, clock()) == now - 100 * MINUTE


def test_what_all_were_searched_for_needs_no_search_of_its_own() -> None:
    searched = Searched("{}", 100 * S, now=lambda: 1_000 * S)
    searched.cover("{}", 500 * S, 800 * S, searched.settled_until())
    searched.cover("{ a }", 300 * S, 400 * S, searched.settled_until())
    assert searched.gaps("{ a }", 0, 900 * S) == [(800 * S, 900 * S), (400 * S, 500 * S), (0, 300 * S)]
    assert searched.gaps("{}", 0, 900 * S) == [(800 * S, 900 * S), (0, 500 * S)]


def test_what_was_deleted_is_searched_again() -> None:
    searched = Searched("{}", 100 * S, now=lambda: 1_000 * S)
    searched.cover("{}", 0, 800 * S, searched.settled_until())
    searched.forget()
    assert searched.gaps("{}", 0, 800 * S) == [(0, 800 * S)]


def test_only_so_many_queries_are_remembered_and_the_one_for_all_stays() -> None:
    searched = Searched("{}", 0, now=lambda: 1_000 * S)
    searched.cover("{}", 900 * S, 950 * S, 1_000 * S)
    for number in range(200):
        searched.cover(f"{{ {number} }}", 0, 800 * S, 1_000 * S)
    assert len(searched._settled) == 64
    assert searched.gaps("{}", 900 * S, 950 * S) == []
