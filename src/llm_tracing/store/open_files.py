"""Which data files this process has open: the lock that DuckDB takes on a file keeps out other processes only."""

from pathlib import Path
from threading import Lock

from llm_tracing.errors import FolderInUse

_paths: set[Path] = set()
_lock = Lock()


def take(path: Path) -> None:
    """Raises FolderInUse."""
    with _lock:
        if path.resolve() in _paths:
            raise FolderInUse(path.parent)
        _paths.add(path.resolve())


def let_go(path: Path) -> None:
    with _lock:
        _paths.discard(path.resolve())
