"""One command under observation, from its start to its exit code."""

import logging
import os
import sys
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from opentelemetry.sdk.resources import OTELResourceDetector, Resource

from llm_tracing.errors import ConfigError
from llm_tracing.runner import sampling
from llm_tracing.runner.child import CannotRun, Child, Ended, check
from llm_tracing.runner.environment import child_environment
from llm_tracing.runner.measures import Meter
from llm_tracing.runner.naming import service_name
from llm_tracing.runner.notes import Notes
from llm_tracing.runner.outbox import Outbox
from llm_tracing.runner.place import Place, explicit_endpoint, named_place, own_place, recorded_traces
from llm_tracing.runner.severity import Said
from llm_tracing.telemetry import exporters
from llm_tracing.telemetry.delivery import DeliveryWatch

REFUSED = 125
"""Our own failure, as `env`, `timeout` and `docker run` have it: the command was not started."""

_DRAIN_S = 2.0
_SEND_S = 30.0
_SEND_TO_NOTHING_S = 0.5


@dataclass(frozen=True, slots=True)
class Options:
    """The flags of `llm-tracing run`. `settings` are ServerSettings."""

    settings: Any
    service: str | None = None
    endpoint: str | None = None
    protocol: str | None = None
    keep: bool = False
    quiet: bool = False
    output: bool = True
    """False: stdout and stderr are the command's own, and not recorded."""


def run(command: Sequence[str], options: Options) -> int:
    """Run a command; its exit code."""
    voice = Voice(options.quiet)
    try:
        check(command, os.environ)
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            voice.say("OTEL_SDK_DISABLED is true: nothing is recorded.")
            return _plain(command)
        place = _place(options)
    except CannotRun as error:
        voice.complain(str(error))
        return error.code
    except ConfigError as error:
        voice.complain(error.line())
        return REFUSED
    try:
        return Observed(command, options, place, voice).run()
    except CannotRun as error:
        voice.complain(str(error))
        return error.code
    except ValueError as error:  # a setting of the exporters
        voice.complain(str(error))
        return REFUSED
    finally:
        place.leave()


def _plain(command: Sequence[str]) -> int:
    ended = Child(command, os.environ, through=False).wait()
    return ended.code


def _place(options: Options) -> Place:
    protocol = options.protocol or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "").strip() or None
    if protocol not in (None, "grpc", "http/protobuf"):
        raise ConfigError(f"The protocol {protocol} is not supported.", "Choose http/protobuf or grpc.")
    if options.endpoint:
        return named_place(options.endpoint, protocol, by_flag=True)
    named = explicit_endpoint(os.environ)
    if named:
        return named_place(named, options.protocol, by_flag=False)
    return own_place(options.settings, protocol or "http/protobuf", keep=options.keep)


class Voice(logging.Handler):
    """What is said to the user, on stderr: a line each, and that telemetry cannot be delivered only once."""

    def __init__(self, quiet: bool) -> None:
        super().__init__()
        self._quiet = quiet
        self._undelivered = False

    def say(self, text: str) -> None:
        if not self._quiet:
            self.complain(text)

    def complain(self, text: str) -> None:
        sys.stderr.write(f"llm-tracing: {text}\n")
        sys.stderr.flush()

    def undelivered(self, text: str) -> None:
        if not self._undelivered:
            self._undelivered = True
            self.complain(text)

    def emit(self, record: logging.LogRecord) -> None:
        """What the app side logs, here or in a process of the command."""
        self.pass_on(record.getMessage())

    def pass_on(self, text: str) -> None:
        self.undelivered(text) if "be delivered" in text else self.complain(text)


