from random import Random
from typing import Any

import pytest
from optuna.trial import TrialState

from autotrick.domain import Choice, Float, Integer, PolicyDomain
from autotrick.sample.observations import (
    GOOD,
    LIMIT,
    Key,
    Kind,
    Observation,
    Observations,
    distribution,
    trial_key,
)

COUNT = LIMIT + 100


def told(
    number: int, value: float | None, state: Any = TrialState.COMPLETE, epochs: int = 6
) -> Observation:
    return Observation(trial_key(number), {}, {}, state, value, epochs)


def shown(entries: list[Observation], seed: int = 0) -> list[int]:
    observations = Observations(seed)
    for entry in entries:
        observations.add(entry)
    return [trial.number - 1 for trial in observations.for_optuna()]


def test_everything_is_shown_while_it_is_few() -> None:
    entries = [told(number, number / LIMIT) for number in range(LIMIT)]

    assert shown(entries) == list(range(LIMIT))


def test_the_best_and_a_sample_of_the_rest_are_shown() -> None:
    values = Random(0).sample(range(COUNT), COUNT)
    entries = [told(number, values[number] / COUNT) for number in range(COUNT)]
    best = sorted(range(COUNT), key=lambda number: -values[number])[:GOOD]

    numbers = shown(entries)

    assert len(numbers) == LIMIT and set(best) < set(numbers)
    rest = [values[number] for number in set(numbers) - set(best)]
    assert abs(sum(rest) / len(rest) - (COUNT - GOOD) / 2) < 30


def test_order_of_telling_does_not_matter() -> None:
    entries = [told(number, (number * 37 % COUNT) / COUNT) for number in range(COUNT)]

    shuffled = Random(1).sample(entries, COUNT)

    assert shown(shuffled) == shown(entries) == sorted(shown(entries))
    assert shown(entries, seed=1) != shown(entries, seed=0)


def test_running_trials_are_always_shown_and_ranked_when_they_end() -> None:
    observations = Observations(0)
    for number in range(COUNT):
        observations.add(told(number, 0.5))
    observations.add(told(COUNT, None, TrialState.RUNNING))

    running = [
        trial.number - 1 for trial in observations.for_optuna() if not trial.state.is_finished()
    ]
    observations.add(told(COUNT, 0.9))

    assert running == [COUNT]
    assert len(observations.for_optuna()) == LIMIT
    assert max(observations.for_optuna(), key=lambda trial: trial.value or 0).number == COUNT + 1


def test_a_trial_told_again_is_known_as_told_last() -> None:
    observations = Observations(0)
    observations.add(told(0, 0.4))
    observations.add(told(0, 0.6))

    assert [trial.value for trial in observations.for_optuna()] == [0.6]

    observations.remove(trial_key(0))
    observations.remove(trial_key(0))

    assert observations.for_optuna() == []


def test_pruned_trials_rank_by_length_then_value_below_whole_ones() -> None:
    entries = [
        told(0, 0.9, TrialState.PRUNED, 1),
        told(1, 0.2, TrialState.PRUNED, 3),
        told(2, 0.3, TrialState.PRUNED, 3),
        told(3, 0.1),
        told(4, None, TrialState.PRUNED, 0),
    ]

    ranked = sorted(entries, key=lambda entry: entry.rank)

    assert [entry.key.number for entry in ranked] == [3, 2, 1, 0, 4]


def test_a_pruned_trial_shows_its_value_at_its_epoch() -> None:
    frozen = told(0, 0.4, TrialState.PRUNED, 2).frozen()

    assert frozen.intermediate_values == {2: 0.4}


def test_failures_without_blame_are_not_shown() -> None:
    assert shown([told(0, None, TrialState.FAIL)]) == []


@pytest.mark.parametrize("domain", [Float(0.1, 1, log=True), Integer(2, 8, step=2), Choice((1, 2))])
def test_distributions_hold_the_domains_ends(domain: Float | Integer | Choice) -> None:
    found = distribution(domain)

    assert all(found._contains(found.to_internal_repr(value)) for value in domain.ends())


def test_a_policy_is_many_decisions_and_has_no_distribution() -> None:
    with pytest.raises(AssertionError, match="no distribution"):
        distribution(PolicyDomain(("Rotate",)))


def test_keys_keep_the_numbers_of_recorded_random_streams() -> None:
    keys = [Key(Kind.EARLIER_TRIAL, 3), trial_key(3), Key(Kind.REJECTION, 3, 2)]

    assert [key.stream for key in keys] == [-5, 3, 2**40 + 3 * 2**20 + 2]
    assert [key.optuna_number for key in keys] == [2**62 - 5, 4, 2**40 + 3 * 2**20 + 3]
    assert sorted([trial_key(2), *keys[1:]], key=lambda key: key.order) == [
        trial_key(2),
        keys[2],
        keys[1],
    ]
