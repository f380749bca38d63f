"""The layout is the data flow: a stage imports only the stages before it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import llm_tracing

PACKAGE = Path(llm_tracing.__file__).parent
STAGES = ("access", "receive", "redaction", "normalize", "store", "query", "exchange", "lgtm", "api", "ui")
FOUNDATION = frozenset({"model", "errors", "config", "version", "client_key", "figures", "own_traces", "writable"})
# Put the stages together, so they may import any of them and none may import these.
COMPOSITION = frozenset(
    {"__init__", "ingest", "pricing", "keeping", "observing", "serving", "server", "comparison", "commands", "cli"}
)

ALLOWED: dict[str, frozenset[str]] = {
    **{name: frozenset() for name in FOUNDATION},
    **{stage: FOUNDATION | set(STAGES[: place + 1]) for place, stage in enumerate(STAGES)},
    "own_traces": frozenset({"own_traces", "errors", "version"}),
    # What the reference service and the server's lens share.
    "readonly": frozenset({"readonly"}),
    "api": FOUNDATION | set(STAGES[: STAGES.index("api") + 1]) | {"readonly"},
    "telemetry": frozenset({"telemetry", "version"}),
    "qa": frozenset({"qa", "readonly", "telemetry", "version"}),
    "diagnosis": frozenset({"diagnosis", "client_key"}),  # looks at a server from outside
    "observing": FOUNDATION | set(STAGES) | {"observing", "ingest", "keeping"},
    "serving": FOUNDATION | set(STAGES) | {"serving", "observing", "ingest", "keeping", "pricing"},
    # Reaches the server over HTTP only.
    "runner": frozenset({"runner", "telemetry", "errors", "version", "client_key", "__init__"}),
}


def _sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _area(source: Path) -> str:
    """`receive` for receive/http.py, `model` for model.py."""
    return source.relative_to(PACKAGE).with_suffix("").parts[0]


def _imported(source: Path) -> Iterator[str]:
    """The areas of this package that a module imports, wherever in the module it does."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}: imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            package, *rest = name.split(".")
            if package == PACKAGE.name and rest:
                yield rest[0]


@pytest.mark.parametrize("area", sorted(ALLOWED))
def test_an_area_imports_only_what_comes_before_it(area: str) -> None:
    sources = [source for source in _sources() if _area(source) == area]
    assert sources
    wrong = [(str(s.relative_to(PACKAGE)), name) for s in sources for name in _imported(s) if name not in ALLOWED[area]]
    assert wrong == []


def test_nothing_but_the_command_line_imports_what_a_command_does() -> None:
    sources = [source for source in _sources() if "commands" in _imported(source)]
    assert sources
    assert {_area(source) for source in sources} == {"cli", "commands"}


def test_every_module_belongs_to_an_area() -> None:
    assert {_area(source) for source in _sources()} == set(ALLOWED) | COMPOSITION
