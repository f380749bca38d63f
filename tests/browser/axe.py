"""axe-core on a page: which rules of accessibility it breaks.

The script goes in through the debugger's own way to run code, which the page's Content-Security-Policy does not touch:
the page is looked at under the policy it is served with.
"""

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

_AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
SERIOUS = ("serious", "critical")


@cache
def _script() -> str:
    return _AXE.read_text(encoding="utf-8")


def violations(page: Page, *, impacts: tuple[str, ...] = SERIOUS) -> list[str]:
    """One line for each rule that is broken: its name, what it says, and the first elements that break it."""
    page.evaluate(_script())
    found: Any = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: "
        + " | ".join(f"{node['target']} {node['failureSummary']!r}" for node in one["nodes"][:4])
        for one in found["violations"]
        if one["impact"] in impacts
    ]
