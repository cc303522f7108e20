"""What a study came to after all that was done to it: counts, and those that must be 0."""

from collections import Counter

from autotrick import records
from autotrick.data import load
from autotrick.recipe import EpochReport
from autotrick.records import Database, TrialRow
from autotrick.train import train


def counted(database: Database, study: str, trials: int) -> tuple[Counter[str], Counter[str]]:
    """Return the counts of a study that had `trials` to spend, and its violations.

    Every trial that lost an attempt is trained again here, without interruption.
    """
    rows = records.trials(database, study)
    reports = records.reports(database, study)
    tries = {row.number: records.attempts(database, study, row.number) for row in rows}
    states = [attempt.state for each in tries.values() for attempt in each]
    # A run of a screen that equals its base takes over the base's result without an attempt.
    trained = [row for row in rows if tries[row.number]]
    lost = [row for row in rows if any(a.state == "lost" for a in tries[row.number])]
    counts = Counter(
        trials=len(rows),
        complete=sum(row.state == "complete" for row in rows),
        pruned=sum(row.state == "pruned" for row in rows),
        promoted=sum(_promoted(tries[row.number]) for row in rows),
        attempts=len(states),
        attempts_lost=states.count("lost"),
        trials_interrupted=len(lost),
        epochs=sum(map(len, reports.values())),
        **Counter(f"failed of {row.reason}" for row in rows if row.state == "failed"),
    )
    curves = {row.number: reports.get(row.number, []) for row in rows}
    violations = Counter(
        studies_not_complete=int(records.study(database, study).state != "complete"),
        trials_not_final=sum(row.state not in records.FINAL_STATES for row in rows),
        trials_failed=sum(row.state == "failed" for row in rows),
        trials_too_many_or_few=abs(len(rows) - trials),
        trials_renumbered=int([row.number for row in rows] != list(range(len(rows)))),
        recipes_doubled=len(trained) - len({row.digest for row in trained}),
        attempts_open=states.count("open"),
        epochs_missing_or_doubled=sum(_broken(row, curves[row.number]) for row in rows),
        epochs_unlike_the_trial=sum(_unlike(row, curves[row.number]) for row in rows),
        weights_differ=sum(_differs(row, curves[row.number]) for row in lost),
    )
    return counts, violations


def _promoted(tries: list[records.AttemptRow]) -> bool:
    return any(attempt.reason == "paused at a rung" for attempt in tries[:-1])


def _broken(row: TrialRow, curve: list[EpochReport]) -> bool:
    return [report.epoch for report in curve] != list(range(1, row.epochs + 1))


def _unlike(row: TrialRow, curve: list[EpochReport]) -> bool:
    """Return whether the trial's own row tells something else than its last epoch."""
    last = (curve[-1].accuracy, curve[-1].weights) if curve else (None, None)
    whole = row.state != "complete" or row.epochs == row.recipe.epochs
    return (row.value, row.weights) != last or not whole


def _differs(row: TrialRow, curve: list[EpochReport]) -> bool:
    """Train an interrupted trial without interruption and compare the weights of every epoch."""
    again = train(row.recipe, load(row.recipe.data), until=max(1, row.epochs)).reports
    return [report.weights for report in again[: row.epochs]] != [each.weights for each in curve]
