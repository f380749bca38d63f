"""Puts a replay together: the source, the target, what is known of it, and who watches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from llm_tracing.api.times import time_of
from llm_tracing.comparison.keep import server_address
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, FolderInUse
from llm_tracing.exchange.ago import time_text
from llm_tracing.exchange.replay.acknowledged import Acknowledged
from llm_tracing.exchange.replay.answers import Sender
from llm_tracing.exchange.replay.delivery import Delivery
from llm_tracing.exchange.replay.otlp_grpc import GrpcSender
from llm_tracing.exchange.replay.otlp_http import HttpSender
from llm_tracing.exchange.replay.replaying import Choice, Counts, Replay, Watcher, signals_of
from llm_tracing.exchange.replay.sources import FolderSource, ServerSource, Source
from llm_tracing.exchange.replay.target import Target, read_target
from llm_tracing.ingest.left import open_whole
from llm_tracing.normalize.cost import Prices
from llm_tracing.query.language import filters
from llm_tracing.receive.decode import Signal
from llm_tracing.store.database import FILE_NAME

_LOOPBACK = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says."""

    to: str
    signals: Sequence[str]
    q: str
    since: str
    until: str
    shift_to_now: bool
    protocol: str | None
    headers: Sequence[str]
    batch: int
    patience_s: float
    again: bool
    dry_run: bool
    server: str | None
    state: Path | None


class Screen(Watcher, Protocol):
    def note(self, line: str) -> None:
        """A remark that stays on the screen."""
        ...

    def waits(self, line: str) -> None:
        """What the target said, while it is waited for."""
        ...

    def counted(self, counts: Mapping[Signal, Counts]) -> None:
        """What there is; the counts go on changing."""
        ...


def run(wanted: Wanted, settings: ServerSettings, environ: Mapping[str, str], screen: Screen) -> dict[Signal, Counts]:
    """Raises LlmTracingError; what was taken until then is kept."""
    target = read_target(wanted.to, wanted.protocol, wanted.headers, environ)
    choice = _choice(wanted, screen)
    source = _source(wanted, settings, target)
    try:
        known = Acknowledged(wanted.state or settings.data, _name(target, wanted))
        try:
            return _replay(Replay(source, known, choice, screen), known, wanted, target, screen)
        finally:
            known.close()
    finally:
        source.close()


def _replay(
    replay: Replay, known: Acknowledged, wanted: Wanted, target: Target, screen: Screen
) -> dict[Signal, Counts]:
    if wanted.again and not wanted.dry_run:
        known.forget()
    replay.look()
    screen.counted(replay.counts)
    if replay.shift_ns:
        screen.note(f"All times are moved by {replay.shift_ns / 1e9:+,.3f} s.")
    if wanted.dry_run:
        return replay.counts
    sender: Sender = GrpcSender(target) if target.protocol == "grpc" else HttpSender(target)
    try:
        replay.send(Delivery(sender, target.endpoint, wanted.patience_s, screen.waits))
    finally:
        sender.close()
    return replay.counts


def _choice(wanted: Wanted, screen: Screen) -> Choice:
    signals, left_out = signals_of(wanted.signals, wanted.q)
    if left_out:
        screen.note("Metrics stay: --q chooses traces, and a data point belongs to none.")
    filters(wanted.q, "traces")  # a bad one is told before anything is opened
    since, until = (
        time_of(name, time_text(text)) if text else None
        for name, text in (("since", wanted.since), ("until", wanted.until))
    )
    return Choice(signals, wanted.q, since, until, wanted.shift_to_now, wanted.batch)


def _name(target: Target, wanted: Wanted) -> str:
    """Shifted and not are two replays: the same span is at two times then."""
    return f"{target.name} shifted" if wanted.shift_to_now else target.name


def _source(wanted: Wanted, settings: ServerSettings, target: Target) -> Source:
    if wanted.server:
        return _server(wanted.server.rstrip("/"), target)
    if not (settings.data / FILE_NAME).exists():
        raise ConfigError(
            f"{settings.data} has no data.", "Name the data folder with --data, or a running server with --from."
        )
    prices = Prices(settings.prices)
    try:
        return FolderSource(open_whole(settings), prices)
    except FolderInUse:
        return _server(server_address(settings), target)


def _server(address: str, target: Target) -> Source:
    if _place(address) == _place(target.endpoint):
        raise ConfigError(f"{address} would be sent to itself.", "Name another endpoint with --to.")
    return ServerSource(address)


def _place(address: str) -> tuple[str, int | None]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    return _LOOPBACK.get(host, host), parts.port
