"""Rules of redaction: what is looked for in texts, and in which services.

Matching is RE2's, whose time grows with the text alone: prompts are hostile input, and an own pattern may be unlucky.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from llm_tracing.errors import ConfigError

_HINT = "See docs/redaction.md for the form of the file."


class Match(NamedTuple):
    """Where a rule found something: `text[start:end]` goes, `[rule]` comes."""

    rule: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing to look for; `confirms` says of a match whether it is one."""

    name: str
    regex: Any  # re2's compiled pattern
    confirms: Callable[[str], bool] | None = None

    def find(self, text: str) -> Iterable[Match]:
        for found in self.regex.finditer(text):
            if found.end() > found.start() and (self.confirms is None or self.confirms(found.group())):
                yield Match(self.name, found.start(), found.end())


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Patterns and attributes of which the whole value goes, for services that fit one of the names (`*` any)."""

    patterns: tuple[Pattern, ...]
    attributes: tuple[str, ...] = ()
    services: tuple[str, ...] = ("*",)

    def concerns(self, service: str) -> bool:
        return any(fnmatchcase(service, name) for name in self.services)


@dataclass(frozen=True, slots=True)
class Rules:
    """What is done to the texts of one service."""

    patterns: tuple[Pattern, ...] = ()
    attributes: tuple[str, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.patterns or self.attributes)

    def matches(self, text: str) -> list[Match]:
        """What goes, in order, without overlaps: what starts first wins, of two the longer."""
        found = sorted(
            (match for pattern in self.patterns for match in pattern.find(text)),
            key=lambda match: (match.start, -match.end),
        )
        kept: list[Match] = []
        for match in found:
            if not kept or match.start >= kept[-1].end:
                kept.append(match)
        return kept

    def takes_whole(self, attribute: str) -> bool:
        return any(fnmatchcase(attribute, name) for name in self.attributes)


def rules_for(sets: Iterable[RuleSet], service: str) -> Rules:
    """All sets that concern a service, together."""
    concerned = [one for one in sets if one.concerns(service)]
    return Rules(
        tuple(pattern for one in concerned for pattern in one.patterns),
        tuple(name for one in concerned for name in one.attributes),
    )


def read_rules(setting: str) -> tuple[RuleSet, ...]:
    """Rules out of the setting: names of built-in ones, comma-separated, or a YAML file. Raises ConfigError."""
    path = Path(setting)
    if path.suffix in (".yaml", ".yml") or path.is_file():
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The rules of redaction in {path} can't be read ({error}).", _HINT) from error
        return parse_rules(text, str(path))
    return read_built_in(setting.split(","))


def read_built_in(names: Iterable[str]) -> tuple[RuleSet, ...]:
    """Built-in rules by name, for every service. Raises ConfigError for an unknown one, and for none at all."""
    patterns = _built_in(name.strip() for name in names if name.strip())
    if not patterns:
        raise ConfigError("No rule of redaction is named.", "For example email,card,key, or a YAML file of rules.")
    return (RuleSet(patterns),)


def parse_rules(text: str, source: str = "The rules") -> tuple[RuleSet, ...]:
    """Rules out of YAML: one set or a list of sets. Raises ConfigError that says which line of thought is wrong."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{source}: not YAML ({' '.join(str(error).split())[:200]}).", _HINT) from error
    sets = found if isinstance(found, list) else [found]
    if not sets:
        raise ConfigError(f"{source}: no rules.", _HINT)
    return tuple(_rule_set(one, f"{source}, set {place}") for place, one in enumerate(sets, 1))


def _rule_set(sent: Any, source: str) -> RuleSet:
    if not isinstance(sent, dict):
        raise ConfigError(f"{source}: a set is a mapping of services, builtin, attributes and patterns.", _HINT)
    unknown = set(sent) - {"services", "builtin", "attributes", "patterns"}
    if unknown:
        raise ConfigError(f"{source}: {sorted(map(str, unknown))[0]} is not known.", _HINT)
    patterns = (*_built_in(_names(sent, "builtin", source)), *_own(sent.get("patterns"), source))
    attributes = tuple(_names(sent, "attributes", source))
    if not patterns and not attributes:
        raise ConfigError(f"{source}: takes nothing out.", _HINT)
    return RuleSet(patterns, attributes, tuple(_names(sent, "services", source)) or ("*",))


def _names(sent: dict[str, Any], key: str, source: str) -> list[str]:
    names = sent.get(key) or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ConfigError(f"{source}: {key} is a list of names.", _HINT)
    return names


def _own(sent: Any, source: str) -> Iterable[Pattern]:
    if sent is not None and not isinstance(sent, list):
        raise ConfigError(f"{source}: patterns is a list of name and match.", _HINT)
    for one in sent or ():
        if (
            not isinstance(one, dict)
            or set(one) != {"name", "match"}
            or not all(isinstance(v, str) for v in one.values())
        ):
            raise ConfigError(f"{source}: a pattern has a name and a match.", _HINT)
        yield Pattern(one["name"], compiled(one["match"], f"{source}, {one['name']}"))


def compiled(expression: str, source: str) -> Any:
    """RE2's pattern. Raises ConfigError for one that is none, and where RE2 is not installed."""
    try:
        import re2
    except ImportError as error:
        raise ConfigError("Redaction needs RE2.", "pip install 'llm-tracing[redaction]'") from error
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise ConfigError(
            f"{source}: {expression} is no regular expression of RE2 ({reason}).",
            "RE2 has no lookaround and no back-references.",
        ) from error


def _built_in(names: Iterable[str]) -> tuple[Pattern, ...]:
    from llm_tracing.redaction.built_in import BUILT_IN

    patterns: list[Pattern] = []
    for name in names:
        if name not in BUILT_IN:
            raise ConfigError(f"No rule of redaction is called {name}.", f"Known: {', '.join(BUILT_IN)}.")
        expression, confirms = BUILT_IN[name]
        patterns.append(Pattern(name, compiled(expression, name), confirms))
    return tuple(patterns)
