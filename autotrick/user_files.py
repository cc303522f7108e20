"""Read users' text, JSON and TOML files within limits.

Whatever is in such a file, the answer is its content or one sentence. Readers of the standard library
end with RecursionError, MemoryError or ValueError on content that somebody else may have written.
Editors on Windows put a byte order mark before UTF-8, and some save UTF-16.
"""

import codecs
import errno
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autotrick.bounded_file import read_bounded
from autotrick.errors import AutotrickError
from autotrick.limits import LIMITS, most

_DOTTED = re.compile(rf"(?:[\w\"'-]+[ \t]*\.[ \t]*){{{most('nesting')}}}")
"""Keys such as a.b.c.d: the standard library's reader takes hours for thousands of parts."""
_OTHER = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks; those of UTF-32 come first, because one begins as UTF-16's does."""


def read_text(path: Path, refuse: type[AutotrickError], *, limit: str = "json_bytes") -> str:
    r"""Return the text of a UTF-8 file without its byte order mark; every line ends with `\n`.

    Args:
        refuse: Type of the exception to raise.
        limit: Which of `LIMITS` bounds its bytes.
    """
    try:
        content = read_bounded(path, most(limit))
    except OSError as error:
        if error.errno == errno.EFBIG:
            said = f"is too large: there may be {LIMITS[limit]} {LIMITS[limit].about}"
        else:
            said = f"cannot be read: {error.strerror or error}"
        raise refuse(
            f"{str(path)!r}: {said}." if "\0" in str(path) else f"{path}: {said}."
        ) from error
    return decoded(content, str(path), refuse).replace("\r\n", "\n").replace("\r", "\n")


def decoded(content: bytes, place: str, refuse: type[AutotrickError]) -> str:
    """Return the text of a UTF-8 file's bytes, without its byte order mark.

    Args:
        place: Name of their location, which begins the message.
    """
    for mark, name in _OTHER.items():
        if content.startswith(mark):
            raise refuse(f"{place}: is {name} text. Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(
            f"{place}: is not UTF-8 text: byte {error.start} cannot be read. Save it as UTF-8."
        ) from None


def read_json(path: Path, refuse: type[AutotrickError]) -> Any:
    """Return the content of a JSON file."""
    return parse_json(read_text(path, refuse), str(path), refuse)


def parse_json(
    text: str | bytes, place: str, refuse: type[AutotrickError], *, hint: str = ""
) -> Any:
    """Parse a JSON text.

    Args:
        place: Name of its location, which begins the message.
        hint: A sentence on what to do.
    """
    if isinstance(text, bytes):
        text = decoded(text, place, refuse)
    try:
        found = json.loads(text)
    except RecursionError:
        raise refuse(_too_deep(place)) from None
    except ValueError as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise refuse(f"{place} is not JSON: {said}.{hint}") from None
    if too_deep(found):
        raise refuse(_too_deep(place))
    if _holds_halves(text, found):
        raise refuse(f"{place} is not JSON: a text holds half a character, such as \\ud800.{hint}")
    return found


def _holds_halves(text: str | bytes, found: Any) -> bool:
    """Return whether a JSON value has a text that cannot be encoded: it holds half a surrogate pair."""
    mark = "\\ud" if isinstance(text, str) else b"\\ud"
    if mark not in text.lower():  # type: ignore[operator]
        return False
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def read_toml(path: Path, refuse: type[AutotrickError]) -> dict[str, Any]:
    """Return the tables of a TOML file."""
    text = read_text(path, refuse, limit="space_bytes")
    if _DOTTED.search(text):
        raise refuse(_too_deep(f"{path}"))
    try:
        found = tomllib.loads(text)
    except RecursionError:
        raise refuse(_too_deep(f"{path}")) from None
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"{path}: is not TOML: {str(error).rstrip('.')}.") from None
    except ValueError:
        # Python reads no whole number of thousands of digits, and no date of month 13.
        raise refuse(f"{path}: is not TOML: {_odd_value(text)}.") from None
    if too_deep(found):
        raise refuse(_too_deep(f"{path}"))
    return found


def too_deep(value: Any) -> bool:
    """Return whether tables and lists in a value go deeper than the limit, without recursion."""
    level: list[Any] = [value]
    for _ in range(most("nesting")):
        level = [inner for outer in level if isinstance(outer, dict | list) for inner in _in(outer)]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)


def _in(value: dict[Any, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _odd_value(text: str) -> str:
    digits = max((len(word) for word in text.replace("_", "").split()), default=0) > 4000
    return "a number has too many digits" if digits else "a value is none that TOML has"


def _too_deep(place: str) -> str:
    return (
        f"{place}: tables and lists nest deeper than the {LIMITS['nesting']} levels that are read."
    )
