import subprocess
import sys
from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from autotrick.domain import Scalar
from autotrick.errors import SpaceError
from autotrick.pareto import order
from autotrick.random_streams import key_of
from autotrick.recipe import DataRef
from autotrick.sample import Proposal, Sampler, as_study
from autotrick.sample.optuna_bridge import Asking
from autotrick.sample.optuna_methods import tpe
from autotrick.space import SearchSpace, all_off, published_defaults

TINY: dict[str, Any] = {
    "name": "tiny",
    "question": "One or the other?",
    "data": {"name": "digits"},
    "fixed": {"architecture": "lenet5", "epochs": 6, "batch_size": 64, "seed": 4},
    "search": {"base_lr": [0.1, 0.2]},
}


def replayed(space: SearchSpace, trials: Any, *, seed: int = 7, method: str = "tpe") -> Sampler:
    sampler = Sampler(space, method=method, seed=seed)
    sampler.replay(trials)
    return sampler


@pytest.mark.parametrize("method", ["tpe", "bayes", "random", "qmc", "cmaes", "nsga2", "nsga3"])
def test_a_proposal_depends_on_the_told_history_alone(
    space: SearchSpace, trials: Any, method: str
) -> None:
    live = Sampler(space, method=method, seed=7)
    for trial in trials:
        live.ask(trial.number)
        live.tell(trial.number, trial.recipe, None, "running")
        trial.tell(live)

    proposals = [live.ask(number) for number in (40, 41, 42)]

    rebuilt = replayed(space, reversed(trials), method=method)
    assert [rebuilt.ask(number) for number in (40, 41, 42)] == proposals


def test_a_proposal_for_a_running_trial_is_the_same_after_a_restart(
    space: SearchSpace, trials: Any
) -> None:
    live = replayed(space, trials)
    recipe = live.ask(40).recipe
    proposal = live.ask(41)

    rebuilt = replayed(space, trials)
    rebuilt.tell(40, recipe, None, "waiting")

    assert rebuilt.ask(41) == proposal
    assert rebuilt.ask(41) == proposal


def test_number_and_seed_decide(space: SearchSpace, trials: Any) -> None:
    recipe = replayed(space, trials).ask(40).recipe

    assert replayed(space, trials).ask(41).recipe != recipe
    assert replayed(space, trials, seed=8).ask(40).recipe != recipe


@pytest.mark.parametrize("count", [0, 9, 10, 40])
def test_it_proposes_what_optuna_would(space: SearchSpace, trials: Any, count: int) -> None:
    told = [trial for trial in trials[:count] if trial.state != "failed"]
    study = as_study(space, told)
    study.sampler = tpe(key_of(7, "sampler", 40) % 2**32)

    expected = space.decide(Asking(study.ask()))

    assert replayed(space, told).ask(40) == Proposal(expected, "tpe")


def test_what_helps_is_proposed_more_often(space: SearchSpace, trials: Any, finish: Any) -> None:
    def found(method: str) -> list[bool]:
        sampler = replayed(space, trials, method=method)
        on = []
        for number in range(40, 70):
            recipe = sampler.ask(number).recipe
            trial = finish(number, recipe)
            sampler.tell(number, recipe, trial.value, trial.state, epochs=trial.epochs)
            on.append("mixup" in recipe.tricks)
        return on

    assert sum(found("tpe")) > 1.5 * sum(found("random"))


def test_a_recipe_that_comes_again_gets_the_next_seed() -> None:
    space = SearchSpace.model_validate(TINY)
    sampler = Sampler(space, method="random", seed=0)

    asked = [sampler.ask(number) for number in range(6)]

    recipes = [proposal.recipe for proposal in asked]
    assert len({recipe.digest() for recipe in recipes}) == 6
    for rate in (0.1, 0.2):
        seeds = [recipe.seed for recipe in recipes if recipe.base_lr == rate]
        assert seeds == list(range(4, 4 + len(seeds)))
    origins = [proposal.origin for proposal in asked]
    again = [i for i, recipe in enumerate(recipes) if recipe.seed > 4]
    assert origins[again[0]].startswith("random: trial ")
    assert origins[again[0]].endswith(" again with seed 5")
    assert {origins[i] for i in range(6) if i not in again} == {"random"}


