import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import overhead
from benchmarks.row import Row, alone, compared

ROWS = [
    compared("rate", [50.0, 10.0, 30.0], [10.0], "images/s", 4.0),
    compared("time", [3.0], [2.0], "ms", 0.5),
    alone("wait", [0.31234], "s", 1.0),
    alone("free", [2.0], "s"),
]


def test_rows_are_medians_with_their_ratio() -> None:
    assert ROWS[0] == Row("rate", 30.0, 10.0, 3.0, "images/s", 4.0, 3)
    assert ROWS[2] == Row("wait", 0.312, None, None, "s", 1.0, 1)


@pytest.mark.parametrize(
    ("unit", "ratio", "met"),
    [("images/s", 4.0, True), ("images/s", 3.9, False), ("ms", 4.0, True), ("ms", 4.1, False)],
)
def test_more_of_a_rate_and_less_of_a_time_meet_the_goal(
    unit: str, ratio: float, met: bool
) -> None:
    assert Row("x", ratio, 1.0, ratio, unit, 4.0, 1).met is met


def test_a_row_without_goal_is_neither_met_nor_missed() -> None:
    assert [row.met for row in ROWS] == [False, False, True, None]


def test_the_table_says_what_is_met() -> None:
    drawn = StringIO()
    Console(width=120, file=drawn).print(command.table(ROWS))
    lines = drawn.getvalue().splitlines()
    words = next(line for line in lines if "rate" in line).replace("\u2502", " ").split()
    assert words == ["rate", "30", "10", "3", "images/s", ">=", "4x", "no", "3"]
    assert "<= 1" in next(x for x in lines if "wait" in x)


def test_the_command_runs_what_is_named_and_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def run(quick: bool) -> list[Row]:
        asked.append(quick)
        return ROWS

    def imported(name: str) -> SimpleNamespace:
        assert name == "benchmarks.startup"
        return SimpleNamespace(run=run)

    monkeypatch.setattr(command, "import_module", imported)
    file = tmp_path / "rows.json"
    done = CliRunner().invoke(command.main, ["startup", "--quick", "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert asked == [True]
    written = json.loads(file.read_text())
    assert [set(row) for row in written] == [
        {"name", "ours", "theirs", "ratio", "unit", "goal", "runs"}
    ] * len(ROWS)
    assert written[3] == {
        "name": "free",
        "ours": 2.0,
        "theirs": None,
        "ratio": None,
        "unit": "s",
        "goal": None,
        "runs": 1,
    }


def test_an_unknown_name_is_one_line_and_exit_2() -> None:
    done = CliRunner().invoke(command.main, ["overheads"])
    assert done.exit_code == 2
    assert done.output.count("\n") == 1
    assert "Did you mean 'overhead'?" in done.output


def test_the_slope_leaves_out_the_start_and_the_end() -> None:
    start = [100.0 * i for i in range(overhead.WARM_UP + 1)]
    steady = [start[-1] + 2.0 * i for i in range(1, 41)]
    end = [steady[-1] + 500.0 * i for i in range(1, 5)]
    assert overhead.slope(start + steady + end) == 2.0
