from optuna.distributions import BaseDistribution

from autotrick.domain import ReplayChooser
from autotrick.sample.observations import distribution
from autotrick.space import decisions, size
from benchmarks.decisions import accuracy, accuracy_of, drawn, space


def test_the_space_has_25_decisions_some_conditional() -> None:
    found = size(space(1))
    assert (found.decisions, found.conditional) == (25, 12)
    assert space(7).fixed["epochs"] == 7


def test_both_sides_ask_for_the_same_from_the_same_ranges() -> None:
    searched = space(1)
    seen: dict[str, BaseDistribution] = {}
    for params, distributions in drawn(60):
        recipe = searched.decide(ReplayChooser(params))
        assert searched.answers(recipe) == params
        assert accuracy_of(recipe) == accuracy(params["base_lr"], params["weight_decay"])
        seen |= distributions
    assert seen == {asked.name: distribution(asked.domain) for asked in decisions(searched)}
