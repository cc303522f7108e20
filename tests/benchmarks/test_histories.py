from pathlib import Path

import optuna
import pytest

from autotrick import records
from autotrick.sample import Sampler
from benchmarks.decisions import accuracy, space
from benchmarks.histories import STUDY, write_ours, write_theirs


@pytest.mark.parametrize("count", [0, 12])
def test_both_histories_hold_the_same_trials(tmp_path: Path, count: int) -> None:
    write_ours(tmp_path / "ours.db", count)
    write_theirs(tmp_path / "theirs.db", count)
    theirs = optuna.load_study(study_name=STUDY, storage=f"sqlite:///{tmp_path}/theirs.db")
    searched = space(1)
    with records.open_database(f"sqlite:///{tmp_path}/ours.db") as database:
        assert records.study(database, STUDY).counts["complete"] == count == len(theirs.trials)
        ours = records.trials(database, STUDY)
        reports = records.reports(database, STUDY)
    for here, there in zip(ours, theirs.trials, strict=True):
        assert there.state == optuna.trial.TrialState.COMPLETE
        assert searched.answers(here.recipe) == there.params
        assert here.value == there.value == there.intermediate_values[1]
        assert here.value == accuracy(there.params["base_lr"], there.params["weight_decay"])
        assert here.digest == here.recipe.digest()
        assert [report.accuracy for report in reports[here.number]] == [here.value]


def test_a_search_goes_on_from_the_history(tmp_path: Path) -> None:
    write_ours(tmp_path / "ours.db", 12)
    searched = space(1)
    with records.open_database(f"sqlite:///{tmp_path}/ours.db") as database:
        sampler = Sampler(searched, seed=0)
        sampler.replay(records.trials(database, STUDY))
        asked = sampler.ask(12)
        study_id = records.study(database, STUDY).id
        launch = records.add_trial(database, study_id, asked.recipe, origin=asked.origin, number=12)
        assert launch.number == 12
