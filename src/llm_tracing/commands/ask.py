"""`llm-tracing ask` and `compare`."""

import signal
import sys
from typing import Annotated

import typer

from llm_tracing.commands.options import (
    AsJson,
    Data,
    Port,
    QaPort,
    err,
    fail,
    out,
    server_settings,
    told,
)


def ask(
    question: Annotated[str, typer.Argument(help="A question about the data, in plain words.")],
    as_json: AsJson = False,
    qa_port: QaPort = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Ask the reference service: answer, SQL, rows, tokens, cost and the link to the trace."""
    from llm_tracing.errors import LlmTracingError

    try:
        from llm_tracing.commands.asked_shown import asked_shown
        from llm_tracing.commands.asking import ask as ask_service
        from llm_tracing.commands.asking import service_address
        from llm_tracing.comparison.keep import server_address
    except ImportError as error:
        fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")
    settings = server_settings(port=port, data=data)
    try:
        with err.status("Asking") as status:
            asked = ask_service(
                question, service_address(qa_port), server_address(settings), settings.data, told(status)
            )
    except LlmTracingError as error:
        fail(error.line())
    if as_json:
        print(asked.model_dump_json(indent=2))  # noqa: T201
    else:
        asked_shown(asked, out)


def compare(
    question: Annotated[str, typer.Argument(help="A question about the data.")] = "list the most popular albums",
    approach: Annotated[
        list[str] | None, typer.Option(help="Only this one, against none; may be given more than once.")
    ] = None,
    as_json: AsJson = False,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Rounds in which CPU and bytes are measured.")] = 5,
    requests: Annotated[int, typer.Option(min=1, max=100, help="Questions a round, of each approach.")] = 5,
    port: Port = None,
    data: Data = None,
) -> None:
    """Ask one question under every approach to observing the service, and show what each sees and costs."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.telemetry.errors import TelemetryError

    try:
        from llm_tracing.comparison.keep import keep
        from llm_tracing.comparison.show import comparison_shown
        from llm_tracing.comparison.table import compare as compare_approaches
    except ImportError as error:
        fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")
    settings = server_settings(port=port, data=data)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that the services are ended
    try:
        with err.status("Starting") as status:
            progress = compare_approaches(question, approach or (), rounds, requests, told(status))
        kept = keep(progress, settings)
    except (LlmTracingError, TelemetryError) as error:
        fail(f"{error.message} {error.hint or ''}".strip())
    if as_json:
        print(progress.model_dump_json(indent=2))  # noqa: T201
        return
    comparison_shown(progress, kept, out)
