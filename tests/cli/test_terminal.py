"""Nothing that a record or a file says steers the terminal."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from autotrick.terminal import PrintableStream, without_controls

Command = Callable[..., Result]

EVIL = "\x1b]0;PWNED\x07\x1b[2J\x9b31m\x7f\u202egnp.exe\u2066[red]not red[/red]"
STEERING = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")


@pytest.fixture
def evil(command: Command, study: Path) -> str:
    """A study whose texts come from somebody who means harm."""
    command("export", "digits", "-o", "f.jsonl")
    lines = [json.loads(line) for line in Path("f.jsonl").read_text().splitlines()]
    lines[0]["question"] = lines[0]["ended"] = EVIL
    lines[0]["budget"]["resources"] = {"address": EVIL, "storage": EVIL}
    for trial in lines[1:]:
        trial["origin"] = EVIL
        trial["reason"] = EVIL if trial["state"] != "complete" else None
        for attempt in trial["attempts"]:
            attempt["reason"] = attempt["node"] = attempt["device"] = EVIL
            attempt["environment"] = {EVIL: EVIL, "device": EVIL}
    Path("f.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    command("import", "f.jsonl", "--study", "e")
    return "e"


@pytest.mark.parametrize(
    "words",
    [
        ("studies",),
        ("best", "e"),
        ("trials", "e"),
        ("show", "e", "1"),
        ("show", "e", "24"),
        ("tricks", "e"),
        ("follow", "e", "--wait", "1s"),
        ("resume", "e", "--trial-hours", "-1"),
        ("extend", "e", "--trials", "1"),
        ("show", "e", "999"),
        ("best", EVIL),
        ("best", "e", "--where", EVIL),
        ("import", f"{EVIL}.jsonl"),
        ("report", EVIL),
        ("studies", "--json"),
        ("show", "e", "1", "--json"),
        ("trials", "e", "--json"),
        ("--" + EVIL,),
        (EVIL,),
    ],
)
def test_no_command_steers_the_terminal(
    command: Command, evil: str, words: tuple[str, ...]
) -> None:
    result = command(*words)

    assert STEERING.search(result.output) is None
    assert "Traceback" not in result.output


def test_markup_is_text(command: Command, evil: str) -> None:
    assert "[red]not red[/red]" in command("show", "e", "1").output.replace("\n", "")


def test_json_and_exports_are_faithful(command: Command, evil: str) -> None:
    (line,) = [
        json.loads(line)
        for line in command("studies", "--json").stdout.splitlines()
        if json.loads(line)["study"] == "e"
    ]
    command("export", "e", "-o", "again.jsonl")

    assert line["question"] == EVIL
    assert json.loads(Path("again.jsonl").read_text().splitlines()[0])["question"] == EVIL


@pytest.mark.slow
def test_an_ascii_terminal_is_not_steered_either(command: Command, evil: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autotrick", "show", "e", "1"],
        capture_output=True,
        check=False,
        env={
            "PYTHONIOENCODING": "ascii",
            "PATH": "/usr/bin:/bin",
            "PYTHONPATH": ":".join(sys.path),
        },
    )

    assert done.returncode == 0
    assert b"\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\n", "a\tb\n"),
        ("über 数 😀 e\u0301", "über 数 😀 e\u0301"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x9b2J\x85\x7f\x00", "2J"),
        ("a\u202eb\u2067c\u2028d\U000e0041", "abcd"),
        ("over\rwritten\x08\x0b\x0c", "overwritten"),
    ],
)
def test_what_is_printable(text: str, shown: str) -> None:
    assert without_controls(text) == shown


def test_a_stream_passes_on_printable_text() -> None:
    raw = io.StringIO()
    stream = PrintableStream(raw)

    assert stream.write("\x1b[2Jx") == 5
    stream.writelines(["\x07", "y"])

    assert raw.getvalue() == "[2Jxy"
    assert not hasattr(stream, "buffer")
