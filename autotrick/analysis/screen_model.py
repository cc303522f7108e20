"""The one regression over a screen that effects, interactions and combinations are read from.

Its columns are one for each half of the screen (which has a seed of its own), those of the tricks, and
those of the pairs and settings that matter. A trick's effect is the metric with it minus the metric with its
factor `off`, on average over how the design sets the other factors; in a slot of which one trick is
always on, minus the mean over the others.

A design that is folded over keeps these effects clear of the interactions between two tricks, which
only add to the noise. So do the settings of tricks, which are drawn evenly inside their ranges: their
columns are centred among the trials that have the trick, so an effect is that at the mean of its
settings, with or without them. The strong ones of both kinds come out of the noise: term by term, the
clearest one joins the model while it is clear among all that were tested (1 % family-wise, Bonferroni).
Half of that goes to the terms of which a trick has an effect of its own (heredity; Hamada and Wu,
"Analysis of designed experiments with complex aliasing", Journal of Quality Technology, 1992), for they
are fewer and more likely. What joins was chosen because it is large, by chance too: the degrees of
freedom that are left count as if it had taken as many as the largest of as many squares of pure noise
does on average.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations as choose
from math import sqrt
from statistics import NormalDist, median

import numpy as np

from autotrick.analysis.outcomes import Outcome
from autotrick.design.coding import options_of
from autotrick.design.covariates import covariates
from autotrick.design.regression import Array, Estimate, Fit, t_quantile
from autotrick.space.slots import OFF
from autotrick.tasks import Metric

SCREEN = "screen"
"""The phase of trials whose levels a design set."""

_ALPHA = 0.01
_RUNS_A_TERM = 8
"""Trials for each term that joins, at least."""
_LEAST_TERMS = 4
_LEAST_FREEDOM = 4
_OF_ITS_OWN = 2.0
"""Student's t from which a trick counts as having an effect of its own."""
_APART = 0.05
"""Share of a term's column beyond those of the model below which it is aliased with them."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An interaction: how much more two tricks are worth together than by themselves."""

    first: str
    second: str
    estimate: Estimate | None
    claimed: bool


@dataclass(frozen=True, slots=True)
class _Term:
    """What may join the model: the interaction of two tricks, or a setting of one.

    Attributes:
        tricks: The two, or the one.
        column: (N,) centred.
    """

    tricks: tuple[str, ...]
    column: Array

    @property
    def pair(self) -> tuple[str, str] | None:
        first, *rest = self.tricks
        return (first, rest[0]) if rest else None


