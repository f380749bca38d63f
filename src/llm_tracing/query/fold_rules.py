"""The folding rules: data that says which infrastructure folds, read from fold_rules.yaml or from what somebody set.

What a rule can match and what no rule can change is said in fold_rules.yaml; fold.py holds to it.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from llm_tracing.errors import Unprocessable
from llm_tracing.model import GENAI_KINDS, SPAN_KINDS

MAX_RULES = 100
INFRASTRUCTURE_KINDS = tuple(sorted(SPAN_KINDS - GENAI_KINDS))
_FILE = Path(__file__).with_name("fold_rules.yaml")

Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Patterns = Annotated[list[Pattern], Field(max_length=50)]


class FoldRule(BaseModel):
    """One rule. An empty list matches every span; in names, services and scopes `*` stands for any characters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$", description="a short name, in lower case")
    label: str = Field(default="", max_length=200, description="what it is about, in words")
    enabled: bool = True
    folds: bool = Field(default=True, description="false keeps what it matches in the story")
    kinds: Patterns = Field(default=[], description="kinds of infrastructure: " + ", ".join(INFRASTRUCTURE_KINDS))
    names: Patterns = Field(default=[], description="names of spans")
    services: Patterns = []
    scopes: Patterns = Field(default=[], description="names of instrumentation scopes")
    steps: Patterns = Field(default=[], description="the kind of the nearest GenAI step above")
    genai_trace: bool = Field(default=False, description="only in traces with GenAI spans")
    checkout: bool = Field(default=False, description="counts as a connection taken from a pool")
    slow_ms: float | None = Field(default=None, gt=0, le=1e9, allow_inf_nan=False)
    slow_times: float | None = Field(default=None, gt=1, le=1e6, allow_inf_nan=False)
    slow_from_ms: float = Field(default=0, ge=0, le=1e9, allow_inf_nan=False)

    @model_validator(mode="after")
    def _known_kinds(self) -> "FoldRule":
        _check("kinds", self.kinds, INFRASTRUCTURE_KINDS)
        _check("steps", self.steps, GENAI_KINDS)
        return self

    def matches(self, kind: str, name: str, service: str, scope: str, step: str | None, genai_trace: bool) -> bool:
        """Whether it is about a span of `kind`, whose nearest GenAI step above is a `step`."""
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.steps or step in self.steps)
            and (genai_trace or not self.genai_trace)
            and _one_of(self.names, name)
            and _one_of(self.services, service)
            and _one_of(self.scopes, scope)
        )


class FoldRules(BaseModel):
    """The rules in their order: the first that matches a span decides; a span that none matches stays."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: list[FoldRule] = Field(max_length=MAX_RULES)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> "FoldRules":
        ids = [rule.id for rule in self.rules]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two rules are called {twice}")
        return self


def read_rules(value: Any) -> FoldRules:
    """Rules from what JSON or YAML holds. Raises Unprocessable, which names the place."""
    try:
        return FoldRules.model_validate(value)
    except ValidationError as error:
        raise _refused(error, value) from error


@cache
def default_rules() -> FoldRules:
    """Those of fold_rules.yaml."""
    return read_rules(yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def _refused(error: ValidationError, value: Any) -> Unprocessable:
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "rules"
    reason = first["msg"].removeprefix("Value error, ")
    return Unprocessable(f"{place}: {reason}.", "docs/folding.md has the form; nothing was changed.")


def _check(field: str, found: Sequence[str], known: Sequence[str] | frozenset[str]) -> None:
    strange = next((one for one in found if one not in known), None)
    if strange is not None:
        raise ValueError(f"{field}: {strange} is none of {', '.join(sorted(known))}")


def _one_of(patterns: Sequence[str], text: str) -> bool:
    return not patterns or any(_compiled(pattern).fullmatch(text) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (re.escape(part) for part in re.split(r"\*+", pattern))
    return re.compile(".*".join(parts), re.DOTALL)
