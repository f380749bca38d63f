"""Everything that a comparison needs, started for it alone, and what the server then shows of each service."""

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel

from llm_tracing.api import schema
from llm_tracing.comparison.captured import Captured, Exchange, Measured, Seen
from llm_tracing.comparison.model_endpoint import FAILING_QUESTION, ModelEndpoint
from llm_tracing.comparison.service import ObservedService, service_environment
from llm_tracing.comparison.traffic import Traffic
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, LlmTracingError
from llm_tracing.qa.dataset import chinook_file
from llm_tracing.qa.local_server import serving
from llm_tracing.server import Server
from llm_tracing.telemetry.approaches import Approach

# The offline model is free; with a price, in USD per million tokens, it shows whether a cost can be told.
PRICES = "models: [{model: offline-sql, input: 1, output: 2}]"
WARM_UP = "How many employees are there?"
AT_ONCE = 2  # services that start at the same time
_ROUND_S = 0.8  # a round takes at least this, so that what it caused is sent within it

Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(slots=True)
class Story:
    """One approach while it runs: the three questions, then the measured ones."""

    approach: Approach
    service: ObservedService
    traffic: Traffic
    exchanges: tuple[Exchange, ...] = ()
    measured: Measured | None = None
    problem: str | None = None
    loaded: frozenset[str] = frozenset()

    @property
    def service_name(self) -> str:
        return name_of(self.approach)


def name_of(approach: Approach) -> str:
    return f"compare-{approach.name}"


def capture(
    approaches: Sequence[Approach],
    question: str,
    rounds: int,
    requests: int,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Captured | str]:
    """What was captured of each approach by its name, or why it did not run."""
    with _place() as (server, endpoint, start):
        tell(f"Starting the service under {len(approaches)} approaches")
        with ThreadPoolExecutor(AT_ONCE) as pool:
            stories = list(pool.map(start, approaches))
        try:
            for story in stories:
                tell(f"Asking under {story.approach.name}")
                _tell_story(story, endpoint, question)
            tell(f"Measuring {rounds} rounds of {requests} questions")
            _measure([story for story in stories if not story.problem], question, rounds, requests)
        finally:
            tell("Stopping the services")
            with ThreadPoolExecutor(AT_ONCE * 2) as pool:
                for story, loaded in zip(stories, pool.map(lambda one: one.service.stop(), stories), strict=True):
                    story.loaded = loaded
        reader = _Reader(server)
        return {story.approach.name: story.problem or reader.captured(story) for story in stories}


