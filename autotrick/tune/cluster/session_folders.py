"""The folder of Ray's sockets and logs on this machine.

Ray uses `RAY_TMPDIR`, `TMPDIR` or `/tmp`. It cannot start if that path is long, because a socket's
address has at most 107 bytes, or if the folder `ray` in it belongs to another user. Then this module
chooses a folder of the user.
"""

import os
import re
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from autotrick.errors import ResourceError

_SOCKET = 107
"""Bytes of a socket's address, without its end: 108 on Linux, and 104 on macOS, have room for it."""
_NAME = len("/session_2026-11-30_00-54-41_402529_4194304/sockets/plasma_store.1") + 4
"""Bytes that Ray adds to its folder, with four less on macOS."""
_PLACES = ("/tmp", "/var/tmp", "/dev/shm")


def session_folder() -> str:
    """Return the folder in which Ray can make the folder of a session.

    Raises:
        ResourceError: There is none.
    """
    asked = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or _PLACES[0]
    # Ray's own choice first: tools look for Ray's logs there.
    for folder in (Path(asked) / "ray", *(Path(place) / "ray" for place in _PLACES)):
        if _fits(folder) and _usable(folder, shared=True):
            return str(folder)
    for place in _PLACES:
        folder = Path(place) / f"autotrick-ray-{os.getuid()}"
        if _usable(folder, shared=False):
            return str(folder)
    with suppress(OSError):
        made = Path(tempfile.mkdtemp(prefix="at-"))
        if _fits(made):
            return str(made)
    raise ResourceError(
        f"Ray needs a folder for its sockets that can be written to and whose path has at most "
        f"{_SOCKET - _NAME} plain letters, and neither TMPDIR ({asked}) nor {', '.join(_PLACES)} is one. "
        "Set RAY_TMPDIR to such a folder."
    )


def ensure_token() -> None:
    """Give Ray a token for its processes if it cannot store one in the user's home folder."""
    given = any(os.environ.get(name) for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"))
    if given or os.environ.get("RAY_AUTH_MODE", "token").lower() != "token":
        return
    try:
        folder = Path.home() / ".ray"
    except RuntimeError:  # no HOME, and no entry of this user in the system's list
        usable = False
    else:
        kept = folder / "auth_token"
        usable = os.access(kept, os.R_OK) or _usable(folder, shared=True)
    if not usable:
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)


def _fits(folder: Path) -> bool:
    text = str(folder)
    plain = re.fullmatch(r"/[ -~]*", text) is not None
    return plain and len(os.fsencode(text)) <= _SOCKET - _NAME


def _usable(folder: Path, *, shared: bool) -> bool:
    """Make the folder if it does not exist; return whether this user can write there.

    Args:
        shared: Whether others may write there too, as in Ray's own folder.
    """
    try:
        folder.mkdir(mode=0o777 if shared else 0o700, parents=shared, exist_ok=True)
        # Permissions say little on a full or read-only disk, or for root.
        with tempfile.TemporaryFile(dir=folder):
            pass
        return shared or folder.stat().st_uid == os.getuid()
    except OSError:
        return False
