"""CPU, memory and threads of a process and of all below it, from Linux's /proc (proc(5)).

Other systems have no such files: `SUPPORTED` is false there, and nothing is sampled.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

SUPPORTED = sys.platform.startswith("linux")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Sample:
    """Seconds of CPU since the start, of processes that have ended too; bytes and threads of this moment.

    Memory is the sum of the resident sets: pages that processes share count in each.
    """

    user_s: float
    system_s: float
    resident_bytes: int
    threads: int
    processes: int


@dataclass(frozen=True, slots=True)
class _Stat:
    parent: int
    user: int
    system: int
    threads: int
    pages: int


def sample(pid: int) -> Sample | None:
    """What a process and its descendants use; None if it is not there."""
    if not SUPPORTED:
        return None
    tree = _tree(pid)
    if not tree:
        return None
    tick = os.sysconf("SC_CLK_TCK")
    return Sample(
        user_s=sum(stat.user for stat in tree) / tick,
        system_s=sum(stat.system for stat in tree) / tick,
        resident_bytes=sum(stat.pages for stat in tree) * os.sysconf("SC_PAGE_SIZE"),
        threads=sum(stat.threads for stat in tree),
        processes=len(tree),
    )


def _tree(pid: int) -> list[_Stat]:
    """The process first; one that ends meanwhile is left out."""
    found: list[_Stat] = []
    waiting = [pid]
    parents: dict[int, list[int]] | None = None
    while waiting:
        one = waiting.pop()
        stat = _stat(one)
        if stat is None:
            continue
        found.append(stat)
        children = _children(one)
        if children is None:  # a kernel without that file: look at every process once
            parents = _by_parent() if parents is None else parents
            children = parents.get(one, [])
        waiting += children
    return found


def _children(pid: int) -> list[int] | None:
    found: list[int] = []
    try:
        for task in os.listdir(_PROC / str(pid) / "task"):  # noqa: PTH208 - names only, a hundred times as quick
            found += map(int, (_PROC / str(pid) / "task" / task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        return found if found or not (_PROC / str(pid)).exists() or _has_children_file() else None
    except OSError:
        return None
    return found


def _has_children_file() -> bool:
    return (_PROC / "self" / "task" / str(os.getpid()) / "children").exists()


def _by_parent() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for name in os.listdir(_PROC):  # noqa: PTH208
        if name.isdigit() and (stat := _stat(int(name))):
            found.setdefault(stat.parent, []).append(int(name))
    return found


def _stat(pid: int) -> _Stat | None:
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()  # from the third field on: a name may hold blanks
    user, system, waited_user, waited_system = map(int, fields[11:15])
    return _Stat(int(fields[1]), user + waited_user, system + waited_system, int(fields[17]), int(fields[21]))
