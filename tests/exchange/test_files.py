"""Studies as files: what goes out comes in again, and nothing else does."""

import csv
import json
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pyarrow.parquet
import pytest

from autotrick import records
from autotrick.errors import NotFoundError, RecordsError
from autotrick.exchange import bring, write
from autotrick.recipe import EpochReport
from autotrick.records import Database, RejectionRow, StudyPlan, TrialRecord
from autotrick.tricks import peak_lr

WHOLE = ("study.parquet", "study.jsonl")


def trials_of(database: Database, study: str = "digits") -> list[TrialRecord]:
    """Return a study's trials without what is this database's own; what was under way has stopped."""
    return [
        TrialRecord(
            replace(
                record.trial,
                id=0,
                study="",
                state=record.trial.state if record.trial.finished else "waiting",
            ),
            record.reports,
            tuple(
                replace(t, id=0, state="lost", reason="imported")
                if t.state == "open"
                else replace(t, id=0)
                for t in record.tries
            ),
        )
        for record in records.trial_records(database, study)
    ]


@pytest.mark.parametrize("file", WHOLE)
def test_a_study_comes_back_whole(
    source: Database, database: Database, tmp_path: Path, file: str
) -> None:
    made = records.study(source, "digits")
    records.set_study_state(source, made.id, "complete", ended="all trials have been tried")
    records.archive_study(source, "digits")
    assert write(source, "digits", tmp_path / file) == 30

    row = bring(database, str(tmp_path / file))

    origin = records.study(source, "digits")
    assert trials_of(database) == trials_of(source)
    same = ["name", "question", "space", "space_digest", "metric", "seed", "budget", "state"]
    same += ["ended", "archived", "earlier_spaces", "data"]
    assert [getattr(row, name) for name in same] == [getattr(origin, name) for name in same]
    assert records.best(database, "digits")[0].digest == records.best(source, "digits")[0].digest
    assert (
        records.add_trial(
            database, row.id, records.trial(source, "digits", 0).recipe, origin="tpe"
        ).number
        == 30
    )


@pytest.mark.parametrize("file", WHOLE)
def test_a_study_of_another_one_comes_back_as_its_own(
    source: Database, database: Database, tmp_path: Path, file: str
) -> None:
    plan = StudyPlan("again", "", {}, "", 0, {}, parent="digits", purpose="list", task="counting")
    records.create_study(source, plan)
    for name in ("digits", "again"):
        write(source, name, tmp_path / f"{name}_{file}")

    alone = bring(database, str(tmp_path / f"again_{file}"), study="alone")
    bring(database, str(tmp_path / f"digits_{file}"))
    row = bring(database, str(tmp_path / f"again_{file}"))

    assert (alone.parent, alone.purpose, alone.task) == (None, "list", "counting")
    assert (row.parent, row.purpose, row.task) == ("digits", "list", "counting")


@pytest.mark.parametrize("file", WHOLE)
def test_what_constraints_turned_away_comes_along(
    source: Database, database: Database, tmp_path: Path, file: str
) -> None:
    study, trial = records.study(source, "digits"), records.trial(source, "digits", 3)
    away = [
        RejectionRow(4, 0, trial.recipe, "parameters", 2e6, 1e6),
        RejectionRow(4, 1, trial.recipe, "memory", inf, 2.0**31),
        RejectionRow(31, 0, trial.recipe, "latency_ms", 2.5, 1.5),
    ]
    for row in away:
        records.add_rejection(source, study.id, row)
    records.add_trial(source, study.id, trial.recipe, origin="tpe", measures={"memory": 2**30})

    write(source, "digits", tmp_path / file)
    bring(database, str(tmp_path / file), study="copy")

    if file.endswith("jsonl"):  # what stands in a file twice is one refusal
        study_line, rest = (tmp_path / file).read_text().split("\n", 1)
        form = json.loads(study_line)
        form["refusals"] *= 2
        (tmp_path / file).write_text(f"{json.dumps(form)}\n{rest}")
        bring(database, str(tmp_path / file), study="again")
        assert records.rejections(database, "again") == away
    assert records.rejections(database, "copy") == away
    assert records.rejection_counts(database, "copy") == {
        "latency_ms": 1,
        "memory": 1,
        "parameters": 1,
    }
    assert records.trial(database, "copy", 30).memory == 2**30
    assert len(records.measured_memory(database, "copy")) == 2


@pytest.mark.parametrize("file", WHOLE)
def test_numbers_that_json_lacks_come_back(
    source: Database, database: Database, tmp_path: Path, file: str
) -> None:
    trial = records.trial(source, "digits", 29)
    odd = EpochReport(
        epoch=10, accuracy=0.5, loss=nan, train_loss=nan, lr=nan, seconds=1, weights="w"
    ).model_copy(update={"extra": {"norm": inf, "scale": nan, "kept": 0.1}})
    records.add_report(source, trial.id, odd)

    write(source, "digits", tmp_path / file)
    bring(database, str(tmp_path / file))

    assert repr(records.reports(database, "digits")[29][-1]) == repr(odd)


