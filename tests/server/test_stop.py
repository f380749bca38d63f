"""Ctrl-C at the worst moment: just when the command looks whether it came."""

import subprocess
import sys

# Children of a process without threads, each of which gets SIGINT around the moment that its wait wakes up.
PROGRAM = """
import os, signal, time
from llm_tracing.commands.stop import Stop, LOOK_SECONDS as LOOK

def child(moment):
    pid = os.fork()
    if pid:
        return pid
    stop = Stop()
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    signal.setitimer(signal.ITIMER_REAL, LOOK - 0.0005 + moment * 0.00001)
    stop.wait()
    os._exit(0)

left = [child(moment) for moment in range(200)]
deadline = time.monotonic() + 20
while left and time.monotonic() < deadline:
    left = [pid for pid in left if os.waitpid(pid, os.WNOHANG) == (0, 0)]
    time.sleep(0.05)
for pid in left:
    os.kill(pid, signal.SIGKILL)
print(len(left))
"""


def test_a_signal_ends_the_wait_at_whatever_moment_it_comes() -> None:
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert ended.stdout == "0\n", ended.stderr
