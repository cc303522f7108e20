import re
from collections.abc import Callable

import pytest

from autotrick.cli.tables import print_table
from autotrick.views.table import TextTable

Printed = Callable[[int], list[str]]
HEAD = ("Trial", "State", "Accuracy", "Time", "Architecture", "Tricks")
NUMERIC = frozenset({0, 2, 3})
ROWS = [
    ("25", "complete", "94.20 %", "4 min 12 s", "fastnet", "cosine_decay(0), cutmix(0.538, 0.279)"),
    ("14", "failed (out_of_memory)", "-", "12.3 s", "torchvision/resnet18", "no tricks"),
]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """Return a function that prints the table in a terminal of some columns, without its colours."""

    def show(width: int) -> list[str]:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(width))
        print_table("Best trials", TextTable(HEAD, ROWS, NUMERIC))
        return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out).splitlines()

    return show


@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_nothing_is_cut_off_at_any_width(printed: Printed, width: int) -> None:
    lines = printed(width)

    text = "\n".join(lines)
    assert max(map(len, lines)) <= width
    assert "\N{HORIZONTAL ELLIPSIS}" not in text
    for word in (
        "94.20 %",
        "4 min 12 s",
        "fastnet",
        "torchvision/resnet18",
        "cosine_decay(0),",
        "0.279)",
    ):
        assert word in text


def test_a_wide_terminal_has_a_frame_and_a_line_a_row(printed: Printed) -> None:
    lines = printed(160)

    assert sum(line.startswith("│") for line in lines) == len(ROWS)


def test_in_between_the_last_column_follows_its_row(printed: Printed) -> None:
    lines = printed(80)

    i = next(i for i, line in enumerate(lines) if "94.20 %" in line)
    assert "cutmix" not in lines[i] and lines[i + 1].startswith("       cosine_decay(0), cutmix")
    assert lines[i].index("94.20 %") + len("94.20 %") == lines[1].index("Accuracy") + len(
        "Accuracy"
    )


def test_a_narrow_one_gets_a_line_a_cell(printed: Printed) -> None:
    lines = printed(45)

    assert "Accuracy      94.20 %" in [line.rstrip() for line in lines]
