"""The answer of a study in three sentences: what to use, what it gains, and what is not worth it."""

from collections.abc import Sequence
from dataclasses import replace

from autotrick.analysis.answer import Answer
from autotrick.analysis.confirmation import Confirmation, ConfirmedRecipe
from autotrick.analysis.effects import Source, TrickEffect, Verdict
from autotrick.design.paired import Gain
from autotrick.records.rows import StudyRow, TrialRow
from autotrick.tasks import ACCURACY, Metric
from autotrick.views.text import count, interval, interval_text, points

NO_SCREEN = "This study has no screen: the search itself chose which tricks to switch."
_NAMED = 8
"""Maximum number of tricks that a sentence names; it counts more of them."""
_MANY = 1000
"""Number of further trials from which a sentence says no more than that they are many."""


def answer_sentences(
    answer: Answer | None,
    effects: Sequence[TrickEffect],
    metric: Metric = ACCURACY,
    confirmed: Confirmation | None = None,
) -> list[str]:
    """Return three sentences; one sentence as long as there is nothing to say.

    What new seeds confirmed leads.

    Args:
        answer: None while there is nothing to say about any trick.
        effects: Of all tricks that the study varies.
        metric: That the study looks for.
        confirmed: A confirmation of the study that has ended.
    """
    if not effects:
        return ["There is no answer yet: no trick was switched in a complete trial."]
    if answer is None:
        if not any(row.num_with + row.num_without for row in effects):
            return ["There is no answer yet: no trial is complete."]
        answer = Answer((), None, None, None, "", (), tuple(row.trick for row in effects))
    best = confirmed.winner if confirmed else None
    if confirmed is None or best is None or best.gain is None:
        last = _not_worth(answer, effects, metric)
        return [_use(answer, effects), _gain(answer, effects, metric), last]
    others = replace(
        answer,
        not_worth=tuple(trick for trick in answer.not_worth if trick not in best.tricks),
        undecided=tuple(trick for trick in answer.undecided if trick not in best.tricks),
    )
    return [*_confirmed(confirmed, best, best.gain), _not_worth(others, effects, metric)]


def asks_about_tricks(study: StudyRow) -> bool:
    """Return whether a study switches tricks to see what they change; one of given recipes does not."""
    return study.purpose in (None, "transfer")


def screened(effects: Sequence[TrickEffect]) -> bool:
    """Return whether some effect comes from a screen, which switches tricks at random around a base."""
    return any(row.source is Source.SCREEN for row in effects)


def only_searched(trials: Sequence[TrialRow]) -> bool:
    """Return whether a study searches without a screen, as all did before there were plans.

    So does one whose time had no room for the smallest screen.
    """
    phases = {trial.phase or "search" for trial in trials}
    return "search" in phases and "screen" not in phases


def no_screen(trials: Sequence[TrialRow]) -> str:
    """Return what it means that a study searches without a screen; empty if it has one."""
    if not only_searched(trials):
        return ""
    return (
        f"{NO_SCREEN} Its verdicts rest on the last epoch; early versions of autotrick gave them at earlier "
        "ones too, so what they printed may differ. A screen would measure the tricks themselves."
    )


def turned(gain: Gain, metric: Metric) -> tuple[float, str]:
    """Return a gain of which more is better, and its interval in words."""
    if gain.low is None or gain.high is None:
        return metric.worth(gain.mean), interval(None, None)
    low, high = sorted((metric.worth(gain.low), metric.worth(gain.high)))
    return metric.worth(gain.mean), interval(low, high)


def decided(effects: Sequence[TrickEffect]) -> int:
    """Return how many tricks have a verdict other than `cannot tell yet`."""
    return sum(row.verdict is not Verdict.UNCLEAR for row in effects)


def named(tricks: Sequence[str], limit: int = _NAMED) -> str:
    """Return names as people write them: `ema, label smoothing and 3 more`."""
    words = [trick.replace("_", " ") for trick in tricks]
    if len(words) > limit:
        words = [*words[: limit - 1], f"{len(words) - limit + 1} more"]
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _use(answer: Answer, effects: Sequence[TrickEffect]) -> str:
    if not answer.use:
        one = len(effects) == 1
        which = "the one trick tried" if one else f"the {len(effects):,} tricks tried"
        return f"Use no trick yet: {which} {'is' if one else 'are'} not known to help."
    helpful = {row.trick for row in effects if row.verdict is Verdict.HELPS}
    sure = [trick for trick in answer.use if trick in helpful]
    others = [trick for trick in answer.use if trick not in helpful]
    if not others:
        return f"Use {named(sure)}."
    if not sure:
        alone = "that is not" if len(others) == 1 else "none of them is"
        return f"Use {named(others)}, though {alone} clear by itself."
    alone = "by itself" if len(others) == 1 else "by themselves"
    return f"Use {named(sure)}; also {named(others)}, not clear {alone}."


