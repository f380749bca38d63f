"""Ways to have no room: a small tmpfs where the tests run as root, a limit on the size of a file anywhere."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

MIB = 1024 * 1024


def can_mount() -> bool:
    return os.geteuid() == 0


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[Callable[[int], None]]:
    """A disk of so many MiB at `folder`; the function given resizes it. Raises CalledProcessError where none can be."""
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", str(folder)], check=True)
    try:
        yield lambda more: _resize(folder, more)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _resize(folder: Path, mib: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={mib}m", str(folder)], check=True)


def limit_files(pid: int, mib: int | None) -> None:
    """No file of this process may grow beyond so many MiB; None lifts the limit."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard if mib is None else mib * MIB, hard))
