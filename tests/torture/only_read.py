"""Ways to have a folder that can only be read: a read-only mount where the tests run as root, permissions elsewhere."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.torture.small_disk import can_mount

# As root permissions bind nobody; a process without these capabilities is an ordinary owner of its files.
AS_AN_OWNER = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if can_mount() else ()


def permissions_bind() -> bool:
    """Whether a server that is started under AS_AN_OWNER can be kept from writing by permissions."""
    return not AS_AN_OWNER or shutil.which(AS_AN_OWNER[0]) is not None


@contextmanager
def mounted(folder: Path) -> Iterator[Callable[[bool], None]]:
    """A bind mount over a folder; the function given makes it read-only (True) or writable again.

    It is read-only for whoever names a path below it. Raises CalledProcessError where nothing can be mounted.
    """
    subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
    try:
        yield lambda read_only: _remount(folder, "ro" if read_only else "rw")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def _remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,bind,{how}", str(folder)], check=True)


@contextmanager
def permitted(folder: Path) -> Iterator[Callable[[bool], None]]:
    """The function given takes the right to make files away from the owner (True), or gives it back."""
    try:
        yield lambda read_only: folder.chmod(0o555 if read_only else 0o755)
    finally:
        folder.chmod(0o755)
