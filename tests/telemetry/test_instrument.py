from tests.telemetry.program import run_program
from tests.telemetry.sink import http_sink


def test_a_package_is_instrumented_when_it_is_imported_and_not_before() -> None:
    program = """
    import sys, llm_tracing
    telemetry = llm_tracing.configure()
    assert not {"fastapi", "langchain_core", "openai", "sqlalchemy", "httpx"} & set(sys.modules)
    assert telemetry.instrumented == ()
    import sqlalchemy
    assert telemetry.instrumented == ("sqlalchemy",)
    with sqlalchemy.create_engine("sqlite://").connect() as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        assert [span.name for span in sink.spans] == ["connect", "SELECT"]


def test_engines_made_before_and_by_a_name_imported_before_are_traced_once() -> None:
    program = """
    from sqlalchemy import create_engine, text
    before = create_engine("sqlite://")
    import llm_tracing
    llm_tracing.configure()
    for engine in (before, create_engine("sqlite://")):
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    """
    with http_sink() as sink:
        run_program(program, sink.endpoint)
        assert [span.name for span in sink.spans] == ["connect", "SELECT", "connect", "SELECT"]


def test_an_instrumentation_can_be_left_out_by_name() -> None:
    program = """
    import httpx, sqlalchemy, llm_tracing
    assert set(llm_tracing.configure().instrumented) == {"httpx", "httpx2"}
    """
    run_program(program, "http://127.0.0.1:9", OTEL_PYTHON_DISABLED_INSTRUMENTATIONS="sqlalchemy, langchain")


def test_an_instrumentation_that_fails_is_told_and_costs_no_import() -> None:
    program = """
    import sys, llm_tracing
    sys.modules["opentelemetry.instrumentation.httpx"] = None
    telemetry = llm_tracing.configure()
    import httpx
    assert telemetry.instrumented == ()
    """
    ended = run_program(program, "http://127.0.0.1:9")
    assert ended.stderr.startswith("httpx is not instrumented: ModuleNotFoundError")


def test_what_someone_else_instrumented_is_left_alone() -> None:
    program = """
    import httpx, llm_tracing
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
    HTTPXClientInstrumentor().instrument()
    telemetry = llm_tracing.configure()
    assert "httpx" not in telemetry.instrumented
    telemetry.shutdown()
    assert HTTPXClientInstrumentor().is_instrumented_by_opentelemetry
    """
    assert run_program(program, "http://127.0.0.1:9").stderr == ""


def test_a_package_that_an_instrumentation_imports_itself_is_instrumented_too() -> None:
    program = """
    import llm_tracing
    telemetry = llm_tracing.configure()
    import openai
    assert set(telemetry.instrumented) == {"httpx", "httpx2", "openai"}
    """
    assert run_program(program, "http://127.0.0.1:9").stderr == ""
