"""What `autotrick tricks` says of a study with a screen."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
from autotrick.cli.trial_pages import compared
from tests.screened import fill_screened


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("screened") / "autotrick.db"
    fill_screened(f"sqlite:///{path}", runs=20, halves=2, noise=0.25)
    return f"sqlite:///{path}"


def run(url: str, *words: str) -> str:
    done = CliRunner().invoke(main, ["tricks", "clothes", "--database", url, *words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_verdicts_come_from_the_screen_at_the_last_epoch(url: str) -> None:
    rows = {row["trick"]: row for row in map(json.loads, run(url, "--json").splitlines())}

    assert {row["source"] for row in rows.values()} == {"screen"}
    assert all(row["final"] and row["low"] is not None for row in rows.values())
    assert rows["ema"]["verdict"] == "helps"
    assert {rows[name]["verdict"] for name in ("pad_crop", "cutout", "cutmix")} == {"harms"}
    assert rows["pad_crop"]["low"] < -2.2 < rows["pad_crop"]["high"]


def test_the_table_says_what_is_missing_for_a_verdict(url: str) -> None:
    said = run(url)

    assert "helps" in said and "harms" in said
    rows = [json.loads(line) for line in run(url, "--json").splitlines()]
    unclear = [row for row in rows if row["verdict"] == "cannot tell yet"]
    assert all(row["needed"] for row in unclear)


def test_combinations_that_were_never_run_are_predicted(url: str) -> None:
    rows = [json.loads(line) for line in run(url, "--combinations", "--json").splitlines()]

    assert rows[0]["predicted_low"] <= rows[0]["predicted"] <= rows[0]["predicted_high"]
    assert any(row["num"] == 0 and row["mean"] is None for row in rows)
    assert any(row["num"] > 0 and row["predicted"] is not None for row in rows)
    assert "ema" in rows[0]["tricks"] and "pad_crop" not in rows[0]["tricks"]
    said = run(url, "--combinations")
    assert "Predicted" in said and "Observed" in said and "lower bound" in said


def test_a_part_of_a_large_study_holds_its_whole_screen(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ends(count: int, *, seed: int) -> list[int]:
        return [seed, count - 1]

    monkeypatch.setattr("autotrick.analysis.subsample.chosen", ends)

    with records.open_database(url, create=False) as database:
        trials, curves, said = compared(database, "clothes", every=False)

    assert sum(trial.phase == "screen" for trial in trials) == 40
    assert len(trials) == len(curves) == 42
    assert "42 of" in said
