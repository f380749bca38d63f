"""Files of OTLP JSON into the store, read as they arrive. Bad lines are told with their number, the rest is kept."""

import asyncio
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter
from google.protobuf.message import Message
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from llm_tracing.api import schema
from llm_tracing.api.parts import json_response
from llm_tracing.api.schema_exchange import ImportProblem, ImportReport
from llm_tracing.errors import ReceiveError
from llm_tracing.exchange.incoming import BrokenFile, Line, Lines
from llm_tracing.exchange.sent import BadLine, count, requests
from llm_tracing.receive.decode import REQUESTS, Signal
from llm_tracing.receive.sink import Sink

WAY = "import"
_READ = 1024 * 1024  # bytes of a file that are looked at in one go
_BATCH = 4 * 1024 * 1024  # bytes of lines that are stored together
_MOST_ERRORS = 100
_WAIT_S, _WAITS = 0.25, 240  # a full queue is waited for, a minute at most
_ERRORS: dict[int | str, dict[str, Any]] = {"4XX": {"model": schema.ApiError}, "5XX": {"model": schema.ApiError}}


@dataclass(slots=True)
class _Gathered:
    """Requests of one signal that go to the store together."""

    message: Message
    size: int = 0
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class _Import:
    """One file on its way."""

    sink: Sink
    longest: int
    counts: dict[Signal, int] = field(default_factory=lambda: {"traces": 0, "logs": 0, "metrics": 0})
    lines: int = 0
    rejected: int = 0
    error_count: int = 0
    errors: list[ImportProblem] = field(default_factory=list)
    gathered: dict[Signal, _Gathered] = field(default_factory=dict)

    def read(self, lines: Iterable[Line]) -> None:
        """Take lines, and tell the bad ones; nothing is stored yet."""
        for line in lines:
            self.lines += 1
            if line.text is None:
                self.fault(line.number, f"longer than {self.longest:,} bytes (LLM_TRACING_MAX_BODY)")
                continue
            try:
                self._gather(line.number, len(line.text), requests(line.text))
            except BadLine as error:
                self.fault(line.number, str(error))

    def _gather(self, number: int, size: int, found: list[tuple[Signal, Message]]) -> None:
        for signal, message in found:
            together = self.gathered.get(signal)
            if together is None:
                together = self.gathered[signal] = _Gathered(REQUESTS[signal](), first=number)
            together.message.MergeFrom(message)
            together.size += size
            together.last = number

    def fault(self, line: int, message: str) -> None:
        self.error_count += 1
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(ImportProblem(line=line, message=message))

    async def store(self) -> None:
        """Store what was gathered. Raises StoreError, ReceiveError."""
        gathered, self.gathered = self.gathered, {}
        for signal, part in gathered.items():
            accepted = await asyncio.wrap_future(await _submitted(self.sink, signal, part))
            self.counts[signal] += count(signal, part.message) - accepted.rejected
            self.rejected += accepted.rejected
            if accepted.message:
                where = "" if part.first == part.last else f"(lines {part.first} to {part.last}) "
                self.fault(part.first, where + accepted.message)

    def full(self) -> bool:
        return sum(part.size for part in self.gathered.values()) >= _BATCH

    def report(self) -> ImportReport:
        return ImportReport(
            lines=self.lines,
            spans=self.counts["traces"],
            log_records=self.counts["logs"],
            data_points=self.counts["metrics"],
            rejected=self.rejected,
            error_count=self.error_count,
            errors=self.errors,
        )


async def _submitted(sink: Sink, signal: Signal, part: _Gathered) -> Any:
    for _ in range(_WAITS):
        try:
            return sink.submit(signal, part.message, part.size, WAY)
        except ReceiveError as error:
            if error.retry_after_s is None:
                raise
            await asyncio.sleep(_WAIT_S)
    return sink.submit(signal, part.message, part.size, WAY)


def import_router(sink: Sink, max_body: int) -> APIRouter:
    api = APIRouter(prefix="/api/v1", responses=_ERRORS, tags=["exchange"])

    @api.post(
        "/import",
        response_model=ImportReport,
        openapi_extra={
            "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        },
    )
    async def import_file(request: Request) -> Response:
        """Store a file: OTLP JSON, one document or one request a line, or JSON lines of an export; plain, gzip or zstd.

        The body is the file. The same file twice gives each span once; log records and data points have no ids, so
        they are added again.
        """
        lines, job = Lines(max_body), _Import(sink, max_body)
        try:
            waiting = bytearray()
            async for part in request.stream():
                waiting += part
                if len(waiting) >= _READ:
                    await _take(job, lines, bytes(waiting))
                    waiting.clear()
            await _take(job, lines, bytes(waiting))
            await asyncio.to_thread(lambda: job.read(lines.end()))
        except ClientDisconnect:
            return Response(status_code=400)
        except (BrokenFile, zlib.error) as error:
            job.fault(job.lines + 1, f"the file cannot be read on from here: {error}")
        await job.store()
        return json_response(job.report().model_dump())

    return api


async def _take(job: _Import, lines: Lines, part: bytes) -> None:
    """Read a part of the file; line by line, since a compressed part may hold very many."""
    found = lines.feed(part)
    while await asyncio.to_thread(_read_batch, job, found):
        await job.store()
    if job.full():
        await job.store()


def _read_batch(job: _Import, found: Any) -> bool:
    """Whether there may be more: stopped at a full batch."""
    for line in found:
        job.read([line])
        if job.full():
            return True
    return False
