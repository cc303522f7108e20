from collections.abc import Sequence
from statistics import fmean, median
from typing import Any

import pytest

from autotrick.errors import SpaceError
from autotrick.recipe import Recipe
from autotrick.sample import Proposer, Sampler, WarmStart, enqueued, warm_start_from
from autotrick.sample.warm_start import PAST, Queued
from autotrick.space import SearchSpace


def other(space: SearchSpace, **changes: Any) -> SearchSpace:
    """The same question on other data, for longer."""
    tables = space.model_dump(mode="json") | {"data": {"name": "cifar10"}} | changes
    tables["fixed"] = space.fixed | {"epochs": 12} | changes.get("fixed", {})
    return SearchSpace.model_validate(tables)


@pytest.fixture(scope="module")
def warm_start(space: SearchSpace, trials: Any) -> WarmStart:
    return warm_start_from(other(space), {"first": trials})


def test_the_best_recipe_is_tried_after_the_experts(
    space: SearchSpace, trials: Any, warm_start: WarmStart
) -> None:
    here = other(space)
    best = max((t for t in trials if t.state == "complete"), key=lambda trial: trial.value)
    proposer = Proposer(here, seed=1, warm_start=warm_start)

    proposals = [proposer.ask(number) for number in range(4)]

    assert proposals[2].origin == f"warm start: best of first, trial {best.number}"
    assert proposals[2].recipe.tricks == best.recipe.tricks
    assert (proposals[2].recipe.epochs, proposals[2].recipe.data.name) == (12, "cifar10")
    assert proposals[3].origin == "tpe"


def test_what_is_in_the_queue_is_tried_once_whoever_had_it_first(
    space: SearchSpace, warm_start: WarmStart
) -> None:
    here = other(space)
    proposer = Proposer(here, seed=1, warm_start=warm_start)
    _, recipe = warm_start.recipes(here)[0]
    proposer.tell(0, recipe, 0.5, "complete", epochs=12)

    origins = [proposer.ask(number).origin for number in (1, 2, 3)]

    assert origins == ["all tricks off", "published defaults", "tpe"]


def test_past_trials_teach_at_once(
    space: SearchSpace, trials: Sequence[Any], warm_start: WarmStart
) -> None:
    here, count = other(space), 30
    with_past = [
        Sampler(here, seed=seed, past=warm_start.trials(here)).ask(0).recipe
        for seed in range(count)
    ]
    without = [Sampler(here, method="random", seed=seed).ask(0).recipe for seed in range(count)]

    def away(recipes: list[Recipe]) -> float:
        return fmean(abs(recipe.base_lr - 0.1) for recipe in recipes)

    assert away(with_past) < 0.7 * away(without)


@pytest.mark.slow
def test_past_trials_alone_lead_a_gaussian_process(
    space: SearchSpace, warm_start: WarmStart
) -> None:
    here, count = other(space), 10

    proposals = [
        Sampler(here, method="gp", seed=seed, past=warm_start.trials(here)).ask(0).recipe
        for seed in range(count)
    ]

    # Drawn at random, they would be all over the range, which is of a factor 25.
    rates = [recipe.base_lr for recipe in proposals]
    assert sum(abs(rate / median(rates) - 1) < 0.1 for rate in rates) >= 0.8 * count


@pytest.mark.parametrize("method", ["nsga2", "nsga3"])
def test_past_trials_are_parents_at_once(
    space: SearchSpace, warm_start: WarmStart, method: str
) -> None:
    here = other(space)
    past = warm_start.trials(here)
    rates = {recipe.base_lr for recipe, _ in past}

    children = [
        Sampler(here, method=method, seed=seed, past=past).ask(0).recipe for seed in range(30)
    ]

    # A child has the rate of a parent, or now and then one of its own.
    assert sum(recipe.base_lr in rates for recipe in children) > 15


def test_scores_of_other_studies_are_compared_with_each_other_alone(
    space: SearchSpace, trials: Any, warm_start: WarmStart
) -> None:
    past = warm_start.trials(space)[:9]
    whole = [trial for trial in trials if trial.state == "complete"]
    found = []
    for shift in (-100.0, 100.0):
        shifted = [(recipe, score + shift) for recipe, score in past]
        sampler = Sampler(space, method="cmaes", seed=1, past=shifted)
        for trial in whole:
            trial.tell(sampler)
        found.append([sampler.ask(40 + i).recipe for i in range(3)])

    assert found[0] == found[1]


