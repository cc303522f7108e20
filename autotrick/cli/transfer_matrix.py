"""What `autotrick transfer` does: repeat a screen on other data, and print the matrix."""

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from autotrick import records
from autotrick.analysis.transfer import Carries, TransferCell, TransferMatrix, TransferRow
from autotrick.cli.open_for_reading import open_for_reading
from autotrick.cli.options import RunOptions
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.records import Database, StudyRow, open_database
from autotrick.views import text
from autotrick.views.table import Column
from autotrick.views.transfer import matrix_of

if TYPE_CHECKING:
    from autotrick.tune import Options, Resources

_MARKS = {
    Carries.YES: "carries over",
    Carries.NO: "does not",
    Carries.UNCLEAR: "cannot tell",
    Carries.NEW: "only there",
    Carries.NOTHING: "-",
    Carries.LEFT_OUT: "left out",
}


def repeat_screen(study: str, word: str, given: RunOptions, named: set[str]) -> bool:
    """Train a study's screen on other data with progress; return whether all of it was trained.

    Args:
        word: A data set, or a space file.
        named: Options that the command line names; a recorded study's own hold for the others.
    """
    from autotrick.cli.search_session import run_child
    from autotrick.tune.transfer import OtherData, name_of, screen_trials, transfer

    with open_database(given.url, create=False) as database:
        trials = screen_trials(database, study)
    other = OtherData.named(word, trials[0].recipe.data)
    name = name_of(study, other)
    ended: list[bool] = []

    def begin(database: Database, *, resources: "Resources", options: "Options") -> StudyRow:
        return transfer(database, study, other, resources=resources, options=options)

    opening = f"{name} repeats the screen of {study} on {other.label}"
    run_child(
        name,
        study,
        given,
        named,
        opening,
        most_trials=lambda _: len(trials),
        begin=begin,
        show=lambda _, row: ended.append(row.state == "complete"),
    )
    return ended == [True]


def print_matrix(study: str, url: str, *, as_json: bool) -> None:
    """Print which tricks of a study carry over to the data its screen was repeated on."""
    with open_for_reading(url, study) as database:
        metric = records.study(database, study).value_metric
        matrix, left_out = matrix_of(database, study)
    if as_json:
        print_json(_to_json(matrix, row) for row in matrix.rows)
        return
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""
    print_rows(
        f"Tricks of {study} on other data: change in {metric.title}{unit}",
        _columns(matrix),
        matrix.rows,
    )
    for data, tricks in left_out.items():
        for trick, why in tricks.items():
            _note(f"{trick} was left out on {data}: it {why}")
    _note(_sentence(matrix))


def _sentence(matrix: TransferMatrix) -> str:
    lost = [f"{trick} (to {data})" for trick, data in matrix.lost()]
    kept = [f"{trick} (to {data})" for trick, data in matrix.kept()]
    said = [f"Carry over: {', '.join(kept)}." if kept else "None carries over for certain."]
    said.append(f"Do not carry over: {', '.join(lost)}." if lost else "None fails to for certain.")
    return " ".join(said)


def _columns(matrix: TransferMatrix) -> tuple[Column[TransferRow], ...]:
    found: list[Column[TransferRow]] = [
        Column("Trick", lambda row: row.trick),
        Column(matrix.data, lambda row: row.home, _effect),
    ]
    for i, data in enumerate(matrix.others):
        found.append(Column(data, partial(_cell, i), lambda cell: _effect(cell.effect)))
        found.append(Column("Verdict", partial(_cell, i), lambda cell: _MARKS[cell.carries]))
    return tuple(found)


def _cell(i: int, row: TransferRow) -> TransferCell:
    return row.cells[i]


def _effect(effect: Any) -> str:
    if effect is None or effect.low is None or effect.high is None:
        return "-"
    return f"{text.points(effect.effect)} +/- {(effect.high - effect.low) / 2:.2f}"


def _to_json(matrix: TransferMatrix, row: TransferRow) -> dict[str, Any]:
    cells = [
        {**asdict(cell), "effect": _numbers(cell.effect), "carries": cell.carries.value}
        for cell in row.cells
    ]
    return {
        "study": matrix.study,
        "data": matrix.data,
        "trick": row.trick,
        "home": _numbers(row.home),
        "others": cells,
    }


def _numbers(effect: Any) -> dict[str, Any] | None:
    if effect is None:
        return None
    return {
        "effect": effect.effect,
        "low": effect.low,
        "high": effect.high,
        "verdict": effect.verdict.value,
    }


def _note(sentence: str) -> None:
    console().print(f"  {sentence}", style="dim")
