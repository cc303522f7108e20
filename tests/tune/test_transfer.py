"""A screen that is repeated on other data."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from autotrick import records
from autotrick.cli import main
from autotrick.design.screening import Screen
from autotrick.errors import DataError, SpaceError
from autotrick.recipe import DataRef
from autotrick.records import TrialRow, open_database
from autotrick.space import OFF, SearchSpace, all_off
from autotrick.space.augmentation_rules import Profile
from autotrick.tune import Resources
from autotrick.tune.queue import queue_of
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.sources.recipe_list import ListedRecipe, RecipeList
from autotrick.tune.transfer import OtherData, name_of, screen_trials, transfer, transplanted
from tests.simulated import a_report, a_trial

DATA = {"name": "digits", "image_size": 16, "validation": 0.2}
SPACE = SearchSpace.model_validate(
    {
        "name": "home",
        "question": "Which tricks help?",
        "data": DATA,
        "fixed": {"architecture": "fastnet", "epochs": 1, "batch_size": 256, "base_lr": 0.5},
        "architectures": {"fastnet": {"width": 0.1}},
        "tricks": {"flip": {}, "mixup": {"alpha": {"low": 0.1, "high": 1.0}}, "cutmix": {}},
    }
)
RUNS = 8


def rows() -> list[ListedRecipe]:
    screen, base = Screen(SPACE, seed=0), all_off(SPACE)
    found = []
    for half in (0, 1):
        for row, levels in enumerate(screen.half(half, RUNS)):
            recipe = screen.recipe(base, levels, half=half, runs=RUNS, row=row)
            design: dict[str, Any] = {
                "half": half,
                "runs": RUNS,
                "row": row,
                "base": None,
                "seed": half,
            }
            design |= {
                "levels": dict(levels),
                "propensities": dict(screen.propensities(half, RUNS)),
            }
            found.append(
                ListedRecipe(
                    label=f"{half}.{row}",
                    recipe=recipe,
                    seed=recipe.seed,
                    phase="screen",
                    design=design,
                )
            )
    return found


def trials() -> list[TrialRow]:
    return [
        replace(a_trial(i, row.recipe, []), phase="screen", design=row.design)
        for i, row in enumerate(rows())
    ]


def other(name: str = "fashion_mnist", profile: Profile | None = None) -> OtherData:
    return OtherData(DataRef(name=name), profile or Profile())


def test_every_row_keeps_its_recipe_seed_and_place() -> None:
    found = transplanted("home", trials(), other(), channels=1)

    assert (found.left_out, found.equal) == ({}, 0)
    for mine, trial in zip(found.rows, trials(), strict=True):
        assert mine.recipe.model_copy(update={"data": trial.recipe.data}) == trial.recipe
        assert (mine.seed, mine.phase) == (trial.recipe.seed, "screen")
        assert mine.design is not None and trial.design is not None
        assert mine.design["levels"] == trial.design["levels"]
        assert (mine.design["base"], mine.design["of"]) == (None, "home")


def test_a_trick_that_makes_labels_untrue_is_off_in_all_rows() -> None:
    """A mirrored digit is none; the home space lists flip nevertheless."""
    found = transplanted("home", trials(), other("svhn"), channels=3)

    assert list(found.left_out) == ["flip"]
    assert "which changes what images of svhn show" in found.left_out["flip"]
    assert len(found.rows) + found.equal == 2 * RUNS
    assert found.equal > 0
    for row in found.rows:
        assert row.design is not None
        assert "flip" not in row.recipe.tricks
        assert row.design["levels"]["flip"] == OFF
        assert "flip" not in row.design["propensities"]


def test_what_a_space_says_of_its_images_counts_before_what_is_known() -> None:
    allowed = Profile(allowed=("flip",))

    assert transplanted("home", trials(), other("svhn", allowed), channels=3).left_out == {}
    forbidden = Profile(forbidden=("flip",))
    assert list(transplanted("home", trials(), other(profile=forbidden), channels=1).left_out) == [
        "flip"
    ]


def test_colours_are_not_reordered_in_grey_images() -> None:
    colour = [
        replace(t, recipe=t.recipe.model_copy(update={"tricks": {"channel_permutation": {}}}))
        for t in trials()
    ]

    assert (
        "grey" in transplanted("home", colour, other(), channels=1).left_out["channel_permutation"]
    )
    assert transplanted("home", colour, other("cifar10"), channels=3).left_out == {}


def test_data_by_name_have_the_options_of_the_study_and_a_space_its_own(tmp_path: Path) -> None:
    like = DataRef(name="digits", fingerprint="f" * 16, image_size=16, validation=0.2, split_seed=3)
    named = OtherData.named("kmnist", like)
    assert named.data == DataRef(name="kmnist", image_size=16, validation=0.2, split_seed=3)
    assert OtherData.named("kmnist", DataRef(name="dtd", validation=None)).data.validation == 0.1

    file = tmp_path / "small.toml"
    file.write_text(
        'question = "?"\n[data]\nname = "kmnist"\nimage_size = 12\n[augmentation]\nforbidden = ["flip"]\n'
        '[fixed]\narchitecture = "lenet5"\nepochs = 1\nbatch_size = 8\nbase_lr = 0.1\n'
    )
    of_file = OtherData.named(str(file), like)
    assert (of_file.data, of_file.profile.forbidden) == (
        DataRef(name="kmnist", image_size=12),
        ("flip",),
    )
    with pytest.raises(DataError, match="Did you mean"):
        OtherData.named("kmnis", like)
    with pytest.raises(SpaceError, match="no search space"):
        OtherData.named(str(tmp_path / "gone.toml"), like)


def test_a_recorded_list_gives_the_same_trials_after_a_kill() -> None:
    """Resuming builds the list anew from what is recorded of it."""
    whole = RecipeList(recipes=tuple(rows()), seeds=(0,))
    again = RecipeList.model_validate_json(whole.model_dump_json())
    first, second = (
        queue_of(SPACE, trials=len(whole), seed=0, recipes=found) for found in (whole, again)
    )
    for _ in range(5):
        first.next_candidate()
    begun = [
        replace(a_trial(i, row.recipe, [a_report(1, 0.5)]), origin=row.label)
        for i, row in enumerate(rows()[:5])
    ]
    second.replay(begun, {})

    left = list(iter(second.next_candidate, None))
    assert left == list(iter(first.next_candidate, None))
    assert [c.recipe.seed for c in left] == [row.recipe.seed for row in rows()[5:]]
    assert [c.design for c in left] == [row.design for row in rows()[5:]]
    assert {c.phase for c in left} == {"screen"}


def test_lists_of_old_keep_their_digest() -> None:
    plain = ListedRecipe(label="plain", recipe=all_off(SPACE))

    assert plain.model_dump(mode="json").keys() == {"label", "recipe"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A database with a study that has a screen, and one that has none."""
    folder = tmp_path_factory.mktemp("transfer")
    url = f"sqlite:///{folder}/autotrick.db"
    resources = Resources(storage=folder / "files", cache=folder / "cache", concurrency=2)
    (folder / "small.toml").write_text(
        'question = "Do the tricks carry over to smaller images?"\n[data]\nname = "digits"\nimage_size = 12\n'
        'validation = 0.2\n[fixed]\narchitecture = "lenet5"\nepochs = 1\nbatch_size = 8\nbase_lr = 0.1\n'
    )
    with open_database(url) as database:
        run_recipes(rows(), database, name="home", seeds=[0], resources=resources)
        run_recipes([all_off(SPACE)], database, name="plain", seeds=1, resources=resources)
    return {"folder": folder, "url": url, "resources": resources}


