"""A plain web app that knows nothing of telemetry: one question to it, one statement to SQLite."""

import logging
import sqlite3
import threading
import urllib.request

from flask import Flask
from werkzeug.serving import make_server

app = Flask(__name__)
logger = logging.getLogger("albums")


@app.get("/albums/<int:least>")
def albums(least: int) -> dict[str, int]:
    with sqlite3.connect(":memory:") as db:
        cursor = db.cursor()
        cursor.execute("CREATE TABLE albums (title TEXT, sold INTEGER)")
        cursor.execute("INSERT INTO albums VALUES ('Unplugged', 25), ('Minha Historia', 27)")
        found = cursor.execute("SELECT count(*) FROM albums WHERE sold > ?", [least]).fetchone()
    logger.warning("counted albums over %s", least)
    return {"count": found[0]}


if __name__ == "__main__":
    server = make_server("127.0.0.1", 0, app)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/albums/26") as answer:
        print(answer.read().decode())
    server.shutdown()