def test_a_study_comes_in_under_another_name(
    source: Database, database: Database, tmp_path: Path
) -> None:
    write(source, "digits", tmp_path / "a.jsonl")

    bring(database, str(tmp_path / "a.jsonl"))
    bring(database, str(tmp_path / "a.jsonl"), study="again")

    assert [row.name for row in records.studies(database)] == ["digits", "again"]
    with pytest.raises(RecordsError, match=r"there is a study 'again' already\. Choose another"):
        bring(database, str(tmp_path / "a.jsonl"), study="again")


def test_a_table_has_a_row_an_epoch(source: Database, tmp_path: Path) -> None:
    write(source, "digits", tmp_path / "a.csv")

    with (tmp_path / "a.csv").open() as file:
        rows = list(csv.DictReader(file))
    curves = records.reports(source, "digits")
    assert [(int(row["number"]), int(row["epoch.epoch"])) for row in rows] == [
        (number, report.epoch) for number, curve in curves.items() for report in curve
    ]
    first = records.trial(source, "digits", 0)
    assert float(rows[0]["base_lr"]) == first.recipe.base_lr
    assert (float(rows[0]["lr"]), int(rows[0]["accumulation"])) == (peak_lr(first.recipe), 1)
    assert json.loads(rows[0]["recipe"]) == first.recipe.model_dump(mode="json")


def test_a_table_has_what_was_measured(source: Database, tmp_path: Path) -> None:
    study, trial = records.study(source, "digits"), records.trial(source, "digits", 3)
    measures = {"latency_ms": 1.5, "robustness": 0.25, "score": 0.75, "multiply_adds": 7}
    added = records.add_trial(source, study.id, trial.recipe, origin="tpe", measures=measures)
    records.finish_trial(source, added.trial_id, "complete")

    write(source, "digits", tmp_path / "a.csv")

    with (tmp_path / "a.csv").open() as file:
        (*_, last) = csv.DictReader(file)
    assert {name: float(last[name]) for name in measures} == measures


def test_parquet_has_columns_to_ask_for(source: Database, tmp_path: Path) -> None:
    write(source, "digits", tmp_path / "a.parquet")

    table = pyarrow.parquet.read_table(tmp_path / "a.parquet").to_pydict()
    rows = records.trials(source, "digits")
    assert table["value"] == [row.value for row in rows]
    assert table["lr"] == [peak_lr(row.recipe) for row in rows]
    assert table["accumulation"] == [row.recipe.accumulation for row in rows]
    assert table["tricks"] == [sorted(row.recipe.tricks) for row in rows]
    assert [len(curve) for curve in table["reports"]] == [row.epochs for row in rows]


@pytest.mark.parametrize("file", ["a.csv", "a.xlsx", "a"])
def test_a_file_that_cannot_be_read_back_says_so(
    database: Database, tmp_path: Path, file: str
) -> None:
    with pytest.raises(RecordsError, match=r"ends in one of \.parquet, \.jsonl, but got"):
        bring(database, str(tmp_path / file))


def test_an_unknown_format_is_refused(source: Database, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"\.parquet, \.jsonl, \.csv, but got 'a\.xlsx'"):
        write(source, "digits", tmp_path / "a.xlsx")