def test_the_fingerprint_makes_no_other_recipe() -> None:
    space = SearchSpace.model_validate(TINY)
    sampler = Sampler(space, seed=0)
    for number, rate in enumerate((0.1, 0.2)):
        data = DataRef(name="digits", fingerprint="f")
        recipe = all_off(space).model_copy(update={"base_lr": rate, "data": data})
        sampler.tell(number, recipe, 0.5, "complete")

    proposal = sampler.ask(2)

    assert proposal.recipe.seed == 5 and "again" in proposal.origin


def test_a_proposal_that_was_not_taken_leaves_no_trace() -> None:
    space = SearchSpace.model_validate(TINY)
    sampler = Sampler(space, seed=0)

    assert len({sampler.ask(0).recipe.digest() for _ in range(5)}) == 1


def test_a_recipe_of_another_space_is_refused(space: SearchSpace) -> None:
    other = SearchSpace.model_validate(TINY)

    with pytest.raises(SpaceError, match="is not of the space 'tiny'"):
        Sampler(other, seed=0).tell(0, published_defaults(space), 0.5, "complete")


def test_an_unknown_sampler_lists_the_known_ones(space: SearchSpace) -> None:
    with pytest.raises(SpaceError, match=r"unknown sampler 'tpa'\. Did you mean 'tpe'\?"):
        Sampler(space, method="tpa", seed=0)


@pytest.mark.parametrize(
    ("state", "reason", "shown"),
    [
        ("failed", "nan_loss", [TrialState.PRUNED]),
        ("failed", "out_of_memory", [TrialState.PRUNED]),
        ("failed", "damaged_checkpoint", []),
        ("waiting", None, [TrialState.RUNNING]),
        ("pruned", None, [TrialState.PRUNED]),
        ("complete", None, [TrialState.COMPLETE]),
    ],
)
def test_only_what_the_recipe_did_teaches(
    space: SearchSpace, state: Any, reason: str | None, shown: list[TrialState]
) -> None:
    sampler = Sampler(space, seed=0)

    sampler.tell(0, all_off(space), 0.5, state, epochs=2, reason=reason)

    assert [trial.state for trial in sampler._observations.for_optuna()] == shown


def test_a_recipe_that_comes_again_is_asked_for_anew() -> None:
    space = SearchSpace.model_validate(TINY).with_study(duplicates="resample")
    sampler = Sampler(space, method="random", seed=0)

    proposals = [sampler.ask(number) for number in range(3)]

    assert {proposal.recipe.base_lr for proposal in proposals[:2]} == {0.1, 0.2}
    assert [proposal.recipe.seed for proposal in proposals] == [4, 4, 5]


def test_the_outcome_of_an_equal_recipe_is_taken_over() -> None:
    space = SearchSpace.model_validate(TINY).with_study(duplicates="reuse")
    sampler = Sampler(space, method="random", seed=0)
    first = sampler.ask(0)
    sampler.tell(0, first.recipe, 0.7, "complete", epochs=6)
    running = next(
        proposal
        for proposal in map(sampler.ask, range(1, 30))
        if proposal.recipe.base_lr != first.recipe.base_lr
    )

    again = [sampler.ask(number) for number in range(30, 40)]

    reused = [proposal for proposal in again if proposal.same_as is not None]
    assert reused and {proposal.same_as for proposal in reused} == {0}
    assert all(proposal.recipe == first.recipe for proposal in reused)
    assert reused[0].origin == "random: trial 0 again, whose outcome is taken over"
    # What is still under way has no outcome to take over.
    others = [p for p in again if p.recipe.base_lr == running.recipe.base_lr]
    assert all(p.same_as is None and "with seed" in p.origin for p in others)


def test_trials_of_one_recipe_and_seed_are_told_apart(space: SearchSpace, trials: Any) -> None:
    reusing = space.with_study(duplicates="reuse")
    recipe = trials[0].recipe
    forth, back = (Sampler(reusing, seed=1) for _ in range(2))
    for sampler, numbers in ((forth, (0, 1, 2)), (back, (2, 1, 0))):
        for number in numbers:
            sampler.tell(number, recipe, 0.5, "complete", epochs=6)
        sampler.forget(0)

    assert forth.knows(recipe) and back.knows(recipe)
    assert forth.ask(3) == back.ask(3)