class Observed:
    """One run of one command."""

    def __init__(self, command: Sequence[str], options: Options, place: Place, voice: Voice) -> None:
        self._command = command
        self._options = options
        self._place = place
        self._voice = voice
        self._service = _service(options.service, command, os.environ)
        self._notes = Notes()
        self._told: set[str] = set()
        self._began_ns = time.time_ns()

    def run(self) -> int:
        try:
            return self._run()
        finally:
            self._notes.remove()

    def _run(self) -> int:
        watch = self._watch()
        target = self._place.target
        environ = child_environment(os.environ, target, self._service, self._notes.path)
        for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_HEADERS"):
            if name in environ:
                os.environ[name] = environ[name]  # for our own exporters: they read no other place
        logs, metrics = exporters.usable("log records"), exporters.usable("metrics")  # before the command starts
        self._say_start()
        child = Child(self._command, environ, through=self._options.output)
        # After it: an exporter may start threads.
        records = exporters.log_exporter(None, watch) if logs else None
        points = exporters.metric_exporter(None, watch) if metrics else None
        resource = _resource(self._service, self._command, child.pid)
        outbox = Outbox(resource, records, self._notes) if records else None
        child.read(outbox.chunk if outbox else lambda _name, _data: None)
        meter = Meter(child.pid, resource, points, self._look)
        ended = child.wait()
        child.release_signals(ended.code)
        child.drain(_DRAIN_S)
        watch.closing = True
        meter.finish(ended.used)
        if outbox:
            self._tell_end(outbox, ended)
            lost = outbox.finish(_SEND_TO_NOTHING_S if watch.failing else _SEND_S)
            if lost and not watch.failing:
                self._voice.complain(f"{lost} could not be recorded in time.")
        self._look()
        self._say_end(ended)
        return ended.code

    def _watch(self) -> DeliveryWatch:
        watch = DeliveryWatch(self._place.target.endpoint or explicit_endpoint(os.environ) or "")
        watch.install()
        own = logging.getLogger("llm_tracing.telemetry")
        own.addHandler(self._voice)
        own.propagate = False
        return watch

    def _say_start(self) -> None:
        place = self._place
        if place.unreachable:
            self._voice.undelivered(
                f"Telemetry cannot be delivered to {place.said} ({place.unreachable}). The command runs all the same."
            )
            return
        self._voice.say(f"{self._service} is recorded at {place.said}")

    def _look(self) -> None:
        """Say what the Pythons of the command noted, each thing once."""
        self._notes.read()
        for python, what in self._notes.missing.items():
            self._once(
                f"{python} has no {what}: no spans from it, only its output, CPU and memory. "
                f"For spans: {python} -m pip install -U llm-tracing"
                if " " not in what
                else f"{python}: {what}; no spans from it, only its output, CPU and memory."
            )
        for text in self._notes.warnings:
            if text not in self._told:
                self._told.add(text)
                self._voice.pass_on(text)

    def _once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._voice.complain(text)

    def _tell_end(self, outbox: Outbox, ended: Ended) -> None:
        """The command's end as a log record. `process.exit.code` is OpenTelemetry's name; for a signal it has none."""
        seconds = (time.time_ns() - self._began_ns) / 1e9
        how = f"was killed by {ended.signal_name}" if ended.signal_name else f"ended with exit code {ended.code}"
        severity = 21 if ended.signal_name == "SIGKILL" else 17 if ended.code else 9
        attributes: dict[str, Any] = {"process.exit.code": ended.code, "process.uptime": round(seconds, 3)}
        if ended.signal_name:
            attributes["process.exit.signal"] = ended.signal_name
        outbox.event(
            "process.exit", f"{self._service} {how} after {seconds:.1f} s", Said(severity), attributes, time.time_ns()
        )

    def _say_end(self, ended: Ended) -> None:
        how = f"killed by {ended.signal_name}" if ended.signal_name else f"exit code {ended.code}"
        seconds = (time.time_ns() - self._began_ns) / 1e9
        parts = [f"{self._service}: {how} after {seconds:.1f} s"]
        if self._notes.instrumented:
            parts.append(f"observed {', '.join(self._notes.instrumented)}")
        if self._notes.bare:
            parts.append(
                f"not observed: {', '.join(f'{name} (pip install {what})' for name, what in self._notes.bare.items())}"
            )
        if not sampling.SUPPORTED:
            parts.append(f"CPU and memory are left out on {sys.platform}")
        ui = self._place.target.ui
        if ui:
            parts.append(self._link(ui))
        self._voice.say("; ".join(parts))

    def _link(self, ui: str) -> str:
        traces = recorded_traces(ui, self._service, self._began_ns)
        many = f"{len(traces)}{'+' if len(traces) == 200 else ''}"
        count = f"{many} trace{'' if len(traces) == 1 else 's'}"
        link = f"{ui}/traces/{traces[0]}" if len(traces) == 1 else f"{ui}/?q={quote(f'service:{self._service}', ':')}"
        stopped = self._place.data and f" (llm-tracing serve --data {self._place.data} shows it; --keep leaves it on)"
        return f"{count}: {link}{stopped or ''}"


def _service(given: str | None, command: Sequence[str], environ: Mapping[str, str]) -> str:
    named = OTELResourceDetector().detect().attributes.get("service.name")
    return given or (str(named) if named else "") or service_name(command)


def _resource(service: str, command: Sequence[str], pid: int) -> Resource:
    """Of the output and the process's metrics. Arguments may hold secrets: they are left out."""
    return Resource.create(
        {
            "service.name": service,
            "service.instance.id": str(uuid.uuid4()),
            "process.pid": pid,
            "process.command": command[0],
            "process.executable.name": PurePath(command[0]).name,
        }
    )
