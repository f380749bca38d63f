"""Whether files can be written where they lie: asked before a write, so that a refusal is clear and costs nothing."""

import errno
import os
from pathlib import Path


def why_only_read(path: Path) -> str | None:
    """Why a file, or a new one in its place, can't be written now; None if it can.

    Two looks at an inode at most. A network file system may say yes and refuse the write all the same.
    """
    if os.access(path.parent, os.W_OK | os.X_OK) and (os.access(path, os.W_OK) or not path.exists()):
        return None
    if not path.parent.exists():
        return os.strerror(errno.ENOENT)
    return os.strerror(errno.EROFS if os.statvfs(path.parent).f_flag & os.ST_RDONLY else errno.EACCES)