@pytest.mark.slow
def test_the_hash_of_strings_does_not_matter() -> None:
    code = """
import json, sys
from autotrick.sample import Sampler
from autotrick.space import SearchSpace
space = SearchSpace.model_validate(json.load(sys.stdin))
sampler = Sampler(space, seed=7)
for number in range(30):
    recipe = sampler.ask(number).recipe
    sampler.tell(number, recipe, len(recipe.tricks) / 10, "complete")
print(sampler.ask(30).recipe.digest())
"""
    tables = SearchSpace.model_validate(
        TINY | {"tricks": {name: {} for name in ("mixup", "cutmix", "flip", "ema", "pad_crop")}}
    ).model_dump_json()

    said = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=tables,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1 and said != {""}


def test_proposing_says_nothing_and_changes_no_setting_of_optuna(
    space: SearchSpace, capfd: pytest.CaptureFixture[str]
) -> None:
    before = optuna.logging.get_verbosity()

    Sampler(space, seed=0).ask(0)

    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before


def test_a_chooser_asks_for_every_kind_of_decision(space: SearchSpace, trials: Any) -> None:
    kinds: set[type[Scalar]] = {
        type(value) for trial in trials for value in space.answers(trial.recipe).values()
    }

    assert kinds == {bool, int, float, str}


SEVERAL = {
    "objective": {"objectives": ["accuracy", "parameters"]},
    "pruning": {"method": "asha"},
}


def test_several_objectives_teach_by_their_fronts(space: SearchSpace, trials: Any) -> None:
    both = SearchSpace.model_validate(space.model_dump(mode="json") | SEVERAL)
    rows = [row for row in trials if row.state == "complete"]
    points = [(row.value, -10.0 * (row.number % 5)) for row in rows]
    places = {i: place for place, i in enumerate(order(points))}
    several, one = Sampler(both, seed=0), Sampler(both, seed=0)

    for i, row in enumerate(rows):
        several.tell(row.number, row.recipe, points[i], "complete", epochs=6)
        one.tell(row.number, row.recipe, 1 - places[i] / len(rows), "complete", epochs=6)

    assert several.ask(40) == one.ask(40)


@pytest.mark.parametrize("method", ["tpe", "nsga2"])
def test_several_objectives_replayed_propose_the_same(
    space: SearchSpace, trials: Any, method: str
) -> None:
    both = SearchSpace.model_validate(space.model_dump(mode="json") | SEVERAL)
    rows = [
        replace(row, measures={"accuracy": row.value or 0.0, "parameters": 10 * row.number})
        for row in trials[:20]
    ]
    told, replayed = (Sampler(both, method=method, seed=0) for _ in range(2))
    for row in rows:
        value = (row.value or 0.0, -10.0 * row.number)
        told.tell(row.number, row.recipe, value, row.state, epochs=row.epochs, reason=row.reason)

    replayed.replay(rows)

    assert told.ask(20) == replayed.ask(20)


def test_complete_trial_whose_measure_is_missing_teaches_nothing(
    space: SearchSpace, trials: Any
) -> None:
    rows = trials[:15]
    with_it, without = Sampler(space, seed=0), Sampler(space, seed=0)
    with_it.replay(rows)
    without.replay(rows)

    with_it.tell(15, rows[0].recipe.model_copy(update={"seed": 9}), None, "complete")

    assert with_it.ask(16).recipe == without.ask(16).recipe


@pytest.mark.parametrize("method", ["tpe", "nsga2"])
def test_equal_points_of_several_objectives_are_told_in_any_order(
    space: SearchSpace, trials: Any, method: str
) -> None:
    both = SearchSpace.model_validate(space.model_dump(mode="json") | SEVERAL)
    told, again = (Sampler(both, method=method, seed=0) for _ in range(2))
    for sampler, rows in ((told, trials[:20]), (again, trials[19::-1])):
        for row in rows:
            # Few values, so that many are worth the same.
            value = (round(row.value or 0.0, 1), -10.0 * (row.number % 2))
            sampler.tell(row.number, row.recipe, value, "complete", epochs=6)

    assert told.ask(20) == again.ask(20)
