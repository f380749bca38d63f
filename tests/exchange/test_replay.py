"""`llm-tracing replay` between real servers: what arrives is what was stored, once, in the right order and time."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from llm_tracing.cli import app
from tests.builders import (
    MS,
    NOON,
    SECOND,
    TRACE,
    chat,
    counter,
    log,
    log_request,
    metric_request,
    span,
    trace_hex,
    trace_request,
)
from tests.exchange.otlp_target import otlp_target
from tests.exchange.test_round_trip import LISTS, _requests, export, rows
from tests.langsmith_requests import order, run
from tests.running import Running

OTHER = trace_hex(77)


def replayed(*arguments: str) -> tuple[int, str]:
    """The exit code, and all that was said."""
    done = CliRunner().invoke(app, ["replay", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
    return done.exit_code, done.stdout + done.stderr


def sent(*arguments: str) -> str:
    """What was said of a replay that took everything."""
    code, said = replayed(*arguments)
    assert code == 0, said
    return said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with two traces, log records of each and of none, and points; nobody has it open."""
    data = tmp_path / "first"
    with Running(data) as server:
        server.export(
            trace_request(span("ask", 1, duration=9 * MS), span("chat", 2, 1, attributes=chat("hello", "hi"))),
            trace_request(span("failed", 3, trace=OTHER, start=NOON + SECOND, status=2)),
            log_request(
                log("of the first", trace=TRACE, span_id=1),
                log("of none", time=NOON + 1),
                log("of none", time=NOON + 1),
                log("of the second", trace=OTHER, span_id=3, time=NOON + SECOND),
            ),
            metric_request(counter("asked", 1, 2, 3)),
        )
    return data


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Running]:
    with Running(tmp_path / "target") as running:
        yield running


def _counts(server: Running) -> tuple[int, int, int]:
    spans = sum(trace.span_count for trace in server.traces())
    points = sum(metric.point_count for metric in server.metrics())
    return spans, len(server.logs()), points


@pytest.mark.parametrize("protocol", ["http/protobuf", "grpc"])
def test_every_field_of_every_signal_arrives_and_a_second_run_sends_nothing(protocol: str, tmp_path: Path) -> None:
    with Running(tmp_path / "first") as server:
        server.export(*_requests())
        files = {path: export(server, path, format="otlp") for path in LISTS.values()}
    with Running(tmp_path / "second") as second:
        to = second.addresses.grpc if protocol == "grpc" else second.addresses.http
        asked = ("--to", to, "--protocol", protocol, "--data", str(tmp_path / "first"))
        sent(*asked)
        for path, content in files.items():
            assert sorted(export(second, path, format="otlp").splitlines()) == sorted(content.splitlines())
        before = _counts(second)
        sent(*asked)
        assert _counts(second) == before
    for table in ("spans", "logs", "metrics", "metric_points", "resources", "scopes", "traces"):
        assert rows(tmp_path / "second", table) == rows(tmp_path / "first", table)


def test_a_running_server_is_read_as_its_folder_is(folder: Path, target: Running, tmp_path: Path) -> None:
    with Running(folder) as first:
        code, said = replayed(
            "--from", first.addresses.http, "--to", target.addresses.http, "--state", str(tmp_path / "state")
        )
        assert code == 0, said
        # The folder is in use: the command asks the server that has it, as told by its port.
        port = first.addresses.http.rpartition(":")[2]
        with otlp_target() as other:
            sent("--data", str(folder), "--port", port, "--to", other.address)
            assert sum(other.items()) == 10
    assert _counts(target) == (3, 4, 3)
    # What the server gave is known when the folder itself is read.
    sent("--data", str(folder), "--to", target.addresses.http, "--state", str(tmp_path / "state"))
    assert _counts(target) == (3, 4, 3)


def test_log_records_and_points_go_oldest_first_and_equal_ones_as_often_as_they_are(folder: Path) -> None:
    with otlp_target() as target:
        sent("--data", str(folder), "--to", target.address, "--batch", "1")
        bodies = [
            record.body.string_value
            for signal, message in target.requests
            if signal == "logs"
            for resource in message.resource_logs  # type: ignore[attr-defined]
            for scope in resource.scope_logs
            for record in scope.log_records
        ]
        values = [
            point.as_int
            for signal, message in target.requests
            if signal == "metrics"
            for resource in message.resource_metrics  # type: ignore[attr-defined]
            for scope in resource.scope_metrics
            for metric in scope.metrics
            for point in metric.sum.data_points
        ]
    assert bodies == ["of the first", "of none", "of none", "of the second"]
    assert values == [1, 2, 3]


