import pytest

from llm_tracing.runner.severity import Said, said_by


@pytest.mark.parametrize(
    ("text", "stream", "severity"),
    [
        ("anything", "stdout", 9),
        ("anything", "stderr", 13),
        ("INFO:     127.0.0.1 - GET / 200 OK", "stderr", 9),
        ("2026-11-24 10:00:00,123 ERROR shop: no flour", "stdout", 17),
        ("[debug] looking", "stderr", 5),
        ("level=warn msg=hot", "stdout", 13),
        ("CRITICAL:root:the oven", "stderr", 21),
        ("error: no such file", "stderr", 17),
        ("ValueError: burnt", "stderr", 17),
        ("shop.OvenError", "stderr", 17),
        ("no ERRORS were found", "stdout", 9),
        ("the error rate is low", "stdout", 9),
        ('{"level": "error", "message": "x"}', "stdout", 17),
        ('{"severity": "WARNING"}', "stdout", 13),
        ('{"level": 30, "msg": "pino"}', "stdout", 13),
        ('{"level": NaN}', "stdout", 9),
        ("{not json", "stdout", 9),
        ('{"a":' * 5000, "stdout", 9),
        ("", "stdout", 9),
    ],
)
def test_a_line_says_its_severity_or_its_stream_does(text: str, stream: str, severity: int) -> None:
    assert said_by(text, stream).severity == severity


TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"


@pytest.mark.parametrize(
    "text",
    [
        f'{{"level": "info", "trace_id": "{TRACE}", "span_id": "{SPAN}"}}',
        f'{{"level": "info", "otelTraceID": "{TRACE}", "otelSpanID": "{SPAN}"}}',
        f"INFO [shop] [trace_id={TRACE} span_id={SPAN} resource.service.name=shop] - baked",
    ],
)
def test_a_line_that_names_its_trace_belongs_to_it(text: str) -> None:
    assert said_by(text, "stdout") == Said(9, int(TRACE, 16), int(SPAN, 16))


@pytest.mark.parametrize("value", ['"short"', '"' + "z" * 32 + '"', "12", "null"])
def test_an_id_that_is_none_is_read_as_not_said(value: str) -> None:
    assert said_by(f'{{"trace_id": {value}}}', "stdout").trace_id == 0
