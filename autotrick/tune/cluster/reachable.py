"""Checks whether a Ray cluster listens at an address."""

import os
import socket

# How HTTP/2, which Ray's servers speak, begins: the client's preface with an empty frame of settings
# (length 0, type 4, flags 0, stream 0). A server answers with a frame of that type.
_SETTINGS = b"\x04"
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0" + _SETTINGS + bytes(5)


def check_reachable(address: str) -> None:
    """Check at once that Ray answers at an address; Ray itself would try for minutes.

    Raises:
        ConnectionError: Nothing listens there, or something other than Ray.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=5) as link:
            if os.environ.get("RAY_USE_TLS", "0") not in ("0", ""):
                return
            link.sendall(_GREETING)
            answer = link.recv(9)
    except TimeoutError:
        answer = b""
    except (OSError, OverflowError) as error:
        raise ConnectionError(f"{error}. Start one: ray start --head") from error
    if answer[3:4] != _SETTINGS:
        raise ConnectionError(
            "what listens there does not answer like Ray. Give the address that `ray start --head` "
            "printed (port 6379 if not chosen)"
        )
