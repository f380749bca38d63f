"""A multipart body is cut at its delimiters and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_tracing.receive import multipart
from llm_tracing.receive.multipart import Part, boundary_of, parts_of

CONTENT = 'Content-Disposition: form-data; name="a"\r\nContent-Type: text/plain\r\n\r\n'


def _body(*contents: str, end: str = "--b--\r\n", begin: str = "") -> bytes:
    return (begin + "".join(f"--b\r\n{CONTENT}{content}\r\n" for content in contents) + end).encode()


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=b1", b"b1"),
        ('multipart/form-data; charset=utf-8; Boundary="b 1"', b"b 1"),
        ("multipart/form-data; boundary=----LangSmithFormBoundaryt130f7; x=y", b"----LangSmithFormBoundaryt130f7"),
    ],
)
def test_the_boundary_is_a_parameter(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize("content", ["", "x", "\r\n", "line\r\n--bc\r\n", "\r\n--b x\r\n", "{}\r\n\r\n{}"])
def test_content_is_kept_byte_for_byte(content: str) -> None:
    assert parts_of(_body(content, "next"), b"b") == [
        Part("a", "text/plain", content.encode()),
        Part("a", "text/plain", b"next"),
    ]


def test_what_stands_around_the_parts_means_nothing() -> None:
    assert len(parts_of(_body("x", begin="preamble\r\n", end="--b--\r\nepilogue"), b"b")) == 1
    assert len(parts_of(_body("x", end="--b--"), b"b")) == 1
    assert parts_of(b"--b--", b"b") == []


def test_white_space_may_follow_a_delimiter() -> None:
    assert len(parts_of(_body("x", "y").replace(b"--b\r\n", b"--b \t\r\n"), b"b")) == 2


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('form-data; name="post.1"', "post.1"),
        ("form-data; name=post.1", "post.1"),
        ('form-data; filename="f"; name="a \\"b\\""', 'a "b"'),
        ('FORM-DATA; NAME="ä"', "ä"),
    ],
)
def test_a_part_has_the_name_of_its_disposition(header: str, name: str) -> None:
    body = f"--b\r\ncontent-disposition:{header}\r\n\r\nx\r\n--b--".encode()
    assert parts_of(body, b"b") == [Part(name, "", b"x")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n",
        b"--c\r\n",
        _body("x", end=""),
        _body("x", end="--b"),
        b"--b\r\nno header\r\n--b--",
        b"--b\r\n\r\nx\r\n--b--",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        b"--b\r\nX: " + b"y" * 20_000 + b"\r\n\r\nx\r\n--b--",
    ],
)
def test_a_body_that_is_not_cut_as_it_says_is_an_error(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parts_of(body, b"b")


PIECES = st.sampled_from(
    [
        b"--b",
        b"\r\n--b",
        b"--",
        b"\r\n",
        b" ",
        b"x",
        b"{}",
        CONTENT.encode(),
        b"\r\n--b\r\n" + CONTENT.encode(),
        b"--b\r\n",
    ]
)


@given(st.lists(PIECES, max_size=12).map(b"".join))
def test_a_body_cut_in_one_pass_is_cut_as_any_other(body: bytes) -> None:
    def cut() -> list[Part] | str:
        try:
            return parts_of(body, b"b")
        except ValueError as error:
            return str(error)

    quick = cut()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multipart, "_usual_parts", lambda *_: None)
        assert cut() == quick
