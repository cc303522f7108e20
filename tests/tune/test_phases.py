from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autotrick.errors import SpaceError
from autotrick.recipe import Recipe
from autotrick.sample import WarmStart
from autotrick.sample.warm_start import Past, Queued
from autotrick.tune.constraints import ConstraintChecker
from autotrick.tune.plan import plan_for, tricks_to_decide
from autotrick.tune.sources.source import step_of
from tests.tune.planned import GAINS, TRICKS, Planned, a_space, never


def facts(study: Planned) -> list[tuple[Any, ...]]:
    return [
        (row.number, row.recipe, row.phase, row.design, row.state, row.value) for row in study.rows
    ]


def test_phases_follow_each_other_and_share_the_trials() -> None:
    study = Planned(a_space()).run()

    assert Counter(study.phases()) == {"base": 5, "screen": 24, "search": 11}
    assert study.phases() == sorted(study.phases(), key=str)
    assert study.rows[0].origin == "all tricks off" and not study.rows[0].recipe.tricks


def test_the_base_is_the_best_setting_with_the_published_schedule() -> None:
    study = Planned(a_space()).run()

    first, *others = study.of("base")
    best = max(others, key=lambda row: row.value or 0)
    assert {row.design["base"] for row in study.of("screen") if row.design} == {best.number}
    same = ("base_lr", "batch_size", "epochs", "architecture")
    for row in study.of("screen"):
        assert all(getattr(row.recipe, name) == getattr(best.recipe, name) for name in same)
    assert len({row.digest for row in study.of("base")}) == 5
    assert not first.recipe.tricks
    schedule = frozenset({"cosine_decay", "linear_warmup"})
    assert {frozenset(row.recipe.tricks) for row in others} == {schedule}


def test_every_network_is_tried_before_one_is_tried_again() -> None:
    networks = ["lenet5", "fastnet", "resnet20"]
    search = {"architecture": networks, "base_lr": {"low": 0.01, "high": 1.0, "log": True}}
    space = a_space(fixed={"epochs": 4, "batch_size": 64}, search=search)
    study = Planned(space, trials=64).run()

    tried = [row.recipe.architecture for row in study.of("base")][1:]
    assert len(tried) == 7 and set(tried[:3]) == set(tried[3:6]) == set(networks)


def test_trials_of_base_and_screen_are_whole_whatever_the_pruner_says() -> None:
    study = Planned(a_space(pruning={"method": "asha_stop", "factor": 4}), trials=60).run()

    assert {row.state for row in study.of("base") + study.of("screen")} == {"complete"}
    assert "pruned" in {row.state for row in study.of("search")}


def test_the_search_begins_with_what_the_screen_recommends() -> None:
    tricks: dict[str, Any] = {name: {} for name in TRICKS}
    tricks["ema"] = {"half_life": {"low": 0.01, "high": 0.1}}
    study = Planned(a_space(tricks=tricks, pruning={"method": "asha_stop"}), seed=9).run()

    first, second = study.of("search")[:2]
    good = {name for name, gain in GAINS.items() if gain > 0}
    assert first.origin == "recommended by the screen" and first.state == "complete"
    assert good <= set(first.recipe.tricks) and "mixup" not in first.recipe.tricks
    assert set(second.recipe.tricks) == good and second.state == "complete"


def test_a_sharp_screen_ends_early_and_a_blurred_one_takes_its_share() -> None:
    sharp = Planned(a_space(), trials=80, noise=0.2).run()
    blurred = Planned(a_space(), trials=80, noise=2.0).run()

    assert len(sharp.of("screen")) == 24
    assert len(blurred.of("screen")) == 48 and len(blurred.of("base")) == 10


def test_only_widths_end_a_screen() -> None:
    """The same noise around other effects gives a screen of the same length."""
    small = Planned(a_space(study={"plan": ["base", "screen"]}), trials=90, noise=0.9)
    large = replace(
        small, gains={name: 3 * gain for name, gain in GAINS.items()}, rows=[], curves={}
    )

    lengths = [len(study.run().of("screen")) for study in (small, large)]

    assert lengths[0] == lengths[1] and 24 < lengths[0] < 84


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_a_killed_study_has_the_rows_of_one_that_never_was(every: int) -> None:
    whole = Planned(a_space(pruning={"method": "asha", "factor": 2}), trials=36).run()

    killed = Planned(whole.space, trials=36).run(kill=lambda step: step % every == 0)

    done = len(whole.of("base")) + len(whole.of("screen")) + 2
    assert facts(killed)[:done] == facts(whole)[:done]
    assert len(killed.rows) == 36


def test_a_killed_study_under_a_time_budget_decides_the_same() -> None:
    whole = Planned(a_space(), trials=60, budget_s=200.0, noise=2.0).run()

    killed = Planned(a_space(), trials=60, budget_s=200.0, noise=2.0).run(kill=bool)

    count = len(whole.of("base")) + len(whole.of("screen"))
    assert facts(killed)[:count] == facts(whole)[:count]
    assert len(whole.of("screen")) == 24 and 4 * count < 0.8 * 200


