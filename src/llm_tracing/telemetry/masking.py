"""Secrets out of log lines: values under telling names, and what looks like a key or a password in any text.

`masked` also makes a value fit for JSON: finite numbers, text, lists and mappings, whatever was logged.
"""

import math
import re
from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"

MASK = "***"
MAX_DEPTH = 8
MAX_ITEMS = 1000

# The last words of a name whose value is secret: api_key, X-Api-Key, OPENAI_API_KEY, dbPassword.
_NAMES = (
    r"api[-_ ]?keys?|access[-_ ]?keys?|secret[-_ ]?keys?|private[-_ ]?keys?|passw(?:or)?d|passwd|pwd|passphrase"
    r"|secret|client[-_ ]?secret|credentials?|authorization|cookie"
    r"|(?:access|auth|bearer|refresh|id|session|csrf|api)[-_ ]?token"
)
_TELLING = re.compile(rf"(?:{_NAMES}|(?:^|[-_.])token)$", re.IGNORECASE)

_IN_TEXT: tuple[tuple[re.Pattern[str], str], ...] = (
    # OpenAI, Anthropic and others; LangSmith; GitHub; AWS; Google; Slack.
    (re.compile(r"\bsk-[A-Za-z0-9_-]{6,}"), f"sk-{MASK}"),
    (re.compile(r"\b(lsv2_(?:pt|sk)_|ls__|gh[pousr]_|github_pat_|xox[abpr]-|AKIA|AIza)[\w-]{8,}"), rf"\1{MASK}"),
    (re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE), rf"\1 {MASK}"),
    (re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), MASK),
    (re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"), MASK),
    # name=value, name: value, "name": "value"; a value that is masked already stays as it is.
    (
        re.compile(rf"((?:(?:{_NAMES})[\"']?\s*[=:]|\btoken=)\s*[\"']?)(?!(?:Bearer|Basic|sk-)\b)[^\s\"'&,;}})]+",
                   re.IGNORECASE),
        rf"\1{MASK}",
    ),
)  # fmt: skip


def masked_text(text: str) -> str:
    for pattern, replacement in _IN_TEXT:
        text = pattern.sub(replacement, text)
    return text


def is_secret_name(name: str) -> bool:
    return _TELLING.search(name) is not None


def masked(value: object, depth: int = 0) -> Json:
    """The value without secrets, as JSON can say it. Never raises."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return masked_text(value)
    if depth >= MAX_DEPTH:
        return masked_text(_as_text(value))
    if isinstance(value, Mapping):
        pairs = list(value.items())[:MAX_ITEMS]
        return {
            str(name): MASK if is_secret_name(str(name)) and item is not None else masked(item, depth + 1)
            for name, item in pairs
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [masked(item, depth + 1) for item in list(value)[:MAX_ITEMS]]
    return masked_text(_as_text(value))


def _as_text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # a value whose own __str__ fails must not cost the line
        return f"<{type(value).__name__}: {type(error).__name__}>"
