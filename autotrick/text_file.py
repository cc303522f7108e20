"""Text files that people wrote, whatever editor they used.

Editors on Windows put a byte order mark before UTF-8, and some save UTF-16; both look like any other
file on the screen.
"""

import codecs
import json
from pathlib import Path
from typing import Any

_OTHER = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte order marks; those of UTF-32 come first, because one begins as UTF-16's does."""


class TextError(UnicodeError):
    """A file is not UTF-8 text; the message says what it is, without the file's name."""


def read_text(path: Path) -> str:
    r"""Return the text of a UTF-8 file without its byte order mark; every line ends with `\n`.

    Raises:
        OSError: It cannot be read.
        TextError: It is not UTF-8 text.
    """
    return decoded(path.read_bytes()).replace("\r\n", "\n").replace("\r", "\n")


def read_json(path: Path) -> Any:
    """Return what a JSON file holds.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not UTF-8 text (TextError), or not JSON.
        RecursionError: It is nested too deeply.
    """
    return json.loads(read_text(path))


def decoded(content: bytes) -> str:
    """Return the text of a UTF-8 file's bytes, without its byte order mark.

    Raises:
        TextError: They are not UTF-8 text.
    """
    for mark, name in _OTHER.items():
        if content.startswith(mark):
            raise TextError(f"it is {name} text. Save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TextError(
            f"it is not UTF-8 text (byte {error.start} cannot be read). Save it as UTF-8"
        ) from None
