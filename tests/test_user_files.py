"""Files of other people: their content, or one sentence."""

from pathlib import Path

import pytest

from autotrick.errors import AutotrickError, TrickError
from autotrick.user_files import parse_json, read_json, read_text, read_toml, too_deep


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 100_000, "nest deeper than the 64 levels"),
        ("[" * 70 + "]" * 70, "nest deeper than the 64 levels"),
        ('{"a": "\\ud800"}', r"is not JSON: a text holds half a character"),
        ("1" * 5000, "is not JSON: Exceeds the limit"),
        ("", "is not JSON: Expecting value"),
        (b"\xc3{}", "is not UTF-8 text"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_json_is_one_line(text: str | bytes, said: str) -> None:
    with pytest.raises(TrickError, match=rf"^place:? .*{said}") as caught:
        parse_json(text, "place", TrickError)

    assert str(caught.value).isprintable()


def test_whole_characters_of_two_halves_are_read() -> None:
    assert parse_json('"\\ud83d\\ude00"', "place", TrickError) == "\U0001f600"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "absent", "."])
def test_a_name_that_no_file_has_is_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(TrickError, match="cannot be read"):
        read_text(tmp_path / name, TrickError)


def test_a_device_without_end_is_refused() -> None:
    with pytest.raises(TrickError, match="not a regular file"):
        read_json(Path("/dev/zero"), TrickError)


def test_tables_as_deep_as_the_limit_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("a = " + "[" * 60 + "]" * 60 + "\n")

    assert not too_deep(read_toml(path, TrickError))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\nb\x1b[31m", "a b\\x1b[31m"),
        ("\u202ereversed\x00", "\\u202ereversed\\x00"),
        ("half \ud800", "half \\ud800"),
        ("line\u2028feed", "line feed"),
        ("caf\u00e9", "caf\u00e9"),
    ],
)
def test_a_message_is_one_line_that_no_terminal_obeys(text: str, said: str) -> None:
    assert str(AutotrickError(text)) == said


def test_a_message_is_no_file() -> None:
    said = str(AutotrickError("begin" + "x" * 10**6 + "end"))

    assert len(said) <= 2000 and said.startswith("begin") and said.endswith("end")