def _gain(answer: Answer, effects: Sequence[TrickEffect], metric: Metric) -> str:
    base = "all tricks off at the same base" + (f" ({answer.base})" if answer.base else "")
    one, known = len(answer.use) == 1, screened(effects)
    if answer.gain is None or answer.gain_low is None or answer.gain_high is None:
        if not answer.use and known:
            return f"The best that is known is {base}."
        what = "it gains" if one else "they gain together" if answer.use else "tricks gain"
        why = (
            "there are too few trials for an interval"
            if known
            else "this study has no screen, which would compare the two at one base"
        )
        return f"What {what} over {base} cannot be told: {why}."
    they = "It improves" if one else "Together they improve"
    by = f"{points(answer.gain)}{metric.difference_unit}"
    ends = interval(answer.gain_low, answer.gain_high)
    over = f" over {base}" if known else ", on average over the settings that the search tried"
    return f"{they} the {metric.title} by {by} (95 % interval {ends}){over}."


def _confirmed(found: Confirmation, best: ConfirmedRecipe, gain: Gain) -> list[str]:
    """Return what to use, and what that gains, by new seeds."""
    metric, seeds = found.metric, count(gain.num, "new seed")
    mean, ends = turned(gain, metric)
    by = f"{points(mean)}{metric.difference_unit}"
    over = "over all tricks off at the same network, batch size and rate"
    tested = ""
    if best.test:
        doubt = interval_text(best.test.low, best.test.high, metric)
        tested = f" On the test set it has {metric.shown(best.test.mean)}{doubt}."
    always = {trick for row in found.rows if row.label == best.baseline for trick in row.tricks}
    switched = [trick for trick in best.tricks if trick not in always]
    use = named(switched) if switched else "no trick"
    if found.confirmed:
        return [
            f"Use {use} ({best.label}).",
            f"Confirmed with {seeds}: it improves the {metric.title} by {by} (95 % interval "
            f"{ends}) {over}.{tested}",
        ]
    return [
        f"No recipe is confirmed; the best over {seeds} is {best.label}: {use}.",
        f"It changes the {metric.title} by {by} (95 % interval {ends}, larger is better) "
        f"{over}, which may be luck.{tested}",
    ]


def _not_worth(answer: Answer, effects: Sequence[TrickEffect], metric: Metric) -> str:
    rows = {row.trick: row for row in effects}
    harm = [t for t in answer.not_worth if t in rows and rows[t].verdict is Verdict.HARMS]
    idle = [t for t in answer.not_worth if t in rows and rows[t].verdict is Verdict.NO_MATTER]
    other = [trick for trick in answer.not_worth if trick not in (*harm, *idle)]
    parts = []
    if harm:
        parts.append(f"{named(harm)} ({'harms' if len(harm) == 1 else 'harm'})")
    if idle:
        reach = f"{rows[idle[0]].precision:g}{metric.difference_unit}"
        parts.append(
            f"{named(idle)} ({'does' if len(idle) == 1 else 'do'} not matter: within {reach} of 0)"
        )
    if other:
        parts.append(f"{named(other)} (not beside the others)")
    said = f"Not worth it: {', '.join(parts)}" if parts else ""
    if not answer.undecided:
        return f"{said}." if said else "No trick that was tried is left undecided."
    more = _more([rows[trick] for trick in answer.undecided if trick in rows])
    left = f"ndecided: {named(answer.undecided)}{more}."
    return f"{said}; u{left}" if said else f"U{left}"


def _more(rows: Sequence[TrickEffect]) -> str:
    """Return about how many more trials would decide on tricks: ` (about 12 to 40 more trials)`."""
    needed = [row.needed for row in rows if row.needed is not None]
    if not needed:
        return ""
    least, most = min(needed), max(needed)
    if least > _MANY:
        return f" (more than {_MANY:,} more trials)"
    if most > _MANY:
        return f" (about {least:,} to more than {_MANY:,} more trials)"
    if least == most:
        return f" (about {count(most, 'more trial')})"
    return f" (about {least:,} to {count(most, 'more trial')})"
