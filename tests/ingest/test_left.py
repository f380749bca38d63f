"""Commands that use a folder without a server see what a killed server answered."""

from pathlib import Path

from llm_tracing.commands.backing_up import back_up
from llm_tracing.commands.erasing import erase_stored
from llm_tracing.config import ServerSettings
from llm_tracing.ingest.left import open_whole
from llm_tracing.receive.as_bytes import to_bytes
from llm_tracing.receive.sink import GRPC
from llm_tracing.store.contract import Page
from llm_tracing.store.duck import DuckDBStore
from llm_tracing.store.journal import FILE_NAME, Journal, Written
from tests.builders import span, trace_hex, trace_request


def _killed(folder: Path, *names: str) -> ServerSettings:
    """A folder as a server leaves it that was killed after it answered a trace of each name."""
    DuckDBStore(folder).close()
    requests = [trace_request(span(name, 1, trace=trace_hex(n))) for n, name in enumerate(names, 1)]
    journal = Journal(folder)
    journal.add([Written("traces", GRPC, to_bytes(request)) for request in requests])
    journal.close()
    return ServerSettings(data=folder)


def _names(settings: ServerSettings) -> set[str]:
    store = open_whole(settings)
    try:
        return {row.name for row in store.traces(Page())}
    finally:
        store.close()


def test_the_store_is_opened_with_all_that_was_answered(tmp_path: Path) -> None:
    settings = _killed(tmp_path, "one", "two")
    assert _names(settings) == {"one", "two"}
    assert not (tmp_path / FILE_NAME).exists()


def test_a_trace_that_was_only_answered_is_erased(tmp_path: Path) -> None:
    settings = _killed(tmp_path, "one", "two")
    gone = erase_stored(settings, "trace", trace_hex(1), keys=tmp_path, project="default")
    assert gone["traces"] == 1
    assert _names(settings) == {"two"}


def test_a_backup_has_what_was_only_answered(tmp_path: Path) -> None:
    settings = _killed(tmp_path / "data", "one")
    back_up(settings, tmp_path / "copy")
    assert _names(ServerSettings(data=tmp_path / "copy")) == {"one"}