def test_a_screen_for_which_the_time_does_not_suffice_is_left_out() -> None:
    study = Planned(a_space(), trials=40, budget_s=60.0).run()

    assert not study.of("screen") and study.of("search")


def test_a_failed_row_stays_and_the_screen_goes_on() -> None:
    def fails(recipe: Recipe) -> str | None:
        return "nan_loss" if {"cutout", "ema"} <= recipe.tricks.keys() else None

    study = Planned(a_space(), failure=fails).run(kill=lambda step: step % 5 == 0)

    states = Counter(row.state for row in study.of("screen"))
    assert states["failed"] > 0 and states.total() == 24
    rows = {(row.design["half"], row.design["row"]) for row in study.of("screen") if row.design}
    assert len(rows) == 24


def test_what_ran_out_of_memory_is_tried_with_half_the_batch_in_its_place() -> None:
    def fails(recipe: Recipe) -> str | None:
        whole = recipe.batch_size * (2 if "mixup" in recipe.tricks else 1) > 128
        return "out_of_memory" if whole else None

    space = a_space(
        fixed={"architecture": "lenet5", "epochs": 4, "batch_size": 128, "base_lr": 0.1},
        search={},
        study={"on_out_of_memory": "smaller_batch"},
    )
    study = Planned(space, trials=60, failure=fails).run(kill=lambda step: step % 3 == 0)

    failed = [row for row in study.of("screen") if row.state == "failed"]
    halves = [row for row in study.of("screen") if row.recipe.batch_size == 64]
    assert failed and [row.design for row in failed] == [row.design for row in halves]
    assert {row.state for row in halves} == {"complete"}


def test_a_recipe_that_ran_out_of_memory_is_not_the_base() -> None:
    def fails(recipe: Recipe) -> str | None:
        return "out_of_memory" if recipe.batch_size == 128 else None

    study = Planned(a_space(), failure=fails).run()

    assert {row.recipe.batch_size for row in study.of("screen")} <= {32, 64}


def test_a_base_that_is_named_needs_no_trials() -> None:
    space = a_space(study={"base": {"base_lr": 0.2, "batch_size": 64}})
    study = Planned(space).run()

    assert len(study.of("base")) == 1
    assert {(row.recipe.base_lr, row.recipe.batch_size) for row in study.of("screen")} == {
        (0.2, 64)
    }
    assert (study.rows[0].recipe.base_lr, study.rows[0].recipe.batch_size) == (0.2, 64)


def test_a_base_that_is_named_in_part_varies_the_rest() -> None:
    study = Planned(a_space(study={"base": {"batch_size": 32}})).run()

    assert {row.recipe.batch_size for row in study.of("base")} == {32}
    assert len({row.recipe.base_lr for row in study.of("base")[1:]}) == 4


def test_a_screen_alone_ends_when_it_is_precise_and_takes_added_trials_otherwise() -> None:
    space = a_space(study={"plan": ["base", "screen"]})
    sharp = Planned(space, trials=120).run()
    blurred = Planned(space, trials=40, noise=2.0).run()
    extended = blurred.extended(60).run()

    assert sharp.queue.empty and "as precise as asked" in (sharp.queue.why_unused or "")
    assert len(sharp.rows) < 40 and not sharp.of("search")
    assert "no room for another half" in (blurred.queue.why_unused or "")
    assert len(extended.of("screen")) == len(blurred.of("screen")) + 16


def test_trials_added_to_a_planned_study_go_to_its_search() -> None:
    first = Planned(a_space(), trials=40).run()
    more = first.extended(50).run()

    assert len(more.rows) == 50
    assert Counter(more.phases()) == {"base": 5, "screen": 24, "search": 21}


def test_a_wider_space_ends_the_screen() -> None:
    study = Planned(a_space())
    while len(study.of("screen")) < 9:
        study.step()

    study.space = a_space(*TRICKS, "pad_crop")
    study.start()
    study.run()

    assert len(study.of("screen")) == 9 and len(study.rows) == 40
    assert any("pad_crop" in row.recipe.tricks for row in study.of("search"))


def test_the_base_stays_whatever_its_own_trial_comes_to() -> None:
    """The first trial runs out of memory while the screen has begun around its recipe."""
    space = a_space(
        fixed={"architecture": "lenet5", "epochs": 4, "batch_size": 128, "base_lr": 0.1},
        search={},
        study={"on_out_of_memory": "smaller_batch"},
    )

    def fails(recipe: Recipe) -> str | None:
        plain = recipe.batch_size == 128 and not recipe.tricks
        return "out_of_memory" if plain else None

    study = Planned(space, trials=60, failure=fails).run(kill=lambda step: step % 3 == 0)

    assert [row.recipe.batch_size for row in study.of("base")] == [128, 64]
    assert {row.design["base"] for row in study.of("screen") if row.design} == {0}


