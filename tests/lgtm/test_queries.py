"""Filters of a page in the languages of Tempo and Loki."""

import pytest

from llm_tracing.lgtm import logql, traceql
from llm_tracing.store.contract import FIELDS_OF, PRESENT, Filter


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (Filter("service", "=", "qa"), '{ resource.service.name = "qa" }'),
        (Filter("service", "=", "unknown_service"), "{}"),
        (Filter("status", "=", "error"), "{ status = error }"),
        (Filter("status", "=", "ok"), "{}"),
        (Filter("name", "like", "GET *"), '{ name =~ "(?is)GET\\\\ .*" }'),
        (Filter("duration_ns", ">", 2_000_000_000), "{ trace:duration >= 2000000000ns }"),
        (Filter("duration_ns", "<", 5), "{}"),
        (Filter("attribute", "=", "5", key="a b"), '{ span."a b" = "5" || span."a b" = 5 }'),
        (Filter("attribute", ">", 5, key="http.status_code"), "{ span.http.status_code > 5 }"),
        (Filter("resource", "=", "x", key="k8s.pod.name"), '{ resource.k8s.pod.name = "x" }'),
        (Filter("attribute", "=", "x", key='a"\\b'), '{ span."a\\"\\\\b" = "x" }'),
        (Filter("attribute", "=", "x", key="a\nb"), "{}"),
        (Filter("name", "=", "5"), '{ name = "5" }'),
        (Filter("scope", "=", "langchain"), '{ instrumentation:name = "langchain" }'),
        (Filter("span", "=", "ab"), '{ span:id = "00000000000000ab" }'),
        (Filter("has", "=", "error"), "{ status = error }"),
        (Filter("model", "=", "gpt-4o", negated=True), "{}"),
        (Filter("tokens", ">", 0), "{}"),
        (Filter("text", "=", "albums"), "{}"),
        (Filter("cost_pico_usd", ">", 1), "{}"),
    ],
)
def test_a_filter_in_traceql(wanted: Filter, said: str) -> None:
    assert traceql.query([wanted]) == said


def test_each_filter_may_be_met_by_another_span() -> None:
    said = traceql.query([Filter("operation", "=", "chat"), Filter("status", "=", "error"), Filter("text", "=", "x")])
    assert said == '{ span.gen_ai.operation.name = "chat" } && { status = error }'


def test_a_model_may_stand_in_many_attributes() -> None:
    said = traceql.query([Filter("model", "=", "gpt-4o")])
    assert 'span.gen_ai.response.model = "gpt-4o"' in said
    assert 'span.llm.model_name = "gpt-4o"' in said


def test_the_duration_of_a_span_is_its_own() -> None:
    assert traceql.query([Filter("duration_ns", ">=", 5)], of_spans=True) == "{ span:duration >= 5ns }"


NASTY = 'a"b\\c\n} || { true } #`${x}'


@pytest.mark.parametrize("field", sorted(FIELDS_OF["traces"] | FIELDS_OF["spans"]))
def test_no_value_leaves_its_quotes(field: str) -> None:
    """A value that holds quotes, braces and line ends stays one string of the query."""
    values = sorted(PRESENT) if field == "has" else [NASTY]
    for value in values:
        said = traceql.query([Filter(field, "=", value, key=NASTY)])  # type: ignore[arg-type]
        assert "\n" not in said
        bare = _without_strings(said)
        assert bare.count("{") == bare.count("}")
        assert "true" not in bare
        assert "#" not in bare


def _without_strings(query: str) -> str:
    found, inside, at = "", False, 0
    while at < len(query):
        if inside and query[at] == "\\":
            at += 2
            continue
        if query[at] == '"':
            inside = not inside
        elif not inside:
            found += query[at]
        at += 1
    assert not inside
    return found


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ([], '{service_name=~".+"}'),
        ([Filter("service", "=", "qa")], '{service_name="qa"}'),
        ([Filter("service", "=", "qa", negated=True)], '{service_name=~".+"}'),
        ([Filter("severity", ">=", 17)], '{service_name=~".+"} | severity_number>=17'),
        ([Filter("trace", "=", "AB")], '{service_name=~".+"} | trace_id="ab"'),
        ([Filter("has", "=", "error")], '{service_name=~".+"} | severity_number>=17'),
        ([Filter("attribute", "=", "x", key="http.route")], '{service_name=~".+"} | http_route="x"'),
        ([Filter("attribute", "=", "x", key="1 a")], '{service_name=~".+"} | key_1_a="x"'),
        ([Filter("event", "like", "gen_ai*")], '{service_name=~".+"} | event_name=~"(?is)gen_ai.*"'),
    ],
)
def test_filters_in_logql(filters: list[Filter], said: str) -> None:
    assert logql.query(filters) == said


@pytest.mark.parametrize("field", sorted(FIELDS_OF["logs"]))
def test_no_value_leaves_its_quotes_in_logql(field: str) -> None:
    said = logql.query([Filter(field, "=", NASTY, key=NASTY)])  # type: ignore[arg-type]
    bare = _without_strings(said)
    assert "||" not in bare
    assert bare.count("{") == bare.count("}") == 1
    assert "\n" not in said