class ScreenModel:
    """Effects of tricks among the whole trials of a screen.

    Args:
        outcomes: Of trials that have a value and whose design has levels; none diverged.

    Attributes:
        tricks: Names of those that vary, factor by factor.
        points: (N,) values as people read them.
    """

    def __init__(self, outcomes: Sequence[Outcome], metric: Metric) -> None:
        self.metric = metric
        self.trials = [outcome.trial for outcome in outcomes]
        ends = [outcome.end for outcome in outcomes]
        self.points: Array = np.array([metric.scaled(end.value) for end in ends if end])
        self.seconds = [median(r.seconds for r in outcome.curve) for outcome in outcomes]
        designs = [trial.design or {} for trial in self.trials]
        self._blocks = _blocks(designs)
        found = options_of([design["levels"] for design in designs])
        self.options = {name: options for name, options in found.items() if len(options) > 1}
        self.tricks = [name for options in self.options.values() for name in options if name != OFF]
        self._factor = {
            trick: factor for factor, options in self.options.items() for trick in options
        }
        held = [
            {factor: design["levels"].get(factor) for factor in self.options} for design in designs
        ]
        self.on: Array = np.array(
            [[float(row[self._factor[trick]] == trick) for trick in self.tricks] for row in held]
        ).reshape(len(held), len(self.tricks))

    @cached_property
    def main(self) -> Array:
        """(N, P) columns of the halves and of the tricks, less one of each slot that is never off."""
        return np.column_stack([self._blocks, self.on[:, self.kept]])

    @property
    def kept(self) -> list[int]:
        """Places of the tricks with a column: all but one of each slot that is never off."""
        references = {opts[0] for opts in self.options.values() if opts[0] != OFF}
        return [i for i, trick in enumerate(self.tricks) if trick not in references]

    @cached_property
    def fit(self) -> Fit:
        """Of all columns."""
        return Fit(self.columns)

    @cached_property
    def columns(self) -> Array:
        """(N, P) of halves, tricks, the claimed pairs, and the settings that matter, in this order."""
        pairs = [self.pair_column(*pair) for pair in self.claimed]
        return np.column_stack([self.main, *pairs, *self._settings])

    @property
    def claimed(self) -> tuple[tuple[str, str], ...]:
        """The pairs in the model, the clearest first."""
        return tuple(term.pair for term in self._chosen[0] if term.pair)

    @property
    def _settings(self) -> list[Array]:
        """Columns of the settings in the model, the clearest first."""
        return [term.column for term in self._chosen[0] if term.pair is None]

    @property
    def spent(self) -> float:
        """Degrees of freedom that choosing the terms took, beside one for each."""
        return self._chosen[1]

    @property
    def blocks(self) -> int:
        """Number of the halves' columns, which come first."""
        return len(self._blocks.T)

    @property
    def freedom(self) -> float:
        """Degrees of freedom that are left for the noise."""
        return self.fit.freedom - self.spent

    def contrast(self, trick: str) -> Array:
        """Return (P,) the weights of the model's coefficients whose sum is the trick's effect."""
        options = self.options[self._factor[trick]]
        found = self._weights({trick: 1.0})
        if options[0] != OFF:
            others = [other for other in options if other != trick]
            found -= self._weights(dict.fromkeys(others, 1 / len(others)))
        return found

    def against(self, trick: str) -> tuple[str, ...]:
        """Return what stands in the trick's place when it is off; empty if nothing does."""
        options = self.options[self._factor[trick]]
        return () if options[0] == OFF else tuple(o for o in options if o != trick)

    def effect(self, trick: str) -> Estimate | None:
        """Return a trick's effect as people read it; None if it is aliased with others."""
        return self._estimate(self.fit, self.contrast(trick))

    def log_cost(self, trick: str) -> Estimate | None:
        """Return the logarithm of the factor on an epoch's seconds; None if these are not known."""
        if min(self.seconds) <= 0:
            return None
        fit, contrast = Fit(self.main), self.contrast(trick)[: self.main.shape[1]]
        return fit.contrast(contrast, np.log(self.seconds)) if fit.tells(contrast) else None

    def pairs(self) -> list[Pair]:
        """Return the interaction of every two tricks of different factors."""
        return [
            Pair(first, second, self._pair(first, second), (first, second) in self.claimed)
            for first, second in self._candidates
        ]

    def predicted(self, combinations: Sequence[Collection[str]]) -> Array:
        """Return (M, P) the weights of the coefficients whose sum is the value of a combination.

        The halves count by their sizes, and settings are at their means.

        Args:
            combinations: The tricks that are on; those that the screen did not switch have no part.
        """
        on = np.array([[float(trick in found) for trick in self.tricks] for found in combinations])
        blocks = np.tile(self._blocks.mean(axis=0), (len(on), 1))
        away = on - self.on.mean(axis=0)
        at = [[self.tricks.index(trick) for trick in pair] for pair in self.claimed]
        pairs = [away[:, first] * away[:, second] for first, second in at]
        settings = np.zeros((len(on), len(self._settings)))
        return np.column_stack([blocks, on[:, self.kept], *pairs, settings])

    def share(self, trick: str) -> float:
        """Return the share of the trials that have a trick on."""
        return float(self.on[:, self.tricks.index(trick)].mean())

    def pair_column(self, first: str, second: str) -> Array:
        """Return (N,) the product of two tricks' columns, each with mean 0."""
        a, b = (self.on[:, self.tricks.index(trick)] for trick in (first, second))
        product: Array = (a - a.mean()) * (b - b.mean())
        return product

    def _weights(self, amounts: Mapping[str, float]) -> Array:
        found = np.zeros(self.columns.shape[1])
        for at, i in enumerate(self.kept, start=self.blocks):
            found[at] = amounts.get(self.tricks[i], 0.0)
        return found

    def _estimate(self, fit: Fit, contrast: Array) -> Estimate | None:
        if not fit.tells(contrast):
            return None
        return fit.contrast(contrast, self.points, spent=self.spent)

    def _pair(self, first: str, second: str) -> Estimate | None:
        if (first, second) in self.claimed:
            fit, at = self.fit, self.main.shape[1] + self.claimed.index((first, second))
        else:
            column = self.pair_column(first, second)
            if self.fit.residuals(column) @ column < _APART * (column @ column) or not column.any():
                return None
            fit, at = Fit(np.column_stack([self.columns, column])), self.columns.shape[1]
        contrast = np.zeros(fit.inverse.shape[0])
        contrast[at] = 1.0
        return self._estimate(fit, contrast)

    @cached_property
    def _candidates(self) -> list[tuple[str, str]]:
        names = choose(self.tricks, 2)
        pairs = [tuple(sorted(p)) for p in names if self._factor[p[0]] != self._factor[p[1]]]
        return sorted((a, b) for a, b in pairs)

    @cached_property
    def _terms(self) -> list[_Term]:
        """All that may join the model."""
        pairs = [_Term(pair, self.pair_column(*pair)) for pair in self._candidates]
        found = covariates([trial.recipe for trial in self.trials])
        settings = [
            _Term((one.trick,), one.values)
            for one in found
            if one.trick in self.tricks and not one.presence
        ]
        return pairs + settings

    @cached_property
    def _chosen(self) -> tuple[tuple[_Term, ...], float]:
        """Return the terms that joined, and the degrees of freedom that choosing them took."""
        wanted, levels = self._tested()
        columns = self.main
        chosen: list[_Term] = []
        spent = 0.0
        most = max(_LEAST_TERMS, len(self.points) // _RUNS_A_TERM)
        while wanted and len(chosen) < most:
            fit = Fit(columns)
            freedom = fit.freedom - 1
            if freedom - spent < _LEAST_FREEDOM:
                break
            thresholds = np.array([t_quantile(freedom, level=1 - level / 2) for level in levels])
            excess = self._clearness(fit, wanted, freedom) - thresholds
            at = int(excess.argmax())
            if excess[at] < 0:
                break
            spent += max(0.0, _largest_square(min(freedom, len(wanted))) - 1)
            chosen.append(wanted.pop(at))
            levels.pop(at)
            columns = np.column_stack([columns, chosen[-1].column])
        return tuple(chosen), spent

    def _tested(self) -> tuple[list[_Term], list[float]]:
        """Return the terms to test, and at which level each of them.

        Half of the family-wise level goes to those of which one trick has an effect of its own.
        """
        fit = Fit(self.main)
        if fit.freedom < _LEAST_FREEDOM:
            return [], []
        size = float(np.square(fit.residuals(self.points)).sum()) / fit.freedom
        own = set()
        for i, at in zip(self.kept, range(self.blocks, self.main.shape[1]), strict=True):
            error = sqrt(size * float(np.square(fit.inverse[at]).sum()))
            if abs(fit.inverse[at] @ self.points) > _OF_ITS_OWN * error > 0:
                own.add(self.tricks[i])
        terms = list(self._terms)
        heirs = [not own.isdisjoint(term.tricks) for term in terms]
        shares = {heir: _ALPHA / 2 / max(1, heirs.count(heir)) for heir in (True, False)}
        return terms, [shares[heir] for heir in heirs]

    def _clearness(self, fit: Fit, terms: Sequence[_Term], freedom: int) -> Array:
        """Return (M,) Student's t of each term beside a model; 0 where it is aliased with that."""
        columns = np.array([term.column for term in terms])
        rest, left = fit.residuals(columns), fit.residuals(self.points)
        sizes = np.square(rest).sum(axis=1)
        told = sizes > _APART * np.square(columns).sum(axis=1)
        gains = np.where(told, np.square(rest @ left) / np.where(told, sizes, 1.0), 0.0)
        total = float(left @ left)
        noise = np.maximum(total - gains, 1e-12 * total) / freedom
        result: Array = np.sqrt(gains / np.where(noise > 0, noise, 1.0))
        return result


def screened(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Return those of trials that belong to a screen."""
    return [o for o in outcomes if o.trial.phase == SCREEN and (o.trial.design or {}).get("levels")]


def _blocks(designs: Sequence[Mapping[str, object]]) -> Array:
    """Return (N, B) a column for each half, with its seed and its base."""
    keys = [tuple(str(d.get(key)) for key in ("base", "half", "seed")) for d in designs]
    return np.column_stack([[float(key == block) for key in keys] for block in sorted(set(keys))])


def _largest_square(count: int) -> float:
    """Return about the mean of the largest of so many squares of standard normal noise."""
    return NormalDist().inv_cdf(1 - 0.28 / max(1, count)) ** 2
