"""The last comparison of the approaches: one JSON file in the data folder, replaced as a whole."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from llm_tracing.errors import FolderNotWritable

FILE_NAME = "progress.json"
MAX_BYTES = 4 * 1024 * 1024


def read_progress(folder: Path) -> bytes | None:
    """The file's bytes; None if there is none, or one that nothing of ours has written."""
    try:
        with (folder / FILE_NAME).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError:
        return None
    return content if len(content) <= MAX_BYTES else None


def write_progress(folder: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, never a part. Raises FolderNotWritable."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=folder, prefix=FILE_NAME, delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
        temporary.replace(folder / FILE_NAME)
    except OSError as error:
        raise FolderNotWritable(folder, error.strerror or str(error)) from error