def test_a_list_longer_than_a_piece_comes_oldest_first_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_tracing.exchange.replay.looking.PIECE", 3)
    with Running(tmp_path / "data") as server:
        # Several share a time, also where the list is cut.
        server.export(log_request(*(log(str(number), time=NOON + number // 2) for number in range(20))))
    with otlp_target() as target:
        sent("--data", str(tmp_path / "data"), "--to", target.address, "--batch", "4")
        times = [
            record.time_unix_nano
            for _, message in target.requests
            for resource in message.resource_logs  # type: ignore[attr-defined]
            for scope in resource.scope_logs
            for record in scope.log_records
        ]
    assert times == [NOON + number // 2 for number in range(20)]
    assert target.items() == [4] * 5


def test_shifted_to_now_everything_moves_by_the_same_and_stays_so_when_it_goes_on(
    folder: Path, target: Running
) -> None:
    asked = ("--data", str(folder), "--to", target.addresses.http, "--shift-to", "now")
    begun = time.time_ns()
    code, said = replayed(*asked, "--signal", "traces", "--signal", "logs", "--signal", "metrics")
    ended = time.time_ns()
    assert code == 0, said
    newest, oldest = target.traces()
    # The last of all is the observed time of the last log record or the end of the last span.
    by = int(newest.start_time_unix_nano) - (NOON + SECOND)
    assert begun <= NOON + SECOND + MS + by <= ended
    assert int(oldest.start_time_unix_nano) == NOON + by
    assert [int(record.time_unix_nano) for record in target.logs()] == [
        NOON + SECOND + by,
        *[NOON + 1 + by] * 2,
        NOON + by,
    ]
    first = target.trace(TRACE).spans[0]
    assert (first.span_id, first.duration_ns) == ("0000000000000001", str(9 * MS))
    points = [orjson.loads(line) for line in export(target, "/metrics/export").splitlines()]
    assert sorted(int(point["time_unix_nano"]) for point in points) == [NOON + by, NOON + by + 1, NOON + by + 2]
    assert {point["start_time_unix_nano"] for point in points} == {"0"}  # no time at all, and none made up
    sent(*asked)
    assert _counts(target) == (3, 4, 3)


def test_a_filter_chooses_traces_and_their_log_records(folder: Path, target: Running) -> None:
    code, said = replayed("--data", str(folder), "--to", target.addresses.http, "--q", "status:error")
    assert code == 0, said
    assert "Metrics stay" in said
    assert [trace.trace_id for trace in target.traces()] == [OTHER]
    assert [record.body for record in target.logs()] == ["of the second"]
    assert target.metrics() == []
    # Without the filter the rest goes, and only the rest.
    sent("--data", str(folder), "--to", target.addresses.http)
    assert _counts(target) == (3, 4, 3)


def test_since_until_and_signals_bound_what_is_sent(folder: Path, target: Running) -> None:
    asked = ("--data", str(folder), "--to", target.addresses.http)
    sent(*asked, "--since", str(NOON + 1), "--signal", "traces")
    assert _counts(target) == (1, 0, 0)
    sent(*asked, "--until", str(NOON + 1), "--signal", "traces", "--signal", "logs")
    assert _counts(target) == (3, 1, 0)
    sent(*asked, "--q", "hello", "--signal", "logs")
    assert _counts(target) == (3, 1, 0)  # that record was sent before


def test_a_dry_run_counts_and_sends_nothing(folder: Path) -> None:
    with otlp_target() as target:
        code, said = replayed("--data", str(folder), "--to", target.address, "--dry-run", "--shift-to", "now")
        assert (code, target.requests) == (0, [])
        assert "to send" in said
        assert "All times are moved by" in said
        sent("--data", str(folder), "--to", target.address)
        assert sum(target.items()) == 10
        sent("--data", str(folder), "--to", target.address, "--again", "--dry-run")
        sent("--data", str(folder), "--to", target.address)
        assert sum(target.items()) == 10
        sent("--data", str(folder), "--to", target.address, "--again")
        assert sum(target.items()) == 20


def test_a_span_that_runs_is_sent_when_it_has_ended(tmp_path: Path) -> None:
    data = tmp_path / "data"
    began: dict[str, Any] = run(1, run_type="llm", inputs={"question": "how many"}, start_time="2026-11-23T16:00:00Z")
    with otlp_target() as target:
        with Running(data) as server:
            assert server.http.post("/langsmith/runs", json=began).status_code == 202
        [line] = [line for line in sent("--data", str(data), "--to", target.address).splitlines() if "traces" in line]
        assert [cell.strip() for cell in line.split("│")[2:-1]] == ["0", "0", "0", "0", "1"]
        assert target.requests == []
        with Running(data) as server:
            ended = {"trace_id": began["trace_id"], "dotted_order": order(1), "end_time": "2026-11-23T16:00:02Z"}
            assert server.http.patch(f"/langsmith/runs/{began['id']}", json=ended).status_code == 202
        sent("--data", str(data), "--to", target.address)
        assert target.span_names() == ["run 1"]


def test_langsmith_runs_arrive_as_spans_with_the_names_of_opentelemetry(tmp_path: Path, target: Running) -> None:
    call = run(
        1,
        2,
        run_type="llm",
        start_time="2026-11-23T16:00:00Z",
        end_time="2026-11-23T16:00:02Z",
        inputs={"messages": [{"role": "user", "content": "how many"}]},
        outputs={
            "choices": [{"message": {"role": "assistant", "content": "eight"}, "finish_reason": "stop"}],
            "usage_metadata": {
                "input_tokens": 30,
                "output_tokens": 4,
                "total_tokens": 34,
                "input_token_details": {"cache_read": 10},
            },
        },
        extra={"metadata": {"ls_provider": "openai", "ls_model_name": "gpt-4o-mini", "thread_id": "t1"}},
    )
    root = run(1, start_time="2026-11-23T16:00:00Z", end_time="2026-11-23T16:00:03Z", inputs={"q": "how many"})
    with Running(tmp_path / "data") as server:
        assert server.http.post("/langsmith/runs/batch", json={"post": [root, call]}).status_code == 202
        [before] = server.traces()
        trace_id = before.trace_id
        calls = [span for span in server.trace(trace_id).spans if span.kind == "llm"]
    asked = ("--data", str(tmp_path / "data"))
    with otlp_target() as other:
        sent(*asked, "--to", other.address)
        [(_, message)] = other.requests
        spans = [s for r in message.resource_spans for scope in r.scope_spans for s in scope.spans]  # type: ignore[attr-defined]
        [wire] = [s for s in spans if s.name == "run 2"]
        named = {one.key: one.value for one in wire.attributes}
    assert named["gen_ai.operation.name"].string_value == "chat"
    assert named["gen_ai.provider.name"].string_value == "openai"
    assert named["gen_ai.request.model"].string_value == "gpt-4o-mini"
    assert named["gen_ai.usage.input_tokens"].int_value == 30
    assert named["gen_ai.usage.output_tokens"].int_value == 4
    assert named["gen_ai.usage.cache_read.input_tokens"].int_value == 10
    assert named["gen_ai.conversation.id"].string_value == "t1"
    asked_text = orjson.loads(named["gen_ai.input.messages"].string_value)
    assert asked_text == [{"role": "user", "parts": [{"type": "text", "content": "how many"}]}]
    assert "langsmith.run_id" in named  # what came is there too
    # Another server of ours sees the same trace: same ids, same tokens, counted once.
    sent(*asked, "--to", target.addresses.http)
    [after] = target.traces()
    for field in (
        "trace_id",
        "span_count",
        "llm_call_count",
        "usage",
        "models",
        "input",
        "output",
        "session_id",
        "cost",
    ):
        assert getattr(after, field) == getattr(before, field), field
    [again] = [span for span in target.trace(trace_id).spans if span.kind == "llm"]
    for field in (
        "span_id",
        "parent_span_id",
        "input_messages",
        "output_messages",
        "usage",
        "finish_reasons",
        "provider",
    ):
        assert getattr(again, field) == getattr(calls[0], field), field


def test_what_cannot_be_is_one_line_that_says_what_to_do(folder: Path, tmp_path: Path) -> None:
    data = ("--data", str(folder))
    for arguments, told in (
        (("--to", "localhost:4318", *data), "is no address of HTTP"),
        (("--to", "http://127.0.0.1:4318", "--data", str(tmp_path / "none")), "has no data"),
        (("--to", "http://127.0.0.1:4318", "--from", "http://localhost:4318"), "sent to itself"),
        (("--to", "http://127.0.0.1:9", "--protocol", "smoke", *data), "smoke is no protocol"),
        (("--to", "http://127.0.0.1:9", "--header", "nothing", *data), "A header cannot be read"),
        (("--to", "http://127.0.0.1:9", "--signal", "profiles", *data), "profiles is no signal"),
        (("--to", "http://127.0.0.1:9", "--q", "a", "--signal", "metrics", *data), "belongs to none"),
        (("--to", "http://127.0.0.1:9", "--q", "nope:1", *data), "No filter is called nope"),
        (("--to", "http://127.0.0.1:9", "--shift-to", "noon", *data), "Write --shift-to now"),
        (("--to", "http://127.0.0.1:9", "--since", "noon", *data), "30m, 24h, 7d"),
        (("--to", "http://127.0.0.1:9", "--patience", "0", *data), "goes on from here"),
    ):
        code, said = replayed(*arguments)
        assert code == 1, (arguments, said)
        assert told in said.replace("\n", " "), said