@contextmanager
def _place() -> Iterator[tuple[str, ModelEndpoint, Callable[[Approach], Story]]]:
    """The server's address, the model, and what starts a service."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="llm-tracing-compare-")))
        chinook_file(folder / "qa")
        (folder / "prices.yaml").write_text(PRICES, encoding="utf-8")
        server = Server(
            ServerSettings(
                host="127.0.0.1",
                port=0,
                grpc_port=0,
                data=folder / "server",
                prices=folder / "prices.yaml",
                mappings=None,
            )
        )
        address = server.start().http
        stack.callback(server.stop)
        endpoint = ModelEndpoint()
        model = stack.enter_context(serving(endpoint))
        entered: list[ObservedService] = []
        stack.callback(lambda: [service.stop() for service in entered])

        def start(approach: Approach) -> Story:
            traffic = Traffic(address)
            proxy = stack.enter_context(serving(traffic))
            environment = service_environment(name_of(approach), proxy, model, folder / "qa")
            service = ObservedService(approach.name, environment, folder / f"modules-{approach.name}")
            entered.append(service)
            story = Story(approach, service, traffic)
            try:
                service.wait_ready()
            except ConfigError as error:
                story.problem = error.message
            return story

        yield address, endpoint, start


def _tell_story(story: Story, endpoint: ModelEndpoint, question: str) -> None:
    """The question; one that fails; the first again, with the model refusing once."""
    if story.problem:
        return
    try:
        story.service.ask(WARM_UP)
        exchanges = []
        for asked, refused in ((question, False), (FAILING_QUESTION, False), (question, True)):
            endpoint.refuse_next = refused
            endpoint.taken.clear()
            exchange = story.service.ask(asked)
            exchanges.append(replace(exchange, sent=tuple(endpoint.taken)))
        story.exchanges = tuple(exchanges)
        if exchanges[0].status != 200:
            said = exchanges[0].reply.get("error")
            story.problem = f"The question was answered with status {exchanges[0].status}: {said or 'no reason given'}"
    except ConfigError as error:
        story.problem = error.message
    finally:
        endpoint.refuse_next = False


def _measure(stories: Sequence[Story], question: str, rounds: int, requests: int) -> None:
    """Round after round each service answers its questions; what it does until its next turn is theirs too.

    Before the first round there is one that does not count: what a service does once only is behind it then.
    """
    for story in stories:
        for _ in range(requests):
            _ask_measured(story, question)
    time.sleep(_ROUND_S)
    before = [story.traffic.counted() for story in stories]
    first_lines = [len(story.service.lines()) for story in stories]
    clocks: list[list[float | None]] = [[] for _ in stories]
    for _ in range(rounds):
        ends = time.monotonic() + _ROUND_S
        for story, clock in zip(stories, clocks, strict=True):
            clock.append(story.service.cpu_s())
            for _ in range(requests):
                _ask_measured(story, question)
        time.sleep(max(0.0, ends - time.monotonic()))
    for story, clock in zip(stories, clocks, strict=True):
        clock.append(story.service.cpu_s())
    for story, was, first, clock in zip(stories, before, first_lines, clocks, strict=True):
        read = [reading for reading in clock if reading is not None]
        used = [after - earlier for earlier, after in pairwise(read)]
        lines = story.service.lines()[first:]
        story.measured = Measured(
            requests,
            rounds,
            used if len(read) == len(clock) else [],
            {name: (count - was.get(name, (0, 0))[0], size - was.get(name, (0, 0))[1])
             for name, (count, size) in story.traffic.counted().items()},
            len(lines),
            sum(len(line.text.encode()) + 1 for line in lines),
        )  # fmt: skip


def _ask_measured(story: Story, question: str) -> None:
    try:
        story.service.ask(question)
    except ConfigError as error:
        story.problem = story.problem or error.message


class _Reader:
    """Reads what the server has, over its API."""

    def __init__(self, server: str) -> None:
        address = urlsplit(server)
        self._host, self._port = address.hostname or "", address.port

    def captured(self, story: Story) -> Captured | str:
        assert story.measured is not None
        try:
            asked, failed, retried = (self._seen(story, exchange) for exchange in story.exchanges)
            metrics = [
                one for one in self._get("/metrics", schema.MetricList).metrics if one.service == story.service_name
            ]
        except LlmTracingError as error:
            return error.line()
        return Captured(story.approach, asked, failed, retried, metrics, story.measured, story.loaded)

    def _seen(self, story: Story, exchange: Exchange) -> Seen:
        times = {"since": str(exchange.started_ns), "until": str(exchange.ended_ns)}
        listed = self._get("/traces", schema.TraceList, q=f'service:"{story.service_name}"', limit="100", **times)
        traces = [self._get(f"/traces/{trace.trace_id}", schema.TraceDetail) for trace in listed.traces]
        logs = self._get("/logs", schema.LogList, service=story.service_name, limit="1000", **times).logs
        lines = story.service.lines()[exchange.first_line : exchange.last_line]
        return Seen(exchange, lines, traces[::-1], logs[::-1])

    def _get(self, path: str, shape: type[Shape], **parameters: str) -> Shape:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            connection.request("GET", f"/api/v1{path}?{urlencode(parameters)}")
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise ConfigError(f"The server answered {path} with status {answer.status}: {body[:200]!r}")
        return shape.model_validate(json.loads(body))