def test_what_fails_leaves_no_file(source: Database, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no study named 'nope'"):
        write(source, "nope", tmp_path / "a.jsonl")
    with pytest.raises(RecordsError, match="cannot be written: No such file or directory"):
        write(source, "digits", tmp_path / "nowhere" / "a.jsonl")

    assert list(tmp_path.iterdir()) == []


def change(lines: list[str], at: int, old: str, new: str) -> list[str]:
    assert old in lines[at]
    return [line.replace(old, new) if i == at else line for i, line in enumerate(lines)]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda lines: lines[1:], r"line 1 is not what `autotrick export` writes: "),
        (lambda lines: lines[:0], "has no line that says which study it is"),
        (lambda lines: [*lines[:-1], lines[-1][:40]], "line 31 is not JSON: .* Is the file whole"),
        (lambda lines: [lines[0], *lines[2:]], "trials count from 0 without gaps, but got"),
        (lambda lines: [*lines, lines[-1]], "trials count from 0 without gaps, but got"),
        (
            lambda lines: change(lines, 3, '"batch_size": 64', '"batch_size": 65'),
            "trial 2: the recipe's digest is .* but the file says .* was changed",
        ),
        (
            lambda lines: change(lines, 3, '"epoch": 1,', '"epoch": 0,'),
            r"line 4 .*reports\.0\.epoch",
        ),
        (lambda lines: change(lines, 0, '"format": 1', '"format": 2'), "line 1 .*format"),
        (lambda lines: change(lines, 0, '"digits"', '"../up"'), "a study's name consists of"),
        (lambda lines: change(lines, 0, '"seed": 0', f'"seed": {2**63}'), "line 1 .*seed"),
        (lambda lines: change(lines, 0, '"trials": 30', '"trials": NaN'), "line 1 .*budget"),
        (lambda lines: change(lines, 1, "+00:00", ""), "line 2 .*created.*timezone"),
        (lambda lines: change(lines, 1, "61706", str(2**63)), "line 2 .*parameters"),
        (lambda lines: change(lines, 1, '"complete"', '"running"'), "exactly when its state is"),
        (lambda lines: change(lines, 1, '"value": 0', '"value": 7'), "line 2 .*value"),
        (lambda lines: change(lines, 1, '"score": null', '"score": NaN'), "line 2 .*score"),
        (lambda lines: change(lines, 1, '"threads": 1}', '"threads": Infinity}'), "environment"),
        (lambda lines: change(lines, 1, '"epoch": 9,', f'"epoch": {2**63},'), r"reports\.8\.epoch"),
        (
            lambda lines: [*lines[:3], "[" * 100_000],
            "line 4: tables and lists nest deeper than the 64 levels",
        ),
    ],
)
def test_a_damaged_file_brings_nothing_in(
    source: Database, database: Database, tmp_path: Path, damage: object, message: str
) -> None:
    assert callable(damage)
    file = tmp_path / "a.jsonl"
    write(source, "digits", file)
    lines = damage(file.read_text().splitlines())
    file.write_text("\n".join(lines))

    with pytest.raises(RecordsError, match=message):
        bring(database, str(file))

    assert records.studies(database) == []


def test_what_is_no_text_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(bytes(range(256)))

    with pytest.raises(RecordsError, match=r"a\.jsonl: line 1 is not JSON: "):
        bring(database, str(tmp_path / "a.jsonl"))


def test_names_too_long_for_files_are_sentences(source: Database, tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="cannot be written: File name too long"):
        write(source, "digits", tmp_path / f"{'x' * 300}.jsonl")
    with pytest.raises(RecordsError, match="cannot be read: File name too long"):
        bring(source, str(tmp_path / f"{'x' * 300}.jsonl"))
    assert list(tmp_path.iterdir()) == []

    longest = tmp_path / f"{'x' * 249}.jsonl"
    assert write(source, "digits", longest) == 30
    with pytest.raises(RecordsError, match="cannot be written: Not a directory"):
        write(source, "digits", longest / "a.jsonl")


def test_parquet_of_others_is_refused(database: Database, tmp_path: Path) -> None:
    table = pyarrow.table({"number": [0]})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "b.parquet").write_text("no")

    with pytest.raises(RecordsError, match="was not written by `autotrick export`"):
        bring(database, str(tmp_path / "a.parquet"))
    with pytest.raises(RecordsError, match="is not Parquet, or damaged"):
        bring(database, str(tmp_path / "b.parquet"))
    with pytest.raises(RecordsError, match=r"no file .*c\.parquet"):
        bring(database, str(tmp_path / "c.parquet"))


@pytest.mark.parametrize("file", WHOLE)
def test_a_look_at_the_test_split_goes_along(
    source: Database, database: Database, tmp_path: Path, file: str
) -> None:
    records.create_study(source, StudyPlan("again", "", {}, "", 0, {}, parent="digits"))
    seen = [{"label": "trial 3", "weights": ["aa"]}]
    records.close_look(source, "again", records.open_look(source, "again", seen).number, {"n": 1})
    for name in ("digits", "again"):
        write(source, name, tmp_path / f"{name}_{file}")

    bring(database, str(tmp_path / f"again_{file}"), study="alone")
    bring(database, str(tmp_path / f"digits_{file}"), study="other")

    expected = records.looks(source, "digits")
    assert [look.number for look in expected] == [1]
    assert records.looks(database, "alone") == expected
    assert records.looks(database, "other") == expected
    for name in ("alone", "other"):
        with pytest.raises(RecordsError, match="was looked at once"):
            records.open_look(database, name, seen)


def test_two_looks_of_one_number_are_refused(
    source: Database, database: Database, tmp_path: Path
) -> None:
    records.open_look(source, "digits", [{"label": "trial 3"}])
    write(source, "digits", tmp_path / "study.jsonl")
    first, *others = (tmp_path / "study.jsonl").read_text().splitlines()
    changed = json.loads(first)
    changed["looks"] *= 2
    (tmp_path / "study.jsonl").write_text("\n".join([json.dumps(changed), *others]))

    with pytest.raises(RecordsError, match="each look at the test split has its own number"):
        bring(database, str(tmp_path / "study.jsonl"))
