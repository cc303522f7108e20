"""Make text of records and files safe for a terminal: without control characters.

A name, an origin or a reason may come from a file that somebody sent. Escape sequences in it could retitle
the window, hide lines or write into the clipboard; marks of writing direction could make a text read as
another one.
"""

import re
from collections.abc import Iterable
from typing import Any, TextIO

# C0 without tab and line feed, DEL, C1; bidirectional controls; line separators; tags.
_STEERING = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff"
    "\\U000e0000-\\U000e007f]"
)


def without_controls(text: str) -> str:
    """Return a text without control characters, which could steer the terminal; line feeds and tabs stay."""
    return _STEERING.sub("", text)


class PrintableStream:
    """A text stream that passes on printable characters only.

    Attributes:
        raw: The underlying stream, for code that writes escape sequences itself.
    """

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    def write(self, text: str) -> int:
        """Write a text without its control characters; return the length of the whole text."""
        self.raw.write(without_controls(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        if (
            name == "buffer"
        ):  # click would write past this stream, where it takes it for ASCII alone
            raise AttributeError(name)
        return getattr(self.raw, name)
