"""More to spend, and wider spaces."""

from typing import Any

import pytest

from autotrick import records
from autotrick.errors import RecordsError, ResourceError, SpaceError
from autotrick.recipe import Leg, Recipe
from autotrick.sample import halved
from autotrick.space import SearchSpace
from autotrick.tune.budget import Spending
from autotrick.tune.extend import more_to_spend, widen


@pytest.fixture
def tried(desk: Any) -> Any:
    """A study whose four trials are on record."""
    driver = desk.driver()
    for handle in "abcd":
        driver.next(handle)
    driver.close("interrupted")
    return desk


def wider(desk: Any, **changes: Any) -> SearchSpace:
    return SearchSpace.model_validate(desk.space.model_dump(mode="json") | changes)


def more_choices(desk: Any) -> SearchSpace:
    return wider(
        desk,
        tricks={"mixup": {"alpha": {"low": 0.01, "high": 4.0}}, "cutmix": {}, "ema": {}},
        fixed={"batch_size": 64, "epochs": 4},
        search={
            "architecture": ["lenet5", "fastnet"],
            "base_lr": {"low": 0.001, "high": 2.0, "log": True},
        },
        architectures={"lenet5": {}, "fastnet": {}},
    )


def test_study_goes_on_over_a_wider_space(tried: Any) -> None:
    old, new = tried.space, more_choices(tried)
    before = [row.recipe for row in records.trials(tried.database, "words")]

    row = widen(tried.database, "words", new, stale_after=60.0)

    assert row.space_digest == new.digest() != old.digest()
    assert row.earlier_spaces == [
        {"until": 4, "digest": old.digest(), "space": old.model_dump(mode="json")}
    ]
    tried.space, tried.trials = new, 30
    driver = tried.driver()
    driver._queue._trials = 30
    for handle in range(26):
        driver.next(str(handle))
    recipes = [row.recipe for row in records.trials(tried.database, "words")]
    assert recipes[:4] == before
    assert {"cutmix", "ema"} & {name for recipe in recipes[4:] for name in recipe.tricks}


def test_every_space_that_held_is_kept(tried: Any) -> None:
    first, second = more_choices(tried), wider(tried, tricks={"mixup": {}, "cutmix": {}})
    widen(tried.database, "words", second, stale_after=60.0)

    row = widen(tried.database, "words", first, stale_after=60.0)

    assert row.earlier_spaces is not None
    assert [held["digest"] for held in row.earlier_spaces] == [
        tried.space.digest(),
        second.digest(),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tricks": {}}, r"trial 1: tricks: .*mixup"),
        (
            {"search": {"base_lr": {"low": 5.0, "high": 9.0}}},
            r"trial 0: base_lr: .*is not in.*trial 1: .*; and 1 more\.",
        ),
        (
            {"fixed": {"architecture": "lenet5", "batch_size": 64, "epochs": 9}},
            "trial 0: epochs is 4, and the space has 9",
        ),
        (
            {"fixed": {"architecture": "fastnet", "batch_size": 64, "epochs": 4}},
            "trial 0: architecture",
        ),
        ({"objective": {"objectives": ["accuracy", "seconds"]}}, "and the study for accuracy"),
        ({"data": {"name": "digits", "image_size": 8}}, r"data\.image_size is 8 and was 16"),
    ],
)
def test_space_that_does_not_contain_the_old_one_is_refused(
    tried: Any, changes: dict[str, Any], message: str
) -> None:
    if "fixed" in changes:
        changes = changes | {"architectures": {}}
    narrower = wider(tried, **changes)

    with pytest.raises(SpaceError, match=message):
        widen(tried.database, "words", narrower, stale_after=60.0)

    row = records.study(tried.database, "words")
    assert (row.space_digest, row.earlier_spaces) == (tried.space.digest(), None)


def test_space_of_a_study_at_work_stays(tried: Any) -> None:
    study = records.study(tried.database, "words")
    records.acquire_lease(tried.database, study.id, "elsewhere:1:1", stale_after=60.0)

    with pytest.raises(RecordsError, match="is being searched by elsewhere"):
        widen(tried.database, "words", more_choices(tried), stale_after=60.0)


def test_budgets_grow_from_the_limit_or_from_what_is_spent(desk: Any) -> None:
    desk.driver()
    database = desk.database
    row = records.extend_study(database, "words", 0, more={"trial_hours": 2.0})

    assert more_to_spend(database, row, Spending(trial_hours=1.0)) == Spending(trial_hours=3.0)
    priced = Spending(max_cost=5.0, cost_per_hour=2.0)
    assert more_to_spend(database, row, priced) == priced
    with pytest.raises(ResourceError, match="needs the price of a trial-hour"):
        more_to_spend(database, row, Spending(max_cost=5.0))
    assert more_to_spend(database, row, Spending(cost_per_hour=1.5)) == Spending(cost_per_hour=1.5)
    assert row.budget["trials"] == 4


def test_extended_study_is_patient_again(tried: Any) -> None:
    row = records.extend_study(tried.database, "words", 6)

    assert (row.budget["trials"], row.budget["plateau_since"]) == (10, 4)


def put(desk: Any, recipe: Recipe, reason: str | None = None) -> None:
    launch = records.add_trial(desk.database, 1, recipe, origin="test")
    records.finish_trial(desk.database, launch.trial_id, "failed", reason=reason)


def test_copies_of_a_population_are_of_a_wider_space_too(tried: Any) -> None:
    first = records.trials(tried.database, "words")[0].recipe
    inside, outside = (Leg(after=2, fields={"base_lr": rate}) for rate in (0.1, 7.0))
    put(tried, first.model_copy(update={"course": (inside,)}))

    assert widen(tried.database, "words", more_choices(tried), stale_after=60.0)

    put(tried, first.model_copy(update={"course": (outside,)}))
    with pytest.raises(SpaceError, match=r"trial 5: base_lr: 7\.0 is not in"):
        widen(tried.database, "words", more_choices(tried), stale_after=60.0)


def test_what_was_tried_with_half_the_batch_is_of_a_wider_space_too(tried: Any) -> None:
    study = records.study(tried.database, "words")
    careful = tried.space.with_study(on_out_of_memory="smaller_batch")
    plain = careful.model_dump(mode="json")
    records.widen_study(tried.database, "words", plain, study.space_digest, stale_after=60.0)
    large = records.trials(tried.database, "words")[0].recipe.model_copy(update={"seed": 5})
    small = halved(large)
    assert small is not None
    put(tried, large, "out_of_memory")
    put(tried, small)

    assert widen(tried.database, "words", more_choices(tried), stale_after=60.0)

    put(tried, small.model_copy(update={"seed": 6}))
    with pytest.raises(SpaceError, match="trial 6: batch_size is 32, and the space has 64"):
        widen(tried.database, "words", more_choices(tried), stale_after=60.0)
