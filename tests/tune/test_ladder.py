"""A recipe's tricks added one at a time, as a study on Ray."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
from autotrick.errors import RecipeError
from autotrick.recipe import DataRef, Recipe
from autotrick.records import open_database
from autotrick.tune import Resources
from autotrick.tune.ladder import ladder_recipes, rungs
from autotrick.tune.recipe_study import run_recipes

RECIPE = Recipe(
    data=DataRef(name="digits", image_size=16, validation=0.2),
    architecture="fastnet",
    architecture_settings={"width": 0.1},
    epochs=1,
    batch_size=256,
    base_lr=0.5,
    tricks={"mixup": {"alpha": 0.3}, "cosine_decay": {}, "ema": {"half_life": 0.2}},
)

PLAIN = RECIPE.model_copy(update={"tricks": {}})


def test_every_recipe_has_one_trick_more_with_the_settings_of_the_trial() -> None:
    found = ladder_recipes(RECIPE, ["ema", "mixup"], [("lenet5", {}), ("fastnet", {"width": 0.2})])

    assert list(found) == [
        "no tricks",
        "+ ema",
        "+ mixup",
        "lenet5: no tricks",
        "lenet5: all tricks",
        "fastnet width=0.2: no tricks",
        "fastnet width=0.2: all tricks",
    ]
    assert [list(recipe.tricks) for recipe in found.values()] == [
        ["cosine_decay"],
        ["cosine_decay", "ema"],
        ["mixup", "cosine_decay", "ema"],
        ["cosine_decay"],
        ["mixup", "cosine_decay", "ema"],
        ["cosine_decay"],
        ["mixup", "cosine_decay", "ema"],
    ]
    assert found["+ mixup"] == RECIPE
    assert found["lenet5: all tricks"].tricks == RECIPE.tricks
    assert found["fastnet width=0.2: no tricks"].architecture_settings == {"width": 0.2}


def test_a_network_that_is_the_trial_s_own_or_has_no_such_setting_is_refused() -> None:
    with pytest.raises(RecipeError, match="own network"):
        ladder_recipes(RECIPE, ["ema"], [("fastnet", {"width": 0.1})])
    with pytest.raises(RecipeError, match="has no setting 'depth'"):
        ladder_recipes(RECIPE, ["ema"], [("lenet5", {"depth": 3})])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study whose trials have three tricks and none."""
    folder = tmp_path_factory.mktemp("ladder")
    resources = Resources(storage=folder / "files", cache=folder / "cache", concurrency=2)
    with open_database(f"sqlite:///{folder}/autotrick.db") as database:
        run_recipes([RECIPE, PLAIN], database, name="first", seeds=1, resources=resources)
    return folder


def run(folder: Path, *words: str) -> str:
    where = ["--database", f"sqlite:///{folder}/autotrick.db", "--storage", str(folder / "files")]
    where += ["--cache", str(folder / "cache"), "--concurrency", "2", "--seeds", "2"]
    done = CliRunner().invoke(
        main, ["ladder", "first", "0", *words, *where], catch_exceptions=False
    )
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.mark.ray
def test_the_order_names_the_tricks_of_the_trial(place: Path) -> None:
    with open_database(f"sqlite:///{place}/autotrick.db", create=False) as database:
        assert sorted(rungs(database, "first", RECIPE)) == sorted(RECIPE.tricks)
        with pytest.raises(RecipeError, match="names each trick of the trial once"):
            rungs(database, "first", RECIPE, ["ema"])
        with pytest.raises(RecipeError, match="no tricks that could be left out"):
            rungs(database, "first", PLAIN)


@pytest.mark.ray
def test_the_command_trains_the_ladder_and_prints_what_each_trick_adds(place: Path) -> None:
    network = ["--network", "fastnet:width=0.2"]
    shown = run(place, "--order", "ema,mixup,cosine_decay", *network)
    assert "fastnet width=0.2 alone gives" in " ".join(shown.split())

    with open_database(f"sqlite:///{place}/autotrick.db", create=False) as database:
        row = records.study(database, "first-ladder-0")
        trials = records.trials(database, "first-ladder-0")
    assert (row.parent, row.purpose, row.state, len(trials)) == ("first", "ladder", "complete", 12)
    assert {trial.recipe.seed for trial in trials} == {0, 1}
    last = next(trial for trial in trials if trial.origin == "+ cosine_decay")
    assert last.recipe.tricks.keys() == RECIPE.tricks.keys()

    # The order is that of the record, whatever the study says by now; nothing is trained again.
    lines = [
        json.loads(line) for line in run(place, *network, "--json").splitlines() if line[0] == "{"
    ]
    assert [line["label"] for line in lines[:4]] == [
        "no tricks",
        "+ ema",
        "+ mixup",
        "+ cosine_decay",
    ]
    assert lines[1]["gain"]["value"] is not None
    assert lines[-1]["network"] == "fastnet width=0.2"
    with open_database(f"sqlite:///{place}/autotrick.db", create=False) as database:
        assert len(records.trials(database, "first-ladder-0")) == 12
