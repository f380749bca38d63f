"""Lists that were flattened into attribute names: `llm.input_messages.0.message.role` back into a structure.

Indices are numbers and sort as such; they may start anywhere and have holes.
"""

from typing import Any

from llm_tracing.model import Attributes

Branch = dict[str, Any]
_MAX_STEPS = 16  # names of the conventions have up to eleven; the rest of a longer one stays one step


def branches(attributes: Attributes, roots: tuple[str, ...]) -> dict[str, Branch]:
    """For each root (`llm.input_messages`) what hangs below it, one dict a step; a root without any is left out.

    Values that are None or an empty text hold nothing and are left out. Where a name is both a value and a
    beginning of others, the value stands beside them under the empty name.
    """
    found: dict[str, Branch] = {}
    prefixes = tuple(root + "." for root in roots)
    for key, value in attributes.items():
        if value is None or value == "" or not key.startswith(prefixes):
            continue
        root = next(root for root in roots if key.startswith(root + "."))
        _hang(found.setdefault(root, {}), key[len(root) + 1 :].split(".", _MAX_STEPS), _own(value))
    return found


def _own(value: Any) -> Any:
    """A value that may be hung into: attributes themselves are never changed."""
    return {key: _own(item) for key, item in value.items()} if isinstance(value, dict) else value


def _hang(branch: Branch, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        below = branch.get(step)
        if not isinstance(below, dict):
            below = branch[step] = {} if below is None else {"": below}
        branch = below
    last = steps[-1]
    if isinstance(branch.get(last), dict):
        branch[last][""] = value
    else:
        branch[last] = value


def items(branch: Any) -> list[Branch]:
    """The numbered children of a branch that are branches themselves, by number."""
    if not isinstance(branch, dict):
        return []
    steps = [step for step, item in branch.items() if _is_index(step) and isinstance(item, dict)]
    return [branch[step] for step in sorted(steps, key=int)]


def _is_index(step: str) -> bool:
    return step.isascii() and step.isdecimal() and len(step) < 10


def below(branch: Any, *steps: str) -> Any:
    """What stands at the end of a path; None where the path ends early."""
    for step in steps:
        if not isinstance(branch, dict):
            return None
        branch = branch.get(step)
    return branch
