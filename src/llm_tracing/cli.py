"""The command line: `llm-tracing serve`, `run`, `demo`, `qa`. What can't run is one line and exit code 1."""

import sys
from typing import Annotated

try:
    import typer
except ImportError:  # the base install is the app side alone
    sys.stderr.write("The command line needs the server: pip install 'llm-tracing[server]'\n")
    raise SystemExit(1) from None

from llm_tracing.commands import ask, data, exchange, observe, serve
from llm_tracing.commands.options import out

app = typer.Typer(
    name="llm-tracing",
    help="See what happens inside an LLM service.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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


for command in (serve.serve, serve.qa, serve.dice, serve.demo, ask.ask, ask.compare):
    app.command()(command)
app.command("export")(exchange.export_command)
app.command("import")(exchange.import_command)
app.command()(observe.doctor)
app.command(context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False})(observe.run)
data.add_commands(app)


def main() -> None:
    from llm_tracing.commands.keys import audit, keys_app
    from llm_tracing.commands.project import project_app
    from llm_tracing.commands.redaction import redaction

    app.add_typer(keys_app, name="keys")
    app.add_typer(project_app, name="project")
    app.command()(audit)
    app.command()(redaction)
    app()
