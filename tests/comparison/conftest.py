"""One comparison of all approaches for the whole session: it takes about a minute."""

from pathlib import Path

import pytest

from llm_tracing.api.schema_progress import Progress
from tests.comparison.command import run_compare


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(tmp_path_factory.mktemp("compared"))


@pytest.fixture(scope="session")
def progress(data: Path) -> Progress:
    """What `compare --json` printed; it is in the data folder too."""
    ended = run_compare("list the most popular albums", "--json", "--rounds", "2", "--requests", "2", data=data)
    assert ended.returncode == 0, ended.stderr
    return Progress.model_validate_json(ended.stdout)
