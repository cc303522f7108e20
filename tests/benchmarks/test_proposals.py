"""Whether the check of proposals can fail, and whether samplers pass it."""

from typing import Any

import pytest

from autotrick.recipe import Recipe
from autotrick.sample import METHODS, initial_recipes
from benchmarks.proposals import Watched, breaches, catalogue, propose

COUNTS = {"random": 120, "qmc": 120, "grid": 120, "cmaes": 120, "nsga2": 100, "nsga3": 100}
"""What takes a second or two; the others take longer over a proposal. `benchmarks proposals` asks for more."""


@pytest.fixture(scope="module")
def space() -> Watched:
    return catalogue("random")


@pytest.mark.parametrize(
    ("tricks", "violation"),
    [
        ({"cosine_decay": {}, "step_decay": {}}, "2 tricks of slot decay"),
        ({"linear_warmup": {}, "one_cycle": {}}, "one_cycle excludes linear_warmup"),
        ({"mixup": {"alpha": 7.0, "probability": 1.0}}, "mixup.alpha: 7.0 is not in"),
    ],
)
def test_recipe_that_breaks_a_rule_is_found(
    space: Watched, tricks: dict[str, Any], violation: str
) -> None:
    plain: Recipe = initial_recipes(space)[0][1]

    assert breaches(space, plain) == []
    found = breaches(space, plain.model_copy(update={"tricks": tricks}))
    assert any(violation in sentence for sentence in found), found


@pytest.mark.slow
@pytest.mark.parametrize("method", sorted(METHODS.keys() - {"gp"}))
def test_no_sampler_proposes_what_breaks_a_rule_or_draws_again_and_again(method: str) -> None:
    count = COUNTS.get(method, 60)

    found = propose(method, count)

    assert (found.proposals, found.breaches) == (count, [])
    assert found.walks <= 4 and found.asked == 1
    # Children, and changed copies of the best, have the tricks of their parents, and few others.
    assert len(found.tricks) > (60 if method in ("bayes", "nsga2", "nsga3") else 90)


@pytest.mark.slow
def test_outcomes_that_are_lost_keep_a_sampler_from_nothing() -> None:
    found = propose("tpe", 40, results=5)

    assert (found.proposals, found.breaches) == (40, [])
