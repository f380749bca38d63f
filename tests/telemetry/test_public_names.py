import ast
from pathlib import Path

import pytest

import llm_tracing
from tests.telemetry.program import run_program

TELEMETRY = Path(llm_tracing.__file__).parent / "telemetry"


def test_the_public_names_are_few_and_all_load() -> None:
    assert sorted(llm_tracing.__all__) == ["__version__", "configure"]
    assert callable(llm_tracing.configure)
    assert llm_tracing.__version__[0].isdigit()
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        llm_tracing.missing  # noqa: B018


def test_importing_the_package_loads_nothing_else() -> None:
    program = """
    import sys
    before = set(sys.modules)
    import llm_tracing
    print(sorted(set(sys.modules) - before - {"typing", "llm_tracing"}))
    """
    loaded = run_program(program, "").stdout
    assert "opentelemetry" not in loaded
    assert "llm_tracing" not in loaded


def test_the_app_side_imports_nothing_of_the_server() -> None:
    imported = {
        name
        for path in TELEMETRY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom | ast.Import)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
        if name.startswith("llm_tracing")
    }
    assert imported
    assert all(name.startswith("llm_tracing.telemetry") for name in imported)
