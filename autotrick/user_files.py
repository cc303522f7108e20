"""Read users' text, JSON and TOML files within limits.

The readers return the file's content, or raise an error with one sentence, whatever the file holds.
On hostile files the standard library's readers raise RecursionError, MemoryError or ValueError.
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
"""Keys such as a.b.c.d: the standard library's reader needs hours for thousands of parts."""
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
        limit: The name in `LIMITS` of the maximum size in bytes.
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
    return decode_utf8(content, str(path), refuse).replace("\r\n", "\n").replace("\r", "\n")


def decode_utf8(content: bytes, where: str, refuse: type[AutotrickError]) -> str:
    """Return the text of a UTF-8 file's bytes, without its byte order mark.

    Args:
        where: Where the bytes come from; begins the error message.
    """
    for mark, name in _OTHER.items():
        if content.startswith(mark):
            raise refuse(f"{where}: is {name} text. Save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise refuse(
            f"{where}: is not UTF-8 text: byte {error.start} cannot be read. Save it as UTF-8."
        ) from None


def read_json(path: Path, refuse: type[AutotrickError]) -> Any:
    """Return the content of a JSON file."""
    return parse_json(read_text(path, refuse), str(path), refuse)


def parse_json(
    text: str | bytes, where: str, refuse: type[AutotrickError], *, hint: str = ""
) -> Any:
    """Parse a JSON text.

    Args:
        where: Where the text comes from; begins the error message.
        hint: A sentence on what to do.
    """
    if isinstance(text, bytes):
        text = decode_utf8(text, where, refuse)
    try:
        value = json.loads(text)
    except RecursionError:
        raise refuse(_too_deep(where)) from None
    except ValueError as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise refuse(f"{where} is not JSON: {said}.{hint}") from None
    if too_deep(value):
        raise refuse(_too_deep(where))
    if _has_lone_surrogate(text, value):
        raise refuse(f"{where} is not JSON: a text holds half a character, such as \\ud800.{hint}")
    return value


def _has_lone_surrogate(text: str | bytes, value: Any) -> bool:
    """Return whether a JSON value has a text with half a surrogate pair, which cannot be encoded."""
    mark = "\\ud" if isinstance(text, str) else b"\\ud"
    if mark not in text.lower():  # type: ignore[operator]
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def read_toml(path: Path, refuse: type[AutotrickError]) -> dict[str, Any]:
    """Return the tables of a TOML file."""
    text = read_text(path, refuse, limit="space_bytes")
    if _DOTTED.search(text):
        raise refuse(_too_deep(f"{path}"))
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise refuse(_too_deep(f"{path}")) from None
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"{path}: is not TOML: {str(error).rstrip('.')}.") from None
    except ValueError:
        # Python rejects integers of thousands of digits, and dates in month 13.
        raise refuse(f"{path}: is not TOML: {_odd_value(text)}.") from None
    if too_deep(tables):
        raise refuse(_too_deep(f"{path}"))
    return tables


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


def _too_deep(where: str) -> str:
    return (
        f"{where}: tables and lists nest deeper than the {LIMITS['nesting']} levels that are read."
    )
