"""What an ablation found."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autotrick import records
from autotrick.analysis.ablation import (
    Ablation,
    ablation,
    ablations_of,
    check_ablation,
    verdict_of,
)
from autotrick.analysis.effects import Verdict
from autotrick.errors import RecordsError
from autotrick.records import Database
from autotrick.views.ablation import change, sentences, views
from tests.ablations import PARENT, parent, record_ablation


def read(database: Database) -> Ablation:
    [study] = ablations_of(records.studies(database), PARENT)
    return ablation(study, records.trials(database, study.name))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with records.open_database(f"sqlite:///{tmp_path}/ablation.db") as opened:
        yield opened


def test_rows_tell_what_each_trick_does_in_the_recipe(database: Database) -> None:
    parent(database)
    record_ablation(database)

    found = read(database)

    rows = {row.trick: row for row in found.rows}
    verdicts = {trick: row.verdict for trick, row in rows.items()}
    assert verdicts["ema"] is Verdict.HELPS and verdicts["mixup"] is Verdict.HARMS
    assert verdicts["cutout"] is Verdict.HARMS
    assert [row.trick for row in found.rows][:2] == ["ema", "cutmix"]
    assert rows["ema"].effect == pytest.approx(3.0, abs=0.5)
    assert rows["cutmix"].effect == pytest.approx(2.0, abs=0.5)  # for mixup
    assert rows["ema"].low is not None and rows["ema"].low < 3.0 < (rows["ema"].high or 0)
    assert rows["ema"].cost == pytest.approx(2.0) and rows["flip"].cost == pytest.approx(1.0)
    shown = {view.trick: change(view) for view in views(found)}
    assert shown == {
        "ema": "left out",
        "cosine_decay": "left out",
        "flip": "left out",
        "mixup": "left out",
        "cutout": "added",
        "cutmix": "for mixup",
    }
    assert found.rows[0].num < found.seeds  # it was clear early


def test_what_is_free_was_trained_and_is_named(database: Database) -> None:
    parent(database)
    record_ablation(database)

    found = read(database)

    assert found.minimal is not None
    assert found.minimal.removed == ("flip", "mixup")
    assert found.minimal.tricks == ("cosine_decay", "ema")
    trial = records.trial(database, found.study, found.minimal.trial or 0)
    assert set(trial.recipe.tricks) == {"cosine_decay", "ema"}
    assert found.minimal.low is not None and found.minimal.low > -found.precision
    assert "Free to drop: flip and mixup" in " ".join(sentences(found))


def test_a_recipe_that_needs_all_its_tricks_says_so(database: Database) -> None:
    parent(database)
    record_ablation(database, worth={"ema": 3, "cosine_decay": 3, "flip": 3, "mixup": 3})

    found = read(database)

    assert found.minimal is not None and found.minimal.removed == ()
    assert "Nothing" in sentences(found)[-1]


def test_a_recipe_that_fails_is_told_with_its_reason(database: Database) -> None:
    parent(database)
    record_ablation(database, fails="without cosine_decay")

    found = read(database)

    [row] = [row for row in found.rows if row.failed]
    assert (row.trick, row.reason, row.verdict) == ("cosine_decay", "nan_loss", Verdict.UNCLEAR)
    assert "Training without cosine_decay failed (nan_loss" in " ".join(sentences(found))
    assert found.minimal is None or "cosine_decay" not in found.minimal.removed


def test_an_unfinished_ablation_has_rows_and_no_minimal_recipe(database: Database) -> None:
    parent(database)
    study = record_ablation(database, until=9)
    records.set_study_state(database, study.id, "stopped", ended="asked to stop")

    found = read(database)

    assert not found.finished and found.minimal is None and found.trials == 9
    assert sorted(row.num for row in found.rows) == [1, 1, 1, 1, 1, 2]
    assert sum(row.low is None for row in found.rows) == 5


def test_metrics_of_which_less_is_better_keep_their_sign() -> None:
    assert verdict_of(-1.0, -1.5, -0.5, 0.5, larger=False) is Verdict.HELPS
    assert verdict_of(1.0, 0.5, 1.5, 0.5, larger=False) is Verdict.HARMS
    assert verdict_of(0.1, -0.2, 0.4, 0.5, larger=False) is Verdict.NO_MATTER
    assert verdict_of(0.1, -0.2, 0.8, 0.5, larger=True) is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"seeds": 7}, "--seeds 4"),
        ({"precision": 0.1}, "--precision 0.5"),
        ({"add": False}, "--add"),
    ],
)
def test_other_options_than_recorded_are_an_error(
    database: Database, asked: dict[str, float], said: str
) -> None:
    parent(database)
    study = record_ablation(database, until=0)

    check_ablation(study, PARENT, 0, seeds=4, add=True, precision=0.5)
    with pytest.raises(RecordsError, match=said):
        check_ablation(study, PARENT, 0, **asked)  # type: ignore[arg-type]
    with pytest.raises(RecordsError, match="does not ablate trial 3"):
        check_ablation(study, PARENT, 3)
    with pytest.raises(RecordsError, match="does not ablate"):
        check_ablation(replace(study, budget={}), PARENT, 0)
