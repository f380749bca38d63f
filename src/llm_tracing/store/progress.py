"""The last comparison of the approaches: one JSON file in the data folder, replaced as a whole."""

from pathlib import Path

from llm_tracing.store.small_files import read_file, replace_file

FILE_NAME = "progress.json"
MAX_BYTES = 4 * 1024 * 1024


def read_progress(folder: Path) -> bytes | None:
    """The file's bytes; None if there is none, or one that nothing of ours has written."""
    return read_file(folder / FILE_NAME, MAX_BYTES)


def write_progress(folder: Path, content: bytes) -> None:
    """A reader sees the old file or the new one, never a part. Raises FolderNotWritable."""
    replace_file(folder / FILE_NAME, content)
