"""The programs under test, built once: real ones, from Go modules."""

from pathlib import Path

import pytest

from tests.deploy.collector import ROOT, built_with_go


@pytest.fixture(scope="session")
def collector_program() -> Path:
    """The project's slim collector. Cold, with empty caches, its build takes minutes."""
    built_with_go("deploy/collector/build.sh")
    return ROOT / ".build" / "otelcol-llm"