@pytest.mark.ray
def test_the_command_trains_the_screen_on_other_data_and_prints_the_matrix(
    place: dict[str, Any],
) -> None:
    words = ["transfer", "home", "--data", str(place["folder"] / "small.toml")]
    words += ["--database", place["url"], "--storage", str(place["folder"] / "files")]
    words += ["--cache", str(place["folder"] / "cache"), "--concurrency", "2"]
    done = CliRunner().invoke(main, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "flip was left out on digits" in done.output

    with open_database(place["url"], create=False) as database:
        row = records.study(database, "home_on_digits")
        trained = records.trials(database, "home_on_digits")
        home = {trial.number: trial for trial in records.trials(database, "home")}
    assert (row.parent, row.purpose, row.state) == ("home", "transfer", "complete")
    assert {trial.recipe.data.image_size for trial in trained} == {12}
    assert all(trial.phase == "screen" and trial.state == "complete" for trial in trained)
    for trial in trained:
        origin = home[int(trial.origin.split()[1])]
        assert trial.recipe.seed == origin.recipe.seed
        assert trial.recipe.tricks.keys() == origin.recipe.tricks.keys() - {"flip"}

    shown = CliRunner().invoke(
        main, ["transfer", "home", "--database", place["url"], "--json"], catch_exceptions=False
    )
    lines = {line["trick"]: line for line in map(json.loads, shown.output.splitlines())}
    assert set(lines) == {"flip", "mixup", "cutmix"}
    assert lines["flip"]["others"][0]["carries"] == "left out"
    assert lines["mixup"]["others"][0]["difference"] is not None

    # Once more: everything is there, and nothing is trained again.
    again = CliRunner().invoke(main, words, catch_exceptions=False)
    assert again.exit_code == 0
    with open_database(place["url"], create=False) as database:
        assert len(records.trials(database, "home_on_digits")) == len(trained)


@pytest.mark.ray
def test_what_cannot_be_repeated_is_said(place: dict[str, Any]) -> None:
    with open_database(place["url"], create=False) as database:
        with pytest.raises(SpaceError, match="'plain' has no screen"):
            screen_trials(database, "plain")
        same = OtherData.named("digits", DataRef(**DATA))
        with pytest.raises(DataError, match="has these data itself"):
            transfer(database, "home", same, resources=place["resources"])
        assert name_of("home", other("folder:/a/b/")) == "home_on_b"
    shown = CliRunner().invoke(main, ["transfer", "plain", "--database", place["url"]])
    assert shown.exit_code == 1
    assert "was not repeated on other data" in shown.output
