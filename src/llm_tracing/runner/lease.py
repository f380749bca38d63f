"""How several runs share a server that one of them started: by a lock on a file for each port.

Each run holds the lock with others, for as long as it lives. The server that was started waits until it can have the
lock alone: then nobody needs it any more, however the runs ended, and it stops. It holds a lock of its own until it is
gone, for which the last run waits.
"""

import fcntl
import os
import tempfile
import time
from pathlib import Path

# Runs in the server's process, before its own code: argv is [path, grace in seconds, the server's arguments...].
WATCH = """
import fcntl, os, signal, sys, threading, time
def watch(path, grace):
    fcntl.flock(alive, fcntl.LOCK_EX)  # waits if two runs began at once: the server that finds its port taken lets go
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
path = sys.argv[1]
alive = os.open(path + ".server", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
threading.Thread(target=watch, args=(sys.argv.pop(1), float(sys.argv.pop(1))), daemon=True).start()
"""


GRACE_S = 0.5
"""How long the server stays after the last run: what a process of its command still sends then arrives."""

_STOP_S = 15.0
_LOOK_S = 0.05


class Lease:
    """Held from its making to `release`. Making one waits while a server of the same port is stopping."""

    def __init__(self, port: int) -> None:
        name = f"llm-tracing-{os.getuid()}-{port or f'of-{os.getpid()}'}.lock"
        self.path = Path(tempfile.gettempdir()) / name
        self._own = not port  # a port that is chosen anew is nobody else's
        self._file = _open(self.path)
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def release(self) -> None:
        """Give it back. The last run waits until a server that was started for runs is gone, and its folder free."""
        shared = _is_shared(self._file)
        os.close(self._file)
        if not shared:
            self._wait_for_server()
        if self._own:
            for path in (self.path, self._server):
                path.unlink(missing_ok=True)

    @property
    def _server(self) -> Path:
        return self.path.with_name(f"{self.path.name}.server")

    def _wait_for_server(self) -> None:
        if not self._server.exists():
            return
        server, again = _open(self._server), _open(self.path)
        began = time.monotonic()
        try:
            while not _locked(server, fcntl.LOCK_SH) and time.monotonic() < began + _STOP_S:
                if _is_shared(again):
                    return  # another run came meanwhile
                fcntl.flock(again, fcntl.LOCK_UN)
                time.sleep(_LOOK_S)
        finally:
            os.close(server)
            os.close(again)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _is_shared(file: int) -> bool:
    """Whether other runs hold the lock. The server that waits for it is no run, and may have it for a moment."""
    for _ in range(2):
        if _locked(file, fcntl.LOCK_EX):
            return False
        time.sleep(_LOOK_S)
    return _locked(file, fcntl.LOCK_SH)


def _locked(file: int, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
