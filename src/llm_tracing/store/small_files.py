"""Small files beside the database, each replaced as a whole: what somebody set, not what arrived."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from llm_tracing.errors import FolderNotWritable, FolderReadOnly
from llm_tracing.store.failures import not_allowed


def read_file(path: Path, max_bytes: int) -> bytes | None:
    """The file's bytes; None if there is none, or one that nothing of ours has written."""
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError:
        return None
    return content if len(content) <= max_bytes else None


def replace_file(path: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, never a part. Raises FolderNotWritable."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=path.name, delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        temporary.replace(path)
    except OSError as error:
        raise _refusal(folder, error) from error


def remove_file(path: Path) -> None:
    """Raises FolderNotWritable."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _refusal(path.parent, error) from error


def _refusal(folder: Path, error: OSError) -> FolderNotWritable:
    kind = FolderReadOnly if not_allowed(error) and folder.is_dir() else FolderNotWritable
    return kind(folder, error.strerror or str(error))
