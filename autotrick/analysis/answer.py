"""What a study says in three sentences: what to use, what it gains, what is not worth it.

With a screen, that is the combination with the best bound of those that its model predicts, without
the tricks that were found to harm or not to matter; the gain is the model's, over all tricks off at
the base of the screen. A trick may be in it that is not clear by itself: the interval of the gain is
for all of them together. Without a screen, it is the tricks that were found to help; their effects are
averages over the settings that the search tried and do not add up to a gain over one base, so that is
told of a single trick only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autotrick.analysis.effects import PRECISION, Reports, Verdict, effects, screen_of
from autotrick.analysis.prediction import prediction_of
from autotrick.analysis.summary import always_on
from autotrick.analysis.trick_effect import TrickEffect
from autotrick.recipe import Recipe
from autotrick.records.rows import TrialRow, common_metric


@dataclass(frozen=True, slots=True)
class Answer:
    """What a study's whole trials say.

    Attributes:
        use: The tricks to switch on, in alphabetical order; empty for none.
        gain: What they gain over all tricks off at the same base, in the metric's unit for people,
            turned so that more is better; None where it cannot be told.
        gain_low: Lower end of its 95 % interval; None with it.
        gain_high: Its upper end.
        base: The base in words, `fastnet, batch 128, base rate 0.2`; empty without a screen.
        not_worth: Tricks that harm or do not matter, in alphabetical order.
        undecided: Tricks that are not used and about which the study cannot tell yet, in alphabetical
            order. One that every trial has is not asked about.
    """

    use: tuple[str, ...]
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    base: str
    not_worth: tuple[str, ...]
    undecided: tuple[str, ...]


def answer(
    trials: Sequence[TrialRow],
    reports: Reports,
    *,
    precision: float = PRECISION,
    found: Sequence[TrickEffect] | None = None,
) -> Answer | None:
    """Return what a study says; None while no trick has a verdict and no model predicts.

    Args:
        trials: Of one study, in any state.
        reports: By trial number, in order of epochs.
        precision: As `effects` takes it.
        found: The effects, if they are known already.
    """
    rows = effects(trials, reports, precision=precision) if found is None else found
    model = screen_of(trials, reports)
    prediction = prediction_of(model)
    poor = (Verdict.HARMS, Verdict.NO_MATTER)
    not_worth = sorted(row.trick for row in rows if row.verdict in poor)
    if model is None or prediction is None:
        return _without_screen(trials, rows, not_worth)
    best = prediction.best(1, without=not_worth)
    use = prediction.improved(best[0]) if best else frozenset()
    gain = prediction.gain(use)
    return Answer(
        tuple(sorted(use)),
        gain.value if use else None,
        gain.low if use else None,
        gain.high if use else None,
        _base(model.trials[0].recipe),
        tuple(not_worth),
        tuple(sorted(_unclear(trials, rows) - use)),
    )


def _without_screen(
    trials: Sequence[TrialRow], rows: Sequence[TrickEffect], not_worth: Sequence[str]
) -> Answer | None:
    if all(row.verdict is Verdict.UNCLEAR for row in rows):
        return None
    helpful = [row for row in rows if row.verdict is Verdict.HELPS]
    undecided = sorted(_unclear(trials, rows))
    use = tuple(sorted(row.trick for row in helpful))
    found = Answer(use, None, None, None, "", tuple(not_worth), tuple(undecided))
    if len(helpful) != 1:
        return found
    turned = common_metric(trials).worth
    [effect] = helpful
    low, high = sorted(turned(end) for end in (effect.low, effect.high) if end is not None)
    return replace(found, gain=turned(effect.effect or 0.0), gain_low=low, gain_high=high)


def _unclear(trials: Sequence[TrialRow], rows: Sequence[TrickEffect]) -> set[str]:
    """Return the tricks that vary and about which the study cannot tell yet."""
    unclear = {row.trick for row in rows if row.verdict is Verdict.UNCLEAR}
    return unclear - always_on(trials)


def _base(recipe: Recipe) -> str:
    return f"{recipe.architecture}, batch {recipe.batch_size}, base rate {recipe.base_lr:.3g}"
