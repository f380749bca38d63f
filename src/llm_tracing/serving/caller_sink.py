"""Where what comes over gRPC goes: to the project of who calls. HTTP has an application for each project instead."""

from concurrent.futures import Future
from threading import Lock

from llm_tracing.access.grpc import PROJECT
from llm_tracing.errors import LlmTracingError, ReceiveError
from llm_tracing.receive.decode import UNAVAILABLE
from llm_tracing.receive.senders import Senders
from llm_tracing.receive.sink import Accepted, Received, ReceivedSignal
from llm_tracing.serving.projects import Projects
from llm_tracing.serving.stack import Stack


class CallerSink:
    """A receive.sink.Sink. Asked on the thread that answers a call, of which there are few, so a project that waits
    for its commits holds no more of them than its part.
    """

    def __init__(self, projects: Projects) -> None:
        self._projects = projects
        self._lock = Lock()
        self._waiting: dict[Stack, int] = {}

    @property
    def senders(self) -> Senders:
        """Those of the project; of one that cannot be used nobody counts what is refused."""
        try:
            return self._stack().ingest.senders
        except LlmTracingError:
            return Senders()

    def submit(self, signal: ReceivedSignal, request: Received, size: int, way: str = "") -> "Future[Accepted]":
        """See receive.sink.Sink; also raises OtherProject, and ReceiveError (503) when others wait their turn."""
        stack = self._stack()
        self._take(stack)
        try:
            future = stack.ingest.submit(signal, request, size, way)
        except BaseException:
            self._give_back(stack)
            raise
        future.add_done_callback(lambda _: self._give_back(stack))
        return future

    def _stack(self) -> Stack:
        return self._projects.stack(PROJECT.get())

    def _take(self, stack: Stack) -> None:
        with self._lock:
            waiting = self._waiting.get(stack, 0)
            if waiting >= stack.grpc_calls:
                raise ReceiveError(
                    503, UNAVAILABLE, f"{waiting} requests of this project wait already.", retry_after_s=1
                )
            self._waiting[stack] = waiting + 1

    def _give_back(self, stack: Stack) -> None:
        with self._lock:
            self._waiting[stack] -= 1
            if not self._waiting[stack]:
                del self._waiting[stack]
