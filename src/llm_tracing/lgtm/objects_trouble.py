"""Why an object store did not do what was asked of it, out of obstore's words: what it answered, and what to set.

S3 says it in XML: `<Error><Code>NoSuchBucket</Code><Message>...`; obstore hands that on in the text of its error, with
a dump of its own behind it. Only code, message and region are taken from it: the rest may hold what was signed.
"""

from __future__ import annotations

import re
from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from llm_tracing.errors import BackendReason

_SETTING = "LLM_TRACING_LGTM_OBJECTS"
_CODE = re.compile(r"<Code>(\w{1,100})</Code>")
_MESSAGE = re.compile(r"<Message>([^<]{1,300})</Message>")
_REGION = re.compile(r"<Region>([\w-]{1,40})</Region>")
_STATUS = re.compile(r"status code: (\d{3})")
_OF_THE_SYSTEM = re.compile(r'(?:message|error): "([^"\\]{1,200})"')
_METADATA = ("169.254.169.254", "169.254.170.2", "/latest/api/token", "/latest/meta-data")
_ACCESS = re.compile(r"AccessKey|Signature|AccessDenied|User|Token|Credential|Forbidden|Account")
_OF_A_KEY = frozenset({"", "NoSuchKey", "NotFound"})  # what is missing is one object


class Trouble(NamedTuple):
    """In one line what it answered, and what to set."""

    reason: BackendReason
    said: str
    hint: str


def trouble_of(error: BaseException, place: str) -> Trouble:
    """`place` is the address of the objects."""
    return _trouble(str(error), type(error).__name__, place)


def is_missing(error: BaseException) -> bool:
    """Whether it says that there is no such object, and not that nothing can be found there."""
    return isinstance(error, FileNotFoundError) and _first(_CODE, str(error)) in _OF_A_KEY


def one_line(text: str, otherwise: str) -> str:
    first = next((line.strip() for line in text.splitlines() if line.strip()), otherwise)
    return first.rstrip(".")[:300]


def _trouble(text: str, kind: str, place: str) -> Trouble:
    scheme = urlsplit(place).scheme
    if scheme == "file":
        said = one_line(text, kind)
        return Trouble("failing", said, f"Give the folder room and let this user write there, or set {_SETTING}.")
    code, status = _first(_CODE, text), int(_first(_STATUS, text) or 0)
    if any(words in text for words in _METADATA) or "NoCredentials" in text:
        return Trouble("access", "no credentials, and this machine has no role", _credentials(scheme))
    if status:
        return _answered(text, code, status, place)
    if "kind: Timeout" in text or "timed out" in text:
        return Trouble("slow", "no answer in time", _address(scheme, "Look at how busy it is, and at its address: "))
    if "error sending request" in text or "Connect" in text:
        why = _first(_OF_THE_SYSTEM, text)
        said = f"no connection ({why})" if why else "no connection"
        return Trouble("down", said, _address(scheme, "Start it, or say where it is: "))
    return Trouble("failing", one_line(text, kind), f"Look at {_SETTING} and at what it is reached with.")


def _answered(text: str, code: str, status: int, place: str) -> Trouble:
    words = unescape(_first(_MESSAGE, text)).rstrip(".")
    said = f"answered {status}" + (f" ({': '.join(part for part in (code, words) if part)})" if code or words else "")
    parts = urlsplit(place)
    region = _first(_REGION, text)
    if region or code in ("AuthorizationHeaderMalformed", "PermanentRedirect") or status in (301, 307):
        return Trouble("address", said, f"Set AWS_REGION to {region or 'the region of the bucket'}.")
    if code == "NoSuchBucket":
        return Trouble("address", said, f"Make the bucket {parts.netloc}, or name another in {_SETTING}.")
    if status in (401, 403) or _ACCESS.search(code):
        return Trouble("access", said, _credentials(parts.scheme))
    if status in (429, 503):
        return Trouble("busy", said, "It asks to come later; look at its limits.")
    if status >= 500:
        return Trouble("failing", said, "Its own log says more.")
    return Trouble("address", said, _address(parts.scheme, f"Look at {_SETTING}, and at its address: "))


def _credentials(scheme: str) -> str:
    if scheme not in ("s3", "s3a"):
        return f"Set what {_SETTING} is reached with, of somebody who may read and write there."
    return "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of somebody who may read and write in the bucket."


def _address(scheme: str, words: str) -> str:
    return f"{words}AWS_ENDPOINT, such as http://minio:9000." if scheme in ("s3", "s3a") else f"{words}{_SETTING}."


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""
