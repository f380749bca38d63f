"""A plain Flask service that knows nothing of telemetry: it rolls a die and writes a log line.

    flask --app llm_tracing.qa.flask_dice run --port 8090

or `llm-tracing dice`, which also takes `--approach`.
"""

import logging
import secrets

from flask import Flask, request

log = logging.getLogger(__name__)


def create_app() -> Flask:
    # The class is looked up in its module when the app is made: instrumentation replaces it there.
    import flask

    app = flask.Flask(__name__)

    @app.get("/rolldice")
    def roll_dice() -> str:
        player = request.args.get("player", "")[:200]
        value = secrets.randbelow(6) + 1
        log.warning("%s is rolling the dice: %d", player or "An anonymous player", value)
        return str(value)

    return app
