"""The command's process: its terminal, its output, the signals that are passed on, its end.

The command stays in our process group and keeps our stdin, so the terminal's own signals (Ctrl-C, Ctrl-Z), job control
and prompts work as without us. Only its stdout and stderr go through us: a pseudo-terminal where ours is a terminal, a
pipe elsewhere.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from resource import struct_rusage
from time import monotonic

from llm_tracing.runner.streams import Stream, Taken, copy_size, pass_on, terminal, together

_FORWARDED = frozenset(
    {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH}
)
_WATCHED = _FORWARDED | {signal.SIGCHLD}
_FROM_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT, signal.SIGHUP})


class CannotRun(Exception):
    """A command that cannot be started; `code` is what a shell would exit with."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: by an exit code, or by a signal."""

    code: int
    signal_name: str | None
    used: struct_rusage


def check(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Raise CannotRun for what is not there (127) or cannot be executed (126), before anything is started for it."""
    program = command[0]
    if "/" not in program:
        if shutil.which(program, path=environ.get("PATH")) is None:
            raise CannotRun(127, f"{program}: command not found")
        return
    if not os.path.exists(program):  # noqa: PTH110 - `a/` must stay `a/`
        raise CannotRun(127, f"{program}: no such file")
    if os.path.isdir(program):  # noqa: PTH112
        raise CannotRun(126, f"{program}: is a directory")
    if not os.access(program, os.X_OK):
        raise CannotRun(126, f"{program}: not executable (chmod +x, or name its interpreter: python {program})")


class Child:
    """A running command. Make it while no other thread runs; then call `read` and `wait`, from the main thread."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str], *, through: bool = True) -> None:
        self._streams: list[Stream] = []
        given: list[int] = []
        if through:
            for name, own in (("stdout", 1), ("stderr", 2)):
                ours, theirs = terminal(own) if os.isatty(own) else os.pipe()
                self._streams.append(Stream(name, ours, own))
                given.append(theirs)
        # From here on signals wait for `wait`; the command itself must not inherit that.
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
        try:
            self._process = _spawn(command, environ, given, self._mask)
        except OSError as error:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
            missing = isinstance(error, FileNotFoundError)
            raise CannotRun(127 if missing else 126, f"{command[0]}: {error.strerror or error}") from error
        finally:
            for end in given:
                os.close(end)
        self._readers: list[threading.Thread] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self, taken: Taken) -> None:
        """Pass its output on from now, each piece as it comes, and hand it to `taken` after that."""
        for streams in together(self._streams):
            reader = threading.Thread(target=pass_on, args=(streams, taken), name="output", daemon=True)
            reader.start()
            self._readers.append(reader)

    def wait(self) -> Ended:
        """Wait for its end, and pass signals on meanwhile."""
        while True:
            number, from_kernel = _next_signal()
            if number is signal.SIGCHLD:
                ended = self._reap()
                if ended:
                    return ended
                continue
            if number is signal.SIGWINCH:
                self._resize()
            if not (from_kernel and number in _FROM_TERMINAL):  # those reached it with the whole process group
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.pid, number)

    def drain(self, timeout_s: float) -> None:
        """Read on to the end of its output, which processes it left behind may hold open, for `timeout_s` at most."""
        deadline = monotonic() + timeout_s
        for reader in self._readers:
            reader.join(max(0.0, deadline - monotonic()))

    def release_signals(self, code: int) -> None:
        """The command is gone: from now on SIGINT and SIGTERM end us, at once, with its exit code."""
        for number in _FORWARDED:
            ends = number in (signal.SIGINT, signal.SIGTERM)
            signal.signal(number, (lambda *_: os._exit(code)) if ends else signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _reap(self) -> Ended | None:
        # The first process of a container also takes the ends of those that nobody else waits for.
        whose = -1 if os.getpid() == 1 else self.pid
        while True:
            try:
                pid, status, used = os.wait4(whose, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == self.pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
                if os.WIFSIGNALED(status):
                    number = os.WTERMSIG(status)
                    return Ended(128 + number, _signal_name(number), used)
                return Ended(os.WEXITSTATUS(status), None, used)
            if pid == 0:
                return None

    def _resize(self) -> None:
        for stream in self._streams:
            if os.isatty(stream.own):
                copy_size(stream.own, stream.source)


def _spawn(
    command: Sequence[str], environ: Mapping[str, str], given: list[int], mask: "set[int | signal.Signals]"
) -> "subprocess.Popen[bytes]":
    streams = {"stdout": given[0], "stderr": given[1]} if given else {}
    unblock = lambda: signal.pthread_sigmask(signal.SIG_SETMASK, mask)  # noqa: E731
    try:
        return subprocess.Popen(list(command), env=dict(environ), preexec_fn=unblock, **streams)  # type: ignore[call-overload,no-any-return]  # noqa: S603
    except OSError as error:
        if error.errno != 8:  # ENOEXEC: a script without a first line that names its shell, as execvp(3) takes it
            raise
        path = shutil.which(command[0], path=environ.get("PATH")) or command[0]
        shell = ["/bin/sh", path, *command[1:]]
        return subprocess.Popen(shell, env=dict(environ), preexec_fn=unblock, **streams)  # type: ignore[call-overload,no-any-return]  # noqa: S603


def _next_signal() -> tuple[signal.Signals, bool]:
    """The next signal, and whether the kernel sent it for the terminal to our whole process group."""
    if hasattr(signal, "sigwaitinfo"):
        info = signal.sigwaitinfo(_WATCHED)
        return signal.Signals(info.si_signo), info.si_code > 0
    number = signal.Signals(signal.sigwait(_WATCHED))  # a system that does not say: in the foreground it was a key
    return number, _in_foreground()


def _in_foreground() -> bool:
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
