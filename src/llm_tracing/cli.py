"""The command line: `llm-tracing serve`, `run`, `demo`, `qa`. What can't run is one line and exit code 1."""

import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NoReturn

try:
    import typer
    from rich.console import Console
    from rich.markup import escape
except ImportError:  # the base install is the app side alone
    sys.stderr.write("The command line needs the server: pip install 'llm-tracing[server]'\n")
    raise SystemExit(1) from None

from llm_tracing.commands.data import add_commands

_LOOK_SECONDS = 0.1  # how soon a stop is seen

app = typer.Typer(
    name="llm-tracing",
    help="See what happens inside an LLM service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Port = Annotated[int | None, typer.Option(help="UI, API and OTLP/HTTP [LLM_TRACING_PORT, 4318]; 0 picks a free one.")]
GrpcPort = Annotated[int | None, typer.Option(help="OTLP/gRPC [LLM_TRACING_GRPC_PORT, 4317].")]
Host = Annotated[str | None, typer.Option(help="Address to listen on [LLM_TRACING_HOST, 127.0.0.1].")]
Data = Annotated[Path | None, typer.Option(help="The data folder [LLM_TRACING_DATA].")]
LensDatabase = Annotated[
    str | None,
    typer.Option(help="SQLAlchemy URL of the database that traced SQL ran on [LLM_TRACING_LENS_DATABASE]; only read."),
]
Approach = Annotated[
    str | None, typer.Option(help="How the service is observed [LLM_TRACING_APPROACH, otel]; `none` not at all.")
]
DicePort = Annotated[int, typer.Option(envvar="LLM_TRACING_DICE_PORT", help="Port to listen on; 0 picks a free one.")]
QaPort = Annotated[int | None, typer.Option(help="The reference service [LLM_TRACING_QA_PORT, 8080].")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, for programs.")]


def _server_settings(**flags: Any) -> Any:
    from pydantic import ValidationError

    from llm_tracing.config import ServerSettings

    try:
        return ServerSettings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"])
        _fail(f"LLM_TRACING_{name.upper()} (or its flag): {first['msg']}, not {first.get('input')!r}.")


def _fail(line: str) -> NoReturn:
    err.print(f"[red]error[/] {escape(line)}", markup=True)
    raise typer.Exit(1)


def _say_ready(url: str) -> None:
    print(f"ready {url}", flush=True)  # noqa: T201


class Stop:
    """Whether Ctrl-C or SIGTERM came; a second one ends the process at once.

    A plain flag that is looked at again and again: a lock (threading.Event has one) could be held by the very code that
    the signal interrupts, and then nothing would ever end.
    """

    def __init__(self) -> None:
        self.requested = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._request)

    def _request(self, number: int, _: object) -> None:
        if self.requested:
            raise SystemExit(128 + number)
        self.requested = True

    def wait(self, alive: Callable[[], bool] = lambda: True) -> None:
        """Return when a stop was asked for, or when `alive` says no."""
        while not self.requested and alive():
            time.sleep(_LOOK_SECONDS)


def _show_version(asked: bool) -> None:
    if asked:
        from llm_tracing.version import __version__

        out.print(f"llm-tracing {__version__}")
        raise typer.Exit


@app.callback()
def _commands(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """See what happens inside an LLM service."""


def _start_server(settings: Any) -> tuple[Any, Any]:
    """A running server and its addresses."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.server import Server, settle_collector

    server = Server(settings)
    try:
        addresses = server.start()
    except LlmTracingError as error:
        _fail(error.line())
    settle_collector()
    return server, addresses


@app.command()
def serve(
    port: Port = None,
    grpc_port: GrpcPort = None,
    host: Host = None,
    data: Data = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Speak TLS with this certificate chain (PEM).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The private key of the certificate (PEM).")] = None,
    redact: Annotated[
        str | None,
        typer.Option(help="Take out before storing: email,card,key or a file of rules [LLM_TRACING_REDACT]."),
    ] = None,
    require_keys: Annotated[bool | None, typer.Option("--require-keys", help="Ask for keys on loopback too.")] = None,
    lens_database: LensDatabase = None,
    store: Annotated[
        str | None, typer.Option(help="embedded, or lgtm: over Tempo, Loki and Prometheus [LLM_TRACING_STORE].")
    ] = None,
    trace_self: Annotated[
        str | None,
        typer.Option(help="Send the server's own traces to this other OTLP/HTTP address [LLM_TRACING_TRACE_SELF]."),
    ] = None,
) -> None:
    """Run the server: OTLP in, the web UI and its API out."""
    stop = Stop()
    settings = _server_settings(
        port=port,
        grpc_port=grpc_port,
        host=host,
        data=data,
        tls_cert=tls_cert,
        tls_key=tls_key,
        redact=redact,
        require_keys=require_keys,
        lens_database=lens_database,
        store=store,
        trace_self=trace_self,
    )
    server, addresses = _start_server(settings)
    out.print(f"[bold]LLM Tracing[/]  {addresses.http}")
    out.print(f"OTLP/HTTP    {addresses.http}")
    out.print(f"OTLP/gRPC    {addresses.grpc}")
    out.print(f"Data         {escape(addresses.data)}")
    if addresses.not_written:
        out.print(f"Only reading {escape(addresses.not_written)}")
    out.print("Ctrl-C stops it.", style="dim")
    sys.stdout.flush()
    stop.wait()
    server.stop()


@app.command()
def qa(qa_port: QaPort = None, host: Host = None, data: Data = None, approach: Approach = None) -> None:
    """Run the reference service: questions about a database in plain words."""
    try:
        from llm_tracing.qa import service
        from llm_tracing.qa.errors import QaError
        from llm_tracing.qa.settings import load_settings
    except ImportError as error:
        _fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")

    given = {"port": qa_port, "host": host, "LLM_TRACING_DATA": data, "LLM_TRACING_APPROACH": approach}
    try:
        settings = load_settings(**{name: value for name, value in given.items() if value is not None})
        service.run(settings, on_ready=_say_ready)
    except QaError as error:
        _fail(f"{error.message} {error.hint}".strip())


@app.command()
def dice(port: DicePort = 8090, host: Host = None, approach: Approach = None) -> None:
    """Run a plain Flask service that rolls a die: the smallest one to observe."""
    try:
        import flask  # noqa: F401

        from llm_tracing.qa import dice_service
        from llm_tracing.qa.errors import QaError
    except ImportError as error:
        _fail(f"The dice service needs {error.name}: pip install 'llm-tracing[auto]'")
    try:
        dice_service.run(approach, host or "127.0.0.1", port, on_ready=_say_ready)
    except QaError as error:
        _fail(f"{error.message} {error.hint}".strip())


@app.command()
def demo(port: Port = None, grpc_port: GrpcPort = None, qa_port: QaPort = None, data: Data = None) -> None:
    """Run the server, the reference service and the offline model, and print the links."""
    from llm_tracing.comparison.reference_service import ReferenceService, with_its_database
    from llm_tracing.errors import LlmTracingError

    stop = Stop()
    settings = with_its_database(_server_settings(port=port, grpc_port=grpc_port, data=data))
    with err.status("Starting the server"):
        server, addresses = _start_server(settings)
    service = ReferenceService(addresses.http, settings.data, qa_port)
    try:
        with err.status("Starting the reference service and the offline model"):
            url = service.wait_ready()
        out.print()
        out.print(f"  [bold]Ask a question[/]      {url}")
        out.print(f"  [bold]See what happened[/]   {addresses.http}")
        out.print(f"  OTLP                {addresses.http} (HTTP), {addresses.grpc} (gRPC)")
        out.print(f"  Data                {escape(addresses.data)}")
        out.print("\n  Ctrl-C stops it.", style="dim")
        sys.stdout.flush()
        stop.wait(service.alive)
    except LlmTracingError as error:
        _fail(error.line())
    finally:
        with err.status("Stopping"):
            service.stop()
            server.stop()
    if not stop.requested:
        _fail("The reference service ended by itself; its last lines say why.")


@app.command()
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
        _fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")
    settings = _server_settings(port=port, data=data)
    try:
        with err.status("Asking") as status:
            asked = ask_service(
                question, service_address(qa_port), server_address(settings), settings.data, _told(status)
            )
    except LlmTracingError as error:
        _fail(error.line())
    if as_json:
        print(asked.model_dump_json(indent=2))  # noqa: T201
    else:
        asked_shown(asked, out)


@app.command()
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
        _fail(f"The reference service needs {error.name}: pip install 'llm-tracing[demo]'")
    settings = _server_settings(port=port, data=data)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that the services are ended
    try:
        with err.status("Starting") as status:
            progress = compare_approaches(question, approach or (), rounds, requests, _told(status))
        kept = keep(progress, settings)
    except (LlmTracingError, TelemetryError) as error:
        _fail(f"{error.message} {error.hint or ''}".strip())
    if as_json:
        print(progress.model_dump_json(indent=2))  # noqa: T201
        return
    comparison_shown(progress, kept, out)


def _told(status: Any) -> Callable[[str], None]:
    """Where a command says what it does: a line that turns in a terminal, lines of their own elsewhere."""

    def tell(line: str) -> None:
        if err.is_terminal:
            status.update(line)
        else:
            err.print(line, style="dim")

    return tell


@app.command("export")
def export_command(
    what: Annotated[str, typer.Argument(help="traces, spans, logs, metrics, or the id of a trace.")] = "traces",
    form: Annotated[str, typer.Option("--format", help="jsonl, parquet or otlp (OTLP JSON).")] = "jsonl",
    q: Annotated[str, typer.Option("--q", help="The filter of the list, as in the UI.")] = "",
    since: Annotated[str, typer.Option(help="ISO 8601, nanoseconds, or how long ago: 30m, 24h, 7d.")] = "",
    until: Annotated[str, typer.Option(help="Likewise.")] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file, in place of stdout.")] = None,
    server: Annotated[str | None, typer.Option("--from", help="The server, where that is another address.")] = None,
    project: Annotated[str | None, typer.Option(help="The project; without it that of the key, or default.")] = None,
    port: Port = None,
    data: Data = None,
) -> None:
    """Write traces, logs or metrics of a running server to a file: llm-tracing export --since 24h > traces.jsonl"""
    from llm_tracing.commands.in_project import in_project
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.exchange.ago import time_text
    from llm_tracing.exchange.client import export

    if form == "parquet" and output is None and sys.stdout.isatty():
        _fail("Parquet is no text. Give a file: --output traces.parquet")
    try:
        asked = {"format": form, "q": q, "since": time_text(since), "until": time_text(until)}
        with in_project(_server_settings(data=data), project, is_here=server is None):
            if output is None:
                export(_address(server, port), what, asked, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                with output.open("wb") as file:
                    size = export(_address(server, port), what, asked, file)
                err.print(f"{output}: {size:,} bytes")
    except LlmTracingError as error:
        _fail(error.line())
    except OSError as error:
        _fail(f"{output or 'stdout'} cannot be written: {error.strerror or error}.")


@app.command("import")
def import_command(
    files: Annotated[
        list[Path] | None, typer.Argument(help="OTLP JSON, or JSON lines of an export; .gz, .zst; - is stdin.")
    ] = None,
    server: Annotated[str | None, typer.Option("--to", help="The server, where that is another address.")] = None,
    from_tempo: Annotated[
        str | None, typer.Option("--from-tempo", help="Copy traces of this Tempo, such as http://tempo:3200.")
    ] = None,
    q: Annotated[
        str, typer.Option("--q", help="Of Tempo: TraceQL, such as '{ span.gen_ai.request.model != nil }'.")
    ] = "{}",
    since: Annotated[str, typer.Option(help="Of Tempo: ISO 8601, nanoseconds, or how long ago: 30m, 24h, 7d.")] = "24h",
    until: Annotated[str, typer.Option(help="Likewise.")] = "",
    header: Annotated[list[str] | None, typer.Option(help="Of Tempo, such as 'X-Scope-OrgID: team'.")] = None,
    objects: Annotated[str | None, typer.Option(help="Where long texts lie, see LLM_TRACING_LGTM_OBJECTS.")] = None,
    port: Port = None,
) -> None:
    """Send files to a running server: llm-tracing import traces.json.gz. Or copy what a Tempo has: --from-tempo."""
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.exchange.client import send, told

    if (from_tempo is None) == (not files):
        _fail("Name files to send, or a Tempo with --from-tempo.")
    if from_tempo is not None:
        _copy_from_tempo(from_tempo, _address(server, port), q, since, until, header or (), objects)
        return
    whole = True
    for file in files or ():
        try:
            with sys.stdin.buffer if str(file) == "-" else file.open("rb") as source:
                report = send(_address(server, port), source)
        except LlmTracingError as error:
            _fail(error.line())
        except OSError as error:
            _fail(f"{file} cannot be read: {error.strerror or error}.")
        whole &= told(str(file), report, lambda line: out.print(escape(line)), lambda line: err.print(escape(line)))
    if not whole:
        raise typer.Exit(1)


def _copy_from_tempo(
    tempo: str, server: str, q: str, since: str, until: str, headers: Sequence[str], objects: str | None
) -> None:
    from llm_tracing.api.times import time_of
    from llm_tracing.commands.copying import Asked, copy, words_of
    from llm_tracing.errors import LlmTracingError
    from llm_tracing.exchange.ago import time_text

    try:
        start, end = time_of("--since", time_text(since)), time_of("--until", time_text(until))
        with err.status("Looking") as status:
            copied = copy(
                Asked(tempo, server, q, start, end, headers, objects), lambda one: status.update(words_of(one))
            )
    except LlmTracingError as error:
        _fail(error.line())
    out.print(escape(f"{tempo}: {words_of(copied)}"))


def _address(server: str | None, port: int | None) -> str:
    """Of the server that is asked: as named, or this machine's."""
    from llm_tracing.comparison.keep import server_address

    return (server or server_address(_server_settings(port=port))).rstrip("/")


@app.command()
def doctor(
    command: Annotated[list[str] | None, typer.Argument(help="A program to run and to look into, after --.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Where spans go [OTEL_EXPORTER_OTLP_ENDPOINT].")] = None,
    server: Annotated[str | None, typer.Option(help="The server, where that is another address.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long the program may run.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Say why nothing shows: environment, ports, protocols, clocks, senders. Exit code 1 if something is wrong."""
    from llm_tracing.diagnosis.doctor import Asked, run

    raise typer.Exit(run(Asked(endpoint, server, command or (), seconds, as_json)))


@app.command(context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False})
def run(
    command: Annotated[list[str] | None, typer.Argument(help="The command and its arguments, after --.")] = None,
    service: Annotated[str | None, typer.Option(help="Service name [OTEL_SERVICE_NAME, the script's name].")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="Send to this OTLP endpoint; no server is started [OTEL_EXPORTER_OTLP_ENDPOINT].")
    ] = None,
    protocol: Annotated[
        str | None, typer.Option(help="http/protobuf or grpc [OTEL_EXPORTER_OTLP_PROTOCOL, http/protobuf].")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the server running that was started here.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but what is wrong.")] = False,
    output: Annotated[bool, typer.Option("--output/--no-output", help="Record stdout and stderr as logs.")] = True,
    port: Port = None,
    grpc_port: GrpcPort = None,
    host: Host = None,
    data: Data = None,
) -> None:
    """Run any command and record what it does: llm-tracing run -- python app.py"""
    if not command:
        err.print("Nothing to run. For example: llm-tracing run -- python app.py")
        raise typer.Exit(2)
    from llm_tracing.runner.command import Options
    from llm_tracing.runner.command import run as observe

    settings = _server_settings(port=port, grpc_port=grpc_port, host=host, data=data)
    raise typer.Exit(observe(command, Options(settings, service, endpoint, protocol, keep, quiet, output)))


add_commands(app)


def main() -> None:
    from llm_tracing.commands.keys import audit, keys_app
    from llm_tracing.commands.project import project_app
    from llm_tracing.commands.redaction import redaction

    app.add_typer(keys_app, name="keys")
    app.add_typer(project_app, name="project")
    app.command()(audit)
    app.command()(redaction)
    app()
