"""Files that an earlier commit wrote, with rejections, failed and unfinished trials, are still read."""

import json
from math import inf
from pathlib import Path

import pytest

from autotrick import records
from autotrick.exchange import bring, write
from autotrick.records import Database

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize("file", ["4db8e25.jsonl", "4db8e25.parquet"])
def test_a_file_of_an_earlier_commit_is_imported_whole(
    database: Database, tmp_path: Path, file: str
) -> None:
    lines = [json.loads(line) for line in (FILES / "4db8e25.jsonl").read_text().splitlines()]

    row = bring(database, str(FILES / file))

    assert (row.name, row.state, row.ended) == ("old", "stopped", "stopped by a person")
    assert row.space == lines[0]["space"] and row.space_digest == lines[0]["space_digest"]
    trials = list(records.trial_records(database, "old"))
    assert [record.trial.digest for record in trials] == [line["digest"] for line in lines[1:]]
    assert [record.trial.value for record in trials] == [line["value"] for line in lines[1:]]
    assert [len(record.reports) for record in trials] == [
        len(line["reports"]) for line in lines[1:]
    ]
    assert [len(record.tries) for record in trials] == [len(line["attempts"]) for line in lines[1:]]
    assert [found.value for found in records.rejections(database, "old")] == [2e6, inf]


def test_a_file_is_written_with_every_key_that_an_earlier_commit_reads(
    database: Database, tmp_path: Path
) -> None:
    bring(database, str(FILES / "4db8e25.jsonl"))

    write(database, "old", tmp_path / "again.jsonl")

    before = (FILES / "4db8e25.jsonl").read_text().splitlines()
    after = (tmp_path / "again.jsonl").read_text().splitlines()
    missing = [
        set(json.loads(old)) - set(json.loads(new)) for old, new in zip(before, after, strict=True)
    ]
    assert not any(missing)


def test_a_study_may_name_its_objective_by_the_word_of_the_command_line(
    database: Database, tmp_path: Path
) -> None:
    first, _, rest = (FILES / "4db8e25.jsonl").read_text().partition("\n")
    study = json.loads(first)
    study["objective"] = study.pop("metric")
    (tmp_path / "a.jsonl").write_text(json.dumps(study) + "\n" + rest)

    assert bring(database, str(tmp_path / "a.jsonl")).metric == "accuracy"
