from http.client import HTTPConnection
from time import perf_counter

import fastapi

from llm_tracing.qa.local_server import serving


def test_answers_on_a_kept_connection_do_not_wait_for_an_acknowledgement() -> None:
    app = fastapi.FastAPI()
    app.add_api_route("/", lambda: {"status": "ok"})
    took = []
    with serving(app) as address:
        connection = HTTPConnection(address.rpartition("//")[2])
        for _ in range(20):
            begun = perf_counter()
            connection.request("GET", "/")
            connection.getresponse().read()
            took.append(perf_counter() - begun)
        connection.close()
    assert min(took[10:]) < 0.03, took
