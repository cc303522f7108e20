"""`autotrick compare` on recorded pairs; what it trains is in tests/tune."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from autotrick import records
from autotrick.records import SearchSettings, StudyPlan
from autotrick.tune.compare import compare_name
from tests.ablations import PARENT, parent, record_ablation
from tests.simulated import a_report

Command = Callable[..., Result]


@pytest.fixture
def compared(folder: Path) -> None:
    """Record an ablation, and a list of two of its recipes over four seeds."""
    with records.open_database(f"sqlite:///{folder}/autotrick.db") as database:
        parent(database)
        ablation = record_ablation(database)
        listed = (ablation.settings.recipes or {}) | {"seeds": [7, 8, 9, 10]}
        budget = SearchSettings(trials=8, recipes=listed).to_json()
        plan = StudyPlan("pairs", "?", ablation.space, "d", 0, budget, parent=PARENT)
        study = records.create_study(database, plan)
        for seed in listed["seeds"]:
            for number, value in ((0, 0.90), (1, 0.88)):
                row = records.trial(database, ablation.name, number)
                recipe = row.recipe.model_copy(update={"seed": seed})
                launch = records.add_trial(
                    database, study.id, recipe, origin=row.origin, launch=False
                )
                report = a_report(1, value + seed * number / 1000)
                records.add_reports(database, launch.trial_id, [report], metric="accuracy")
                records.finish_trial(database, launch.trial_id, "complete")


@pytest.mark.usefixtures("compared")
def test_pairs_on_record_are_compared_without_training(command: Command) -> None:
    words = ("compare", "search", "0", "search-ablate-0:1")
    result = command(*words)
    found = json.loads(command(*words, "--json").stdout)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "trial 0 and search-ablate-0:1: what differs"
    assert "trial 0 less search-ablate-0:1: +1.15 points (95 % interval" in result.stdout
    # The pairs of the ablation, which ends recipes because of their values, do not count.
    assert [pair["seed"] for pair in found["pairs"]] == [7, 8, 9, 10]
    assert found["difference"] == pytest.approx(1.15) and found["verdict"] == "helps"
    assert found["curves"][0]["num"] == 4
    assert {setting["second"] for setting in found["settings"]} == {"off"}


@pytest.mark.usefixtures("compared")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("0", "0"), "trial 0 is named twice"),
        (("0", "search-ablate-0:0"), "are the same recipe but for its seed"),
        (("0", "9"), "study 'search' has no trial 9"),
        (("0", "nobody:1"), "no study named 'nobody'"),
        (("0", "words"), "a trial is named as STUDY:NUMBER, but got 'words'"),
    ],
)
def test_what_cannot_be_compared_is_one_line(
    refused: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused("compare", "search", *words)


def test_a_comparison_is_named_after_its_recipes() -> None:
    assert compare_name("search", "trial 3", "other:4") == "search-compare-3-other-4"
