"""The Pareto set as it is drawn."""

from dataclasses import replace

from autotrick.analysis.tradeoff import tradeoff
from autotrick.objective import Objective, Reward
from autotrick.records.rows import TrialRow
from autotrick.report.tradeoff import tradeoff_figure
from tests.simulated import a_study

BOTH = Objective(objectives=("latency_ms", "accuracy"))


def measured(*pairs: tuple[float, float | None]) -> list[TrialRow]:
    trials, _ = a_study(len(pairs))
    return [
        replace(trial, state="complete", value=accuracy, latency_ms=latency, seconds=1.0)
        for trial, (accuracy, latency) in zip(trials, pairs, strict=True)
    ]


def test_spots_know_whether_another_one_beats_them() -> None:
    trials = measured((0.9, 4.0), (0.5, 1.0), (0.4, 2.0), (0.95, None))

    found = tradeoff(trials, BOTH)

    assert (found.x, found.y, found.total) == ("latency_ms", "accuracy", 3)
    assert [(spot.number, spot.best) for spot in found.spots] == [
        (1, True),
        (2, False),
        (0, True),
    ]


def test_accuracy_alone_is_shown_against_time() -> None:
    trials = [
        replace(trial, seconds=9.0 - i) for i, trial in enumerate(measured((0.9, 1), (0.8, 1)))
    ]

    found = tradeoff(trials, Objective())

    assert (found.x, found.y) == ("seconds", "accuracy")
    assert all(spot.best for spot in found.spots)


def test_reward_shows_what_it_weighs() -> None:
    reward = Objective(reward=Reward(measure="latency_ms", target=2.0))

    assert tradeoff(measured((0.9, 4.0)), reward).x == "latency_ms"


def test_figure_draws_the_front_in_percent() -> None:
    trials = measured((0.9, 4.0), (0.5, 1.0), (0.4, 2.0))

    others, best = tradeoff_figure(tradeoff(trials, BOTH)).data

    assert (list(best.x), list(best.y)) == ([1.0, 4.0], [50.0, 90.0])
    assert (list(others.x), list(others.customdata)) == ([2.0], [2])
