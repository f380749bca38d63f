"""LangSmith's filter language: `and(eq(run_type, "llm"), gt(latency, 2), has(tags, "beta"))` to a tree, and whether it
holds for a run.

Source: LangSmith documentation, "Trace query syntax". A comparison with several values (tags, keys of metadata, scores
of feedback) holds if it does for one of them; inside one `and`, a key and a value of metadata, feedback, input or
output must be of the same entry.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_tracing.api.langsmith_fields import FIELDS, PAIRS, RunFields, as_words, comparable
from llm_tracing.errors import Unprocessable

MAX_LENGTH = 20_000
MAX_NESTING = 50


@dataclass(frozen=True, slots=True)
class Name:
    """A field, where a value could stand."""

    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments: calls, fields, or values (text, number, boolean, None, a list of them)."""

    function: str
    arguments: tuple[Any, ...]


_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
    r"""|(?P<name>[A-Za-z_][\w.]*)|(?P<mark>[(),\[\]]))""",
    re.DOTALL,
)
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "none": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def parse(text: str) -> Call:
    """The tree of a filter. Raises Unprocessable, with the place."""
    if len(text) > MAX_LENGTH:
        raise Unprocessable(f"The filter has {len(text):,} characters.", f"At most {MAX_LENGTH:,} are taken.")
    reader = _Reader(text)
    found = reader.value(0)
    if not isinstance(found, Call):
        raise reader.wrong('A filter is a function, such as eq(run_type, "llm")')
    if not reader.at_end():
        raise reader.wrong("The filter goes on after its end")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text.rstrip()
        self._at = 0

    def at_end(self) -> bool:
        return self._at >= len(self._text)

    def wrong(self, what: str) -> Unprocessable:
        return Unprocessable(f"{what} (position {self._at} of the filter: {self._text[self._at : self._at + 40]!r}).")

    def value(self, depth: int) -> Any:
        if depth > MAX_NESTING:
            raise self.wrong(f"The filter nests deeper than {MAX_NESTING}")
        token = self._next()
        if token["text"] is not None:
            return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), token["text"][1:-1], flags=re.DOTALL)
        if token["number"] is not None:
            return float(token["number"]) if re.search(r"[.eE]", token["number"]) else int(token["number"][:300])
        if token["mark"] == "[":
            return list(self._list("]", depth))
        if token["name"] is None:
            raise self.wrong("A value was expected")
        name = token["name"]
        if self._skip("("):
            return self._call(name, tuple(self._list(")", depth)))
        return _CONSTANTS[name.lower()] if name.lower() in _CONSTANTS else Name(name)

    def _call(self, name: str, arguments: tuple[Any, ...]) -> Call:
        check = FUNCTIONS.get(name)
        if check is None:
            raise Unprocessable(f"No function is called {name}.", f"Known: {', '.join(FUNCTIONS)}.")
        problem = check(arguments)
        if problem:
            raise Unprocessable(f"{name}: {problem}.")
        return Call(name, arguments)

    def _list(self, closing: str, depth: int) -> Sequence[Any]:
        found: list[Any] = []
        if self._skip(closing):
            return found
        while True:
            found.append(self.value(depth + 1))
            if self._skip(closing):
                return found
            if not self._skip(","):
                raise self.wrong("The filter ends too early" if self.at_end() else f"A comma or {closing} was expected")

    def _next(self) -> Mapping[str, str | None]:
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise self.wrong("The filter ends too early" if self.at_end() else "This cannot be read")
        self._at = found.end()
        return found.groupdict()

    def _skip(self, mark: str) -> bool:
        found = re.compile(r"\s*" + re.escape(mark)).match(self._text, self._at)
        if found:
            self._at = found.end()
        return found is not None


def _known(argument: Any) -> str | None:
    if not isinstance(argument, Name):
        return "the first argument must be a field"
    return (
        None if argument.name in FIELDS else f"no field is called {argument.name}; known: {', '.join(sorted(FIELDS))}"
    )


