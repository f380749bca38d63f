"""What speaks at an address: found out by a few bytes, whatever is meant to be there.

The client's greeting of HTTP/2 (RFC 9113, 3.4) tells them apart: a server of HTTP/2 answers with a SETTINGS frame, one
of HTTP/1.1 with a status line, one that waits for TLS with an alert or by hanging up.
"""

import socket
import ssl
from contextlib import suppress
from typing import Literal

Speaks = Literal["unresolved", "nothing", "silent", "http/1.1", "http/2", "tls", "unknown"]

TIMEOUT_S = 3.0
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))  # and an empty SETTINGS frame
_SETTINGS = 4
_ALERT = b"\x15\x03"


def speaks(host: str, port: int, timeout: float = TIMEOUT_S) -> Speaks:
    """What answers there."""
    try:
        answer = _answer(host, port, timeout)
    except socket.gaierror:
        return "unresolved"
    except TimeoutError:
        return "silent"
    except OSError:
        return "nothing"
    if answer.startswith(b"HTTP/1."):
        return "http/1.1"
    if len(answer) >= 9 and answer[3] == _SETTINGS:
        return "http/2"
    if answer.startswith(_ALERT) or _shakes_hands(host, port, timeout):
        return "tls"
    return "unknown"


def _answer(host: str, port: int, timeout: float) -> bytes:
    """The first bytes; none if it hangs up. Raises OSError if nobody listens, TimeoutError if nobody answers."""
    with socket.create_connection((host, port), timeout) as connection:
        connection.settimeout(timeout)
        with suppress(ConnectionError):
            connection.sendall(_GREETING)
            found = b""
            while len(found) < 9 and (chunk := connection.recv(64)):
                found += chunk
            return found
    return b""


def _shakes_hands(host: str, port: int, timeout: float) -> bool:
    """Whether it speaks TLS; whose certificate it shows does not matter here."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        suppress(OSError),
        socket.create_connection((host, port), timeout) as connection,
        context.wrap_socket(connection, server_hostname=host),
    ):
        return True
    return False
