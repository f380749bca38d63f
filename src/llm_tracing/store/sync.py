"""Files and folders onto the disk itself: what a rename promises holds after a power cut only with these."""

import os
from pathlib import Path


def sync_file(path: Path) -> None:
    _sync(path, os.O_RDWR)


def sync_folder(path: Path) -> None:
    _sync(path, os.O_RDONLY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