def _comparison(arguments: tuple[Any, ...]) -> str | None:
    if len(arguments) != 2:
        return "it takes a field and a value"
    return _known(arguments[0]) or ("the second argument must be a value" if _is_tree(arguments[1]) else None)


def _membership(arguments: tuple[Any, ...]) -> str | None:
    problem = _comparison(arguments)
    return problem or (None if isinstance(arguments[1], list) else "the second argument must be a list")


def _text_search(arguments: tuple[Any, ...]) -> str | None:
    if len(arguments) == 1:
        return None if isinstance(arguments[0], str) else "it takes a text"
    return _comparison(arguments) or (None if isinstance(arguments[1], str) else "the second argument must be a text")


def _combination(arguments: tuple[Any, ...]) -> str | None:
    if arguments and all(isinstance(argument, Call) for argument in arguments):
        return None
    return 'it takes functions such as eq(name, "x")'


def _one(arguments: tuple[Any, ...]) -> str | None:
    return "it takes one function" if len(arguments) != 1 else _combination(arguments)


def _is_tree(value: Any) -> bool:
    return isinstance(value, Name | Call) or (isinstance(value, list) and any(map(_is_tree, value)))


# function -> what is wrong with its arguments, or None.
FUNCTIONS: dict[str, Callable[[tuple[Any, ...]], str | None]] = {
    "and": _combination, "or": _combination, "not": _one,
    "eq": _comparison, "neq": _comparison, "gt": _comparison, "gte": _comparison, "lt": _comparison,
    "lte": _comparison, "has": _comparison, "in": _membership, "search": _text_search,
}  # fmt: skip

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gt": lambda a, b: bool(a > b),
    "gte": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "lte": lambda a, b: bool(a <= b),
}


def holds(tree: Call, run: RunFields, keys: Mapping[str, frozenset[Any]] | None = None) -> bool:
    """Whether a run meets a filter. `keys` are those that the `and` around it asks for, by their field."""
    function, arguments = tree.function, tree.arguments
    if function == "and":
        asked = {**(keys or {}), **_asked_keys(arguments)}
        return all(holds(argument, run, asked) for argument in arguments)
    if function == "or":
        return any(holds(argument, run, keys) for argument in arguments)
    if function == "not":
        return not holds(arguments[0], run, keys)
    if function == "search":
        fields = (arguments[0].name,) if len(arguments) == 2 else ("name", "error", "inputs", "outputs")
        return any(run.mentions(field, arguments[-1]) for field in fields)
    field, wanted = arguments[0].name, arguments[1]
    if function == "has":
        return run.has(field, wanted)
    values = run.values(field, keys or {})
    if function == "in":
        return any(_equal(field, values, one) for one in wanted)
    if function in ("eq", "neq"):
        return _equal(field, values, wanted) == (function == "eq")
    return any(_ordered(function, field, value, wanted) for value in values)


def _asked_keys(arguments: Sequence[Call]) -> dict[str, frozenset[Any]]:
    """`eq(metadata_key, "k")` beside `eq(metadata_value, ...)`: the values must be those of that key."""
    found: dict[str, frozenset[Any]] = {}
    for call in arguments:
        if call.function in ("eq", "in") and call.arguments[0].name in PAIRS.values():
            wanted = call.arguments[1] if call.function == "in" else [call.arguments[1]]
            found[call.arguments[0].name] = frozenset(one for one in wanted if isinstance(one, str))
    return found


def _equal(field: str, values: Sequence[Any], wanted: Any) -> bool:
    """Null stands for no value; a boolean is no number; values of pairs are compared as text, `3` like `"3"`."""
    if wanted is None:
        return not values
    as_is = as_words if field in PAIRS and field != "feedback_score" else comparable
    wanted = as_is(field, wanted)
    return any(
        one == wanted and isinstance(one, bool) == isinstance(wanted, bool) for one in (as_is(field, v) for v in values)
    )


def _ordered(function: str, field: str, value: Any, wanted: Any) -> bool:
    value, wanted = comparable(field, value), comparable(field, wanted)
    try:
        return value is not None and wanted is not None and _ORDER[function](value, wanted)
    except TypeError:  # a number against a text
        return False
