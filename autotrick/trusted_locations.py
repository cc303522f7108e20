"""Trusted locations: folders, storages and clusters that are the user's own.

Somebody else may have written a record, in a shared database or an imported file. A location in a
record is used without asking only if it is in the user's own folders, or if the user named it in an
earlier search or resume; a file in the user's cache folder remembers those.
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
"""Bytes to read of the file."""


def remember(*locations: Path | str | None) -> None:
    """Remember locations that the user has named. If that fails, they are asked for again later."""
    for location in locations:
        if location is None or is_own(str(location)):
            continue
        named = without_secrets(location) if isinstance(location, str) else str(location.absolute())
        with suppress(OSError):
            folder = default_folder()
            folder.mkdir(parents=True, exist_ok=True)
            with (folder / FILE).open("a", encoding="utf-8") as file:
                file.write(json.dumps(named) + "\n")


def is_own(location: str) -> bool:
    """Return whether a folder, a storage's URL or a cluster's address is the user's own."""
    if "\0" in location or ".." in PurePosixPath(location).parts:
        return False
    if "://" in location or not location.startswith("/"):
        return any(_is_under(location, own) for own in _remembered())
    with suppress(OSError, RuntimeError):
        path = Path(location).resolve()
        return any(path.is_relative_to(folder) for folder in _folders())
    return False


def own_folder(recorded: Mapping[str, Any], name: str) -> Path | None:
    """Return the folder that a record names if it is the user's own; otherwise None."""
    named = recorded.get(name)
    return Path(named) if isinstance(named, str) and named and is_own(named) else None


def _is_under(location: str, parent: str) -> bool:
    return location == parent or location.startswith(parent.rstrip("/") + "/")


def _folders() -> Iterator[Path]:
    """Yield the folders whose whole content is the user's own."""
    own = [
        default_folder(),
        *(Path(location) for location in _remembered() if location.startswith("/")),
    ]
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
    locations = []
    with suppress(OSError, UnicodeDecodeError):
        with (default_folder() / FILE).open("rb") as file:
            lines = file.read(_MOST).decode().splitlines()
        for line in lines:
            with suppress(ValueError):
                locations.append(str(json.loads(line)))
    return locations
