import json
import math

import pytest

from llm_tracing.telemetry.masking import MASK, is_secret_name, masked, masked_text


@pytest.mark.parametrize(
    "name",
    [
        "api_key", "apiKey", "API-KEY", "OPENAI_API_KEY", "x-api-key", "password", "dbPassword", "passwd", "secret",
        "client_secret", "authorization", "Authorization", "proxy-authorization", "cookie", "set-cookie", "token",
        "access_token", "session.token", "credentials", "aws_secret_access_key",
    ],
)  # fmt: skip
def test_a_telling_name_hides_its_value(name: str) -> None:
    assert is_secret_name(name)
    assert masked({name: "value"}) == {name: MASK}


@pytest.mark.parametrize(
    "name", ["input_tokens", "total_tokens", "tokens", "key", "keyboard", "author", "cookies_eaten"]
)
def test_other_names_do_not(name: str) -> None:
    assert masked({name: "value"}) == {name: "value"}


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key sk-proj-abcDEF123456 used", "abcDEF123456"),
        ("Authorization: Bearer abc.def.ghi", "abc.def.ghi"),
        ("authorization=Basic dXNlcjpwdw==", "dXNlcjpwdw"),
        ("postgresql://shop:hunter2@db/shop", "hunter2"),
        ("GET /v1?api_key=12345&x=1", "12345"),
        ('{"password": "hunter2"}', "hunter2"),
        ("{'x-api-key': 'hunter2'}", "hunter2"),
        ("lsv2_pt_0123456789abcdef", "0123456789abcdef"),
        ("ghp_0123456789abcdefghij", "0123456789"),
        ("AKIAIOSFODNN7EXAMPLE", "IOSFODNN7"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefgh", "eyJzdWIiOiIxIn0"),
        ("token=abcdef", "abcdef"),
    ],
)
def test_what_looks_like_a_secret_is_masked_in_any_text(text: str, secret: str) -> None:
    assert secret not in masked_text(text)
    assert MASK in masked_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT COUNT(*) AS count FROM Employee",
        "unexpected token: SELECT",
        "935 input tokens, 16 output tokens",
        "http://127.0.0.1:4318/v1/traces",
        "the task-force asked for sk-9",
        "GET /ask?question=How+many HTTP/1.1",
    ],
)
def test_plain_words_stay(text: str) -> None:
    assert masked_text(text) == text


class Sulky:
    def __str__(self) -> str:
        raise RuntimeError("no")


def test_anything_becomes_json() -> None:
    cycle: dict[object, object] = {"a": [1, (2, {3})], "nan": math.nan, "bytes": b"x", 5: Sulky()}
    cycle["self"] = cycle
    deep: object = "end"
    for _ in range(5000):
        deep = [deep]
    text = json.dumps(masked({"cycle": cycle, "deep": deep, "many": list(range(5000))}), allow_nan=False)
    assert "Sulky" in text
    assert len(text) < 200_000
