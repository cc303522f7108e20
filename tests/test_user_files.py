"""Text files as editors on other systems save them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autotrick.augment.files import read as read_policy
from autotrick.augment.searches import read_foreign
from autotrick.cli.augmenting import _recipe
from autotrick.errors import AutotrickError, SpaceError
from autotrick.exchange import lines
from autotrick.exchange.foreign import _json
from autotrick.space import load
from autotrick.user_files import read_text


def test_a_byte_order_mark_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "a \xe4\r\nb\rc\n".encode())

    assert read_text(path, SpaceError) == "a \xe4\nb\nc\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a = 1".encode("utf-16"), "is UTF-16 text. Save it as UTF-8"),
        (b"\xfe\xff" + "a = 1".encode("utf-16-be"), "is UTF-16 text. Save it as UTF-8"),
        ("a = 1".encode("utf-32"), "is UTF-32 text. Save it as UTF-8"),
        (b"caf\xe9", "is not UTF-8 text: byte 3 cannot be read. Save it as UTF-8"),
    ],
)
def test_other_text_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)

    with pytest.raises(SpaceError) as caught:
        read_text(path, SpaceError)

    assert str(caught.value) == f"{path}: {said}."


def first_study(path: Path) -> None:
    with lines.read(path):
        pass


READERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "space": (load, "a.toml"),
    "policy": (read_policy, "a.json"),
    "published search": (lambda path: read_foreign(path, None), "a.txt"),
    "recipe": (_recipe, "a.json"),
    "lines": (first_study, "a.jsonl"),
    "tune": (_json, "params.json"),
}


@pytest.mark.parametrize(("read", "name"), READERS.values(), ids=READERS)
def test_every_reader_names_utf_16(
    tmp_path: Path, read: Callable[[Path], object], name: str
) -> None:
    path = tmp_path / name
    path.write_bytes('{"a": 1}'.encode("utf-16"))

    with pytest.raises(AutotrickError, match=r"is UTF-16 text\. Save it as UTF-8"):
        read(path)
