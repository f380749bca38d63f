"""How several runs share a server that one of them started: by a lock on a file for each port.

Each run holds the lock with others, for as long as it lives. The server that was started waits until it can have the
lock alone: then nobody needs it any more, however the runs ended, and it stops.
"""

import fcntl
import os
import tempfile
from pathlib import Path

# Runs in the server's process, before its own code: argv is [path, grace in seconds, the server's arguments...].
WATCH = """
import fcntl, os, signal, sys, threading, time
def watch(path, grace):
    while True:
        file = os.open(path, os.O_RDWR)
        fcntl.flock(file, fcntl.LOCK_EX)
        fcntl.flock(file, fcntl.LOCK_UN)
        time.sleep(grace)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            continue
        os.kill(os.getpid(), signal.SIGTERM)
        return
threading.Thread(target=watch, args=(sys.argv.pop(1), float(sys.argv.pop(1))), daemon=True).start()
"""


class Lease:
    """Held from its making to `release`. Making one waits while a server of the same port is stopping."""

    def __init__(self, port: int) -> None:
        name = f"llm-tracing-{os.getuid()}-{port or f'of-{os.getpid()}'}.lock"
        self.path = Path(tempfile.gettempdir()) / name
        self._own = not port  # a port that is chosen anew is nobody else's
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def release(self) -> bool:
        """True if no other run uses the server."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except OSError:
            alone = False
        os.close(self._file)
        return alone

    def forget(self) -> None:
        """Remove the file, once the server is gone."""
        if self._own:
            self.path.unlink(missing_ok=True)
