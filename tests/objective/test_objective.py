"""What a trial is worth by a study's objective."""

from typing import Any

import pytest
from pydantic import ValidationError

from autotrick.errors import SpaceError
from autotrick.objective import Objective, Reward
from autotrick.space import SearchSpace

KNOWN = {
    "accuracy": 0.8,
    "seconds": 60.0,
    "parameters": 1000,
    "multiply_adds": 5000,
    "latency_ms": 4.0,
    "robustness": 0.5,
}
BOTH = Objective(objectives=("accuracy", "latency_ms"))
TABLES: dict[str, Any] = {
    "name": "small",
    "question": "Which tricks help?",
    "data": {"name": "digits"},
    "fixed": {"epochs": 6, "batch_size": 64, "architecture": "lenet5"},
    "search": {"base_lr": {"low": 0.02, "high": 0.5, "log": True}},
}


@pytest.mark.parametrize(
    ("form", "latency", "expected"),
    [
        ("soft", 4.0, 0.8 * 2.0**-0.07),
        ("soft", 2.0, 0.8),
        ("soft", 1.0, 0.8 * 0.5**-0.07),
        ("hard", 4.0, 0.8 / 2),
        ("hard", 2.0, 0.8),
        ("hard", 1.0, 0.8),
    ],
)
def test_reward_is_that_of_mnasnet(form: Any, latency: float, expected: float) -> None:
    reward = Reward(measure="latency_ms", target=2.0, form=form)

    assert reward.of(0.8, latency) == pytest.approx(expected)


def test_reward_wants_more_of_what_is_good() -> None:
    reward = Reward(measure="robustness", target=0.5, form="hard")

    assert reward.of(0.8, 0.6) == 0.8
    assert reward.of(0.8, 0.25) == pytest.approx(0.4)
    assert reward.of(0.8, 0.0) == 0.0


def test_accuracy_alone_unless_the_space_says_more() -> None:
    objective = Objective()

    assert objective.plain and not objective.measured
    assert objective.value({"accuracy": 0.8}) == objective.early({"accuracy": 0.8}) == 0.8
    assert objective.score(KNOWN) is None
    assert str(objective) == "accuracy"


def test_costs_are_turned_round() -> None:
    assert BOTH.value(KNOWN) == (0.8, -4.0)
    assert BOTH.value({"accuracy": 0.8}) is None
    assert BOTH.measured == ("latency_ms",)
    assert BOTH.score(KNOWN) is None


def test_rungs_compare_what_they_know() -> None:
    fast = Objective(objectives=("latency_ms", "accuracy", "seconds", "multiply_adds"))

    assert BOTH.early(KNOWN) == 0.8
    assert fast.early(KNOWN) == (0.8, -60.0, -5000.0)
    assert fast.early({"accuracy": 0.8, "seconds": 3.0}) == (0.8, -3.0, 0.0)
    assert Objective(objectives=("latency_ms", "robustness")).early(KNOWN) == 0.8


def test_rungs_compare_rewards_where_they_know_the_measure() -> None:
    late = Objective(reward=Reward(measure="latency_ms", target=2.0, form="hard"))
    early = Objective(reward=Reward(measure="parameters", target=500, form="hard"))

    assert late.early(KNOWN) == 0.8
    assert early.early(KNOWN) == pytest.approx(0.4)
    assert late.score(KNOWN) == pytest.approx(0.4)
    assert late.score({"accuracy": 0.8}) is None


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        ({"objectives": ["accuracy", "latency"]}, r"objective\.objectives: must be of accuracy, "),
        ({"objectives": ["seconds"]}, "a network that learns nothing costs the least"),
        ({"objectives": []}, "a network that learns nothing costs the least"),
        ({"objectives": ["accuracy", "accuracy"]}, "must be names that differ"),
        ({"reward": {"measure": "accuracy", "target": 1}}, "another measure than accuracy"),
        ({"reward": {"measure": "seconds", "target": 0}}, "must be greater than 0"),
        ({"reward": {"measure": "seconds"}}, r"objective\.reward\.target: is missing"),
        (
            {"objectives": ["accuracy", "seconds"], "reward": {"measure": "seconds", "target": 1}},
            "several objectives or a reward, not both",
        ),
        ({"objective": ["accuracy"]}, "unknown key 'objective'. Did you mean 'objectives'"),
    ],
)
def test_faults_are_sentences(objective: Any, message: str) -> None:
    with pytest.raises(SpaceError, match=message):
        SearchSpace.model_validate(TABLES | {"objective": objective})


def test_median_rule_compares_one_number() -> None:
    several = {
        "objective": {"objectives": ["accuracy", "seconds"]},
        "pruning": {"method": "median"},
    }

    with pytest.raises(SpaceError, match="'median' compares one number"):
        SearchSpace.model_validate(TABLES | several)


def test_spaces_without_an_objective_are_what_they_were() -> None:
    plain = SearchSpace.model_validate(TABLES)
    named = SearchSpace.model_validate(TABLES | {"objective": {"objectives": ["accuracy"]}})

    # Computed by the version that knew no objectives.
    assert plain.digest() == named.digest() == "1b044d55939bcd39"
    assert "objective" not in plain.model_dump(mode="json")


def test_another_objective_is_another_study() -> None:
    plain = SearchSpace.model_validate(TABLES)
    both = SearchSpace.model_validate(TABLES | {"objective": BOTH.model_dump(mode="json")})

    assert both.digest() != plain.digest()
    assert SearchSpace.model_validate(both.model_dump(mode="json")) == both


def test_a_measure_is_of_those_that_there_are() -> None:
    with pytest.raises(ValidationError):
        Objective(also=("memory",))