@pytest.mark.parametrize("method", ["tpe", "bayes", "cmaes", "nsga2"])
def test_it_is_the_same_from_the_record(
    space: SearchSpace, warm_start: WarmStart, trials: Any, method: str
) -> None:
    here = other(space).with_study(sampler=method)
    recorded = WarmStart.model_validate_json(warm_start.model_dump_json())

    live, resumed = (Proposer(here, seed=4, warm_start=h) for h in (warm_start, recorded))
    for trial in trials[:12]:
        live.ask(trial.number)
        live.tell(trial.number, trial.recipe, trial.value, trial.state, epochs=trial.epochs)
    resumed.replay(trials[:12])

    assert resumed.ask(12) == live.ask(12)


def test_a_study_forgets_what_others_found_as_it_finds_its_own(
    space: SearchSpace, warm_start: WarmStart, trials: Any
) -> None:
    sampler = Sampler(space, seed=0, past=warm_start.trials(other(space)))
    counts = []
    for number in range(40):
        counts.append(len(sampler._observations.for_optuna()) - number)
        sampler.tell(number, trials[number].recipe, trials[number].value, "complete", epochs=6)

    known = len(warm_start.past)
    assert known > 25 and counts[0] == known
    assert counts[10] == round(known / 2) and counts[30] == round(known / 4)


def test_only_so_many_trials_are_taken_over_the_best_among_them(
    space: SearchSpace, trials: Any
) -> None:
    drawn = Sampler(space, method="random", seed=2)
    kind = type(trials[0])
    many = [kind(n, drawn.ask(n).recipe, "complete", n / 200) for n in range(200)]

    found = warm_start_from(other(space), {"long": many})

    numbers = [past.number for past in found.past]
    assert len(numbers) == PAST and {195, 196, 197, 198, 199} <= set(numbers)
    assert sorted(numbers) == numbers
    best = max(found.past, key=lambda past: past.score)
    assert best.number == 199 and best.score == pytest.approx(2.8070, abs=1e-3)


def test_what_a_space_cannot_express_is_left_out(space: SearchSpace, trials: Any) -> None:
    narrow = other(space, tricks={"mixup": {"alpha": {"low": 0.05, "high": 1.0}}})

    found = warm_start_from(narrow, {"first": trials})

    assert 0 < len(found.past) < len(trials)
    for past in found.past:
        assert not trials[past.number].recipe.tricks.keys() - {"mixup"}


def test_a_study_of_no_use_is_refused(space: SearchSpace, trials: Any) -> None:
    strange = other(space, fixed={"batch_size": 128})

    with pytest.raises(SpaceError, match=r"study 'first' has no finished trial that"):
        warm_start_from(strange, {"first": trials})
    with pytest.raises(SpaceError, match=r"from first:3: batch_size: 64 there, and fixed at 128"):
        enqueued(strange, "from first:3", trials[3].recipe)


def test_a_queue_that_a_changed_space_cannot_express_is_passed_over(space: SearchSpace) -> None:
    warm_start = WarmStart(queue=(Queued(origin="gone", answers={"base_lr": 7.0}),))

    assert warm_start.recipes(space) == []


def test_a_recipe_without_what_is_always_on_is_left_out(space: SearchSpace, trials: Any) -> None:
    tricks = space.model_dump(mode="json")["tricks"]
    tricks["label_smoothing"]["always"] = True
    smooth = other(space, tricks=tricks)

    found = warm_start_from(smooth, {"first": trials})

    kept = {past.number for past in found.past}
    finished = {t.number for t in trials if t.state in ("complete", "pruned")}
    assert kept == {n for n in finished if "label_smoothing" in trials[n].recipe.tricks}
    assert 0 < len(kept) < len(finished)


def test_a_wider_space_remembers_what_the_narrower_one_took_over(
    space: SearchSpace, warm_start: WarmStart
) -> None:
    held = other(space)
    tables = held.model_dump(mode="json")
    tables["tricks"] |= {"ricap": {"beta": "search"}, "ema": {}, "flip": {}}
    tables["fixed"].pop("batch_size")
    tables["search"]["batch_size"] = [64, 128]
    wider = SearchSpace.model_validate(tables)
    assert warm_start.trials(wider) == []

    moved = warm_start.moved(wider, [held])

    assert moved.trials(wider) == warm_start.trials(held)
    assert moved.recipes(wider) == warm_start.recipes(held)
    assert moved.moved(wider, [held]) == moved