def test_recipes_by_hand_come_early_in_the_search() -> None:
    space = a_space(recipes=[{"label": "mine", "answers": {"ema": True, "base_lr": 0.03}}])
    study = Planned(space).run()

    assert "mine" in [row.origin for row in study.of("search")[:4]]


def test_a_run_of_the_screen_that_a_trial_of_the_base_was_takes_over_its_result() -> None:
    fixed = {"architecture": "lenet5", "epochs": 4, "batch_size": 128}
    space = a_space(fixed=fixed, search={"base_lr": [0.2, 0.01]})
    study = Planned(space, seed=9).run(kill=lambda step: step % 7 == 0)

    again = [row for row in study.of("screen") if not row.recipe.tricks and row.recipe.seed == 0]
    [base] = {row.design["base"] for row in study.of("screen") if row.design}
    assert study.rows[base].recipe.base_lr == study.rows[0].recipe.base_lr == 0.2
    assert [study.copied[row.number] for row in again] == [0] * len(again) != []


def test_steps_of_a_plan_are_named() -> None:
    study = Planned(a_space()).run()

    steps = [step_of(row.phase, row.design) for row in study.rows]
    assert steps[:2] == ["base 1/5", "base 2/5"]
    assert steps[5] == "screen 1/24" and steps[28] == "screen 24/24" and steps[29] == "search"
    assert step_of(None, None) == ""


@pytest.mark.parametrize(
    ("tables", "trials", "phases"),
    [
        ({}, 40, ("base", "screen", "search")),
        ({"tricks": {"mixup": {}, "cutmix": {}, "ricap": {}, "ema": {}}}, 40, None),
        ({"study": {"sampler": "random"}}, 40, None),
        ({"study": {"plan": ["search"]}}, 40, None),
        ({"study": {"plan": ["base", "screen"], "sampler": "random"}}, 40, ("base", "screen")),
        ({"pruning": {"method": "pbt"}}, 40, None),
        ({"objective": {"objectives": ["accuracy", "parameters"]}}, 40, None),
        ({}, 12, None),
        ({}, 16, ("base", "screen", "search")),
    ],
)
def test_a_study_has_phases_where_they_make_sense(
    tables: dict[str, Any], trials: int, phases: tuple[str, ...] | None
) -> None:
    plan = plan_for(a_space(**tables), trials)

    assert (plan.phases if plan else None) == phases


def test_tricks_that_are_always_on_are_not_decided() -> None:
    tricks: dict[str, Any] = {name: {} for name in TRICKS} | {"ema": {"always": True}}

    assert tricks_to_decide(a_space(tricks=tricks)) == 5


@pytest.mark.parametrize(
    ("tables", "trials", "says"),
    [
        ({"study": {"plan": ["screen"]}}, 6, "the smallest screen of 6 tricks has"),
        ({"study": {"plan": ["screen"]}, "tricks": {}}, 40, "needs tricks to decide on"),
        ({"study": {"plan": ["screen"]}, "pruning": {"method": "pbt"}}, 40, "population"),
        (
            {"study": {"plan": ["screen"], "sampler": "grid"}},
            40,
            "grid",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_a_sentence(
    tables: dict[str, Any], trials: int, says: str
) -> None:
    with pytest.raises(SpaceError, match=says):
        plan_for(a_space(**tables), trials)


@pytest.mark.parametrize("kill", [never, lambda step: step % 3 == 0])
def test_runs_over_a_bound_are_left_out_of_the_screen(kill: Callable[[int], bool]) -> None:
    def memory(recipe: Recipe) -> dict[str, float]:
        return {"memory": 2.0 if {"mixup", "ema"} <= recipe.tricks.keys() else 1.0}

    checker = ConstraintChecker({"memory": 1.5}, [memory])
    study = Planned(a_space(), checker=checker).run(kill=kill)

    assert study.rejections and study.of("search")
    assert not any({"mixup", "ema"} <= row.recipe.tricks.keys() for row in study.rows)
    places = [(row.design["half"], row.design["row"]) for row in study.of("screen") if row.design]
    assert len(places) == len(set(places)) < 24
    assert [row.number for row in study.rows] == list(range(40))


def test_a_warm_start_and_enqueued_recipes_come_in_the_search() -> None:
    space = a_space()
    best = {"base_lr": 0.2, "batch_size": 32, "ema": True, "cosine_decay": True}
    mine = {**space.answers(Planned(space).run().rows[0].recipe), **best}
    past = tuple(
        Past(study="other", number=i, answers=mine | {"base_lr": rate}, score=0.9)
        for i, rate in enumerate((0.1, 0.2, 0.3))
    )
    queued = Queued(origin="enqueued: other:3", answers=mine, required=True)
    warm_start = WarmStart(sources=("other",), queue=(queued,), past=past)

    study = Planned(space, warm_start=warm_start).run(kill=lambda step: step % 5 == 0)

    assert Counter(study.phases())["screen"] == 24
    assert "enqueued: other:3" in [row.origin for row in study.of("search")[:4]]
