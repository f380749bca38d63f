"""A server that asks for keys, over HTTP, gRPC and with a browser's cookie."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import httpx
import pytest
from google.rpc.status_pb2 import Status

from llm_tracing.access.keyring import Keyring
from llm_tracing.access.keys import Scope, scopes_of
from llm_tracing.access.throttle import MAX_FAILURES
from llm_tracing.config import ServerSettings
from llm_tracing.errors import ConfigError, KeysMissing, NotLoopback
from llm_tracing.server import Server
from tests.builders import TRACE, span, trace_request
from tests.running import PROTOBUF, Running, stubs

BODY = trace_request(span()).SerializeToString()
TLS = Path(__file__).parent.parent / "data" / "tls"


class Guarded(Running):
    """A server that asks for keys, and a way to make some."""

    def __init__(self, data: Path, **settings: object) -> None:
        self._keyring = Keyring(data)
        self.admin = self.make("admin")
        super().__init__(data, **{"require_keys": True, **settings})

    def make(self, *scopes: Scope) -> str:
        return self._keyring.create("-".join(scopes), scopes_of(scopes))[1]

    def revoke(self, secret: str) -> None:
        self._keyring.revoke(secret.split("_")[1])

    def stop(self) -> None:
        super().stop()
        self._keyring.close()

    def send(self, **headers: str) -> httpx.Response:
        return self.post("/v1/traces", BODY, **headers)

    def ask(self, path: str = "/api/v1/traces", **headers: str) -> httpx.Response:
        return self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    with Guarded(tmp_path) as server:
        yield server


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_a_sender_without_a_key_gets_401_in_its_own_form(guarded: Guarded) -> None:
    answer = guarded.send()
    assert (answer.status_code, answer.headers["content-type"]) == (401, PROTOBUF)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    said = Status.FromString(answer.content)
    assert (said.code, "llm-tracing keys create" in said.message) == (16, True)
    langsmith = guarded.post("/langsmith/runs", b"{}", "application/json")
    assert (langsmith.status_code, "A key is needed" in langsmith.json()["detail"]) == (401, True)
    assert guarded.http.get("/api/v1/traces").json()["error"]["code"] == "unauthenticated"


@pytest.mark.parametrize("shown", ["bearer", "x-api-key", "basic"])
def test_a_key_is_taken_in_every_way_that_clients_send_it(guarded: Guarded, shown: str) -> None:
    secret = guarded.make("ingest")
    headers = {"x-api-key": secret} if shown == "x-api-key" else bearer(secret)
    if shown == "basic":
        request = httpx.BasicAuth("public", secret)
        answer = guarded.http.post("/v1/traces", content=BODY, headers={"content-type": PROTOBUF}, auth=request)
    else:
        answer = guarded.http.post("/v1/traces", content=BODY, headers={"content-type": PROTOBUF, **headers})
    assert answer.status_code == 200
    assert [t["trace_id"] for t in guarded.ask(**bearer(guarded.admin)).json()["traces"]] == [TRACE]


def test_each_scope_opens_its_own_door(guarded: Guarded) -> None:
    ingest, read = guarded.make("ingest"), guarded.make("read")
    assert guarded.send(**bearer(ingest)).status_code == 200
    assert guarded.send(**bearer(read)).status_code == 403
    assert guarded.ask(**bearer(read)).status_code == 200
    assert guarded.ask(**bearer(ingest)).status_code == 403
    assert guarded.ask("/langsmith/info", **bearer(ingest)).status_code == 200
    delete = {"content-type": "application/json"}
    refused = guarded.http.delete("/api/v1/doctor/errors", headers={**delete, **bearer(read)})
    assert (refused.status_code, "scope admin" in refused.json()["error"]["message"]) == (403, True)
    assert guarded.http.delete("/api/v1/doctor/errors", headers={**delete, **bearer(guarded.admin)}).status_code == 204


def test_grpc_asks_for_the_same_keys(guarded: Guarded) -> None:
    def export(*metadata: tuple[str, str]) -> object:
        with grpc.insecure_channel(guarded.addresses.grpc.removeprefix("http://")) as channel:
            return stubs(channel)["traces"].Export(trace_request(span()), timeout=10, metadata=metadata)

    with pytest.raises(grpc.RpcError) as refused:
        export()
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED
    with pytest.raises(grpc.RpcError) as refused:
        export(("authorization", f"Bearer {guarded.make('read')}"))
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
    assert export(("authorization", f"Bearer {guarded.make('ingest')}")) is not None
    assert export(("x-api-key", guarded.make("ingest"))) is not None
    codes = []
    for _ in range(MAX_FAILURES + 1):
        with pytest.raises(grpc.RpcError) as refused:
            export(("x-api-key", "wrong"))
        codes.append(refused.value.code())
    assert codes[-1] == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_revoked_key_ends_while_the_server_runs(guarded: Guarded) -> None:
    secret = guarded.make("ingest")
    assert guarded.send(**bearer(secret)).status_code == 200
    guarded.revoke(secret)
    deadline = time.monotonic() + 30
    while guarded.send(**bearer(secret)).status_code != 401:
        assert time.monotonic() < deadline, "a revoked key is still taken"
        time.sleep(0.1)


def test_wrong_keys_are_held_up_and_right_ones_are_not(guarded: Guarded) -> None:
    statuses = [guarded.send(**bearer("wrong")).status_code for _ in range(MAX_FAILURES + 2)]
    assert statuses == [401] * MAX_FAILURES + [429, 429]
    answer = guarded.send(**bearer("wrong"))
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert guarded.send(**bearer(guarded.admin)).status_code == 200
    assert guarded.send().status_code == 401  # no key at all is not a guess


def test_a_person_logs_in_and_out(guarded: Guarded) -> None:
    own = {"origin": guarded.addresses.http}
    assert guarded.ask("/api/v1/login").json() == {
        "required": True,
        "scopes": [],
        "name": None,
        "by_cookie": False,
        "project": None,
    }
    wrong = guarded.http.post("/api/v1/login", json={"key": "wrong"}, headers=own)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
    sender = guarded.http.post("/api/v1/login", json={"key": guarded.make("ingest")}, headers=own)
    assert (sender.status_code, "set-cookie" in sender.headers) == (403, False)

    answer = guarded.http.post("/api/v1/login", json={"key": guarded.make("read")}, headers=own)
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 200
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age=604800"))
    assert guarded.ask().status_code == 200
    assert guarded.ask("/api/v1/login").json()["by_cookie"] is True
    assert guarded.ask("/api/v1/audit").status_code == 403

    # The browser would send the cookie with a form of another page, so a write must say where it comes from.
    path = f"/api/v1/traces/{TRACE}/annotations"
    assert guarded.http.post(path, json={"key": "thumbs"}).status_code == 403
    assert guarded.http.post(path, json={}, headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert guarded.http.post(path, json={}, headers=own).status_code in (400, 404)

    gone = guarded.http.delete("/api/v1/login", headers=own)
    assert gone.status_code == 204
    guarded.http.cookies.set("llm_tracing_login", cookie.partition("=")[2].partition(";")[0])
    assert guarded.ask().status_code == 401


def test_administrative_acts_are_on_record(guarded: Guarded) -> None:
    headers = {"content-type": "application/json", **bearer(guarded.admin)}
    guarded.http.delete("/api/v1/doctor/errors", headers=headers)
    acts = guarded.ask("/api/v1/audit", **bearer(guarded.admin)).json()["acts"]
    assert [(act["act"], act["who"].split(" ")[0]) for act in acts] == [("DELETE /api/v1/doctor/errors", "admin")]
    keys = guarded.ask("/api/v1/keys", **bearer(guarded.admin)).json()["keys"]
    assert [(key["name"], key["scopes"]) for key in keys] == [("admin", ["admin"])]
    assert guarded.admin not in str(keys)


def test_beyond_loopback_a_key_must_exist(tmp_path: Path) -> None:
    settings = {"host": "0.0.0.0", "port": 0, "grpc_port": 0, "data": tmp_path}
    with pytest.raises(NotLoopback):
        Server(ServerSettings(**settings)).start()  # type: ignore[arg-type]
    with pytest.raises(KeysMissing):
        Server(ServerSettings(require_keys=True, port=0, grpc_port=0, data=tmp_path)).start()
    with Guarded(tmp_path, host="0.0.0.0", require_keys=False) as server:
        port = server.addresses.http.rpartition(":")[2]
        assert httpx.get(f"http://127.0.0.1:{port}/api/v1/traces", trust_env=False).status_code == 401
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).status_code == 200


def test_keys_may_come_from_the_environment(tmp_path: Path) -> None:
    ingest, read = "an-ingest-key-of-the-test", "a-read-key-of-the-test"
    with Running(tmp_path, require_keys=True, ingest_key=ingest, read_key=read) as server:
        assert server.post("/v1/traces", BODY, **bearer(ingest)).status_code == 200
        assert server.http.get("/api/v1/traces", headers=bearer(ingest)).status_code == 403
        answer = server.http.post("/api/v1/login", json={"key": read}, headers={"origin": server.addresses.http})
        assert answer.status_code == 200
        assert server.http.get("/api/v1/traces").status_code == 200


def test_without_keys_nobody_is_asked(server: Running) -> None:
    said = server.http.get("/api/v1/login", headers={"authorization": "Bearer whatever"}).json()
    assert (said["required"], said["scopes"], said["project"]) == (False, ["admin", "ingest", "read"], "default")
    assert (said["name"], said["by_cookie"]) == (None, False)
    assert server.post("/v1/traces", BODY, x_api_key="lsv2_pt_whatever").status_code == 200


def test_tls_is_spoken_by_http_and_grpc(tmp_path: Path) -> None:
    chain, key = TLS / "certificate.pem", TLS / "key.pem"
    with Guarded(tmp_path, tls_cert=chain, tls_key=key) as server:
        assert server.addresses.http.startswith("https://")
        assert server.addresses.grpc.startswith("https://")
        with httpx.Client(base_url=server.addresses.http, verify=_trusting(chain), trust_env=False) as http:
            sent = http.post("/v1/traces", content=BODY, headers={"content-type": PROTOBUF, **bearer(server.admin)})
            assert sent.status_code == 200
            login = http.post("/api/v1/login", json={"key": server.admin}, headers={"origin": server.addresses.http})
            assert "Secure" in login.headers["set-cookie"]
            assert login.headers["set-cookie"].startswith("__Host-")
            assert http.get("/api/v1/traces").status_code == 200
        credentials = grpc.ssl_channel_credentials(chain.read_bytes())
        with grpc.secure_channel(server.addresses.grpc.removeprefix("https://"), credentials) as channel:
            metadata = (("x-api-key", server.admin),)
            assert stubs(channel)["traces"].Export(trace_request(span()), timeout=10, metadata=metadata) is not None


def _trusting(chain: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(chain))


@pytest.mark.parametrize("given", [{"tls_cert": TLS / "certificate.pem"}, {"tls_key": TLS / "key.pem"}])
def test_half_a_certificate_is_told(tmp_path: Path, given: dict[str, Path]) -> None:
    settings = ServerSettings(port=0, grpc_port=0, data=tmp_path, **given)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="certificate and its key"):
        Server(settings).start()


def test_a_file_that_is_no_certificate_is_told(tmp_path: Path) -> None:
    (wrong := tmp_path / "wrong.pem").write_text("nothing")
    settings = ServerSettings(port=0, grpc_port=0, data=tmp_path, tls_cert=wrong, tls_key=wrong)
    with pytest.raises(ConfigError, match="no certificate that can be used"):
        Server(settings).start()
