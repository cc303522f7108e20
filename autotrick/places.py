"""Trusted locations: folders, storages and clusters that are the user's own.

A record may come from somebody else: a shared database, or a file that was sent. A location that it
names is used without asking only if it lies in the user's own folders, or if the user has given it
to an earlier search or resume; these are remembered in the user's cache folder.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from autotrick.data.cache import default_folder
from autotrick.redaction import without_secrets

FILE = "places.jsonl"
_MOST = 1_000_000
"""Bytes of the file that are read."""


def remember(*places: Path | str | None) -> None:
    """Remember locations that the user has named. If that fails, they are asked for again later."""
    for place in places:
        if place is None or is_own(str(place)):
            continue
        named = without_secrets(place) if isinstance(place, str) else str(place.absolute())
        with suppress(OSError):
            folder = default_folder()
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / FILE).open("a", encoding="utf-8") as file:
                file.write(json.dumps(named) + "\n")


def is_own(place: str) -> bool:
    """Return whether a folder, a storage's URL or a cluster's address is the user's own."""
    if "\0" in place or ".." in PurePosixPath(place).parts:
        return False
    if "://" in place or not place.startswith("/"):
        return any(_is_under(place, known) for known in _remembered())
    with suppress(OSError, RuntimeError):
        path = Path(place).resolve()
        return any(path.is_relative_to(folder) for folder in _folders())
    return False


def own_folder(recorded: Mapping[str, Any], name: str) -> Path | None:
    """Return the folder that a record names if it is the user's own, otherwise None for the default."""
    named = recorded.get(name)
    return Path(named) if isinstance(named, str) and named and is_own(named) else None


def _is_under(place: str, known: str) -> bool:
    return place == known or place.startswith(known.rstrip("/") + "/")


def _folders() -> Iterator[Path]:
    """Give the folders below which all is the user's own."""
    own = [default_folder(), *(Path(known) for known in _remembered() if known.startswith("/"))]
    with suppress(OSError, RuntimeError):  # the working folder was deleted, or there is no home
        own += [Path.cwd(), Path.home()]
    for folder in own:
        resolved = folder.resolve()
        if resolved != Path(resolved.anchor):
            yield resolved


def _remembered() -> list[str]:
    if given := os.environ.get("RAY_ADDRESS"):
        return [given, *_read()]
    return _read()


def _read() -> list[str]:
    found = []
    with suppress(OSError, UnicodeDecodeError):
        with (default_folder() / FILE).open("rb") as file:
            lines = file.read(_MOST).decode().splitlines()
        for line in lines:
            with suppress(ValueError):
                found.append(str(json.loads(line)))
    return found
