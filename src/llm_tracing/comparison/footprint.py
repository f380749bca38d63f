"""Packages and their sizes: what a process had loaded beyond another one, and what an extra brings beyond the base."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

OURS = "llm-tracing"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w-]+)["']""")


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    size: int
    """Bytes of its files, as installed."""


def packages_of(files: Iterable[str]) -> dict[str, Package]:
    """The installed packages that the files belong to, by name; ours is left out."""
    owners = _owners()
    names = {owners[file] for file in files if file in owners}
    return {name: package for name in names if (package := installed(name)) is not None and name != OURS}


def required_by(names: Iterable[str]) -> set[str]:
    """These packages and all that they require."""
    return _closure(set(names))


def brought_by(extra: str | None) -> dict[str, Package]:
    """What the extra of ours brings that the base does not, its requirements' requirements included."""
    if extra is None:
        return {}
    base = _closure(_required(OURS, None))
    names = _closure(_required(OURS, extra)) - base - {OURS}
    return {name: package for name in names if (package := installed(name)) is not None}


@cache
def installed(name: str) -> Package | None:
    try:
        found = distribution(name)
    except PackageNotFoundError:
        return None
    return Package(name, found.version, sum(_size(path) for path in _paths(found)))


def _required(name: str, extra: str | None) -> set[str]:
    """Names that a package requires without an extra, or by one extra alone. Other markers are not looked at: what
    they rule out here is not installed, and so does not count."""
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        return set()
    wanted = set()
    for line in lines:
        required, _, marker = line.partition(";")
        by = _EXTRA.search(marker)
        if (by[1] if by else None) == extra and (match := _NAME.match(required.strip())):
            wanted.add(normal(match[0]))
    return wanted


def _closure(names: set[str]) -> set[str]:
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += _required(name, None)
    return seen


@cache
def _owners() -> Mapping[str, str]:
    """The Python files of every installed package -> its name."""
    return {
        path: normal(found.metadata["Name"])
        for found in distributions()
        if found.metadata["Name"]
        for path in _paths(found)
        if path.endswith((".py", ".so", ".pyd"))
    }


def _paths(found: Distribution) -> list[str]:
    root = str(found.locate_file(""))
    return [os.path.normpath(os.path.join(root, str(path))) for path in found.files or ()]  # noqa: PTH118 - many


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - thousands of them
    except OSError:
        return 0


def normal(name: str) -> str:
    """As package indexes compare names (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
