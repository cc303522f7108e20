"""Proposes what a Bayesian linear model of effects and interactions expects most of.

The model is that of `linear_model` on `columns`: additive effects of tricks, options and networks,
their pairwise interactions under stronger shrinkage, smooth in rates and settings. It learns from
trials that are running, too, as far as these have come. A proposal is the recipe with the highest upper
confidence bound (Srinivas, Krause, Kakade, Seeger, "Gaussian Process Optimization in the Bandit
Setting", ICML 2010, https://arxiv.org/abs/0912.3995) among changed copies of the recipes that it
expects most of, so that a proposal differs from what is known to be good in a few decisions.
"""

from collections.abc import Callable, Container, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from optuna.trial import TrialState

from autotrick.domain import Chooser, Scalar
from autotrick.random_streams import key_of
from autotrick.recipe import digest_of
from autotrick.sample.columns import Columns
from autotrick.sample.linear_model import Model
from autotrick.sample.method import UnitCubeMethod
from autotrick.sample.observations import Key, Kind, Observation, Observations
from autotrick.sample.trick_limit import DECIDED
from autotrick.space import SearchSpace

Array = NDArray[np.float64]

STARTUP = 4
"""Results before the model proposes; until then half of the decisions are drawn at random."""

BOUND = 0.4
"""Standard deviations above the mean that count: little, because most budgets are small."""

NOVELTY = 0.1
"""Share of its range by which a number has to differ from each earlier recipe with the same options."""

PARENTS, CHILDREN, ROUNDS, POSTERIORS = 8, 24, 2, 4
BAD = 0.5
"""How far below the worst result a failure or a rejected proposal counts, in spreads."""

_DECODED = 50
_ELSEWHERE = 0.3
"""Variance that a trial of another study has beyond the noise."""


class Bayes(UnitCubeMethod):
    """Upper confidence bounds of a Bayesian linear model."""

    def __init__(self, space: SearchSpace, seed: int) -> None:
        super().__init__(space, seed)
        self._columns = Columns(space, self.box)
        self._usual = self._columns.encode(self.box.neutral)
        self._epochs = space.most("epochs")
        # Coordinates by observation, with the answers that they are of.
        self._rows: dict[Key, tuple[Mapping[str, Scalar], Array]] = {}

    def choose(
        self, observations: Observations, number: int, attempt: int, taken: Container[str]
    ) -> Chooser:
        generator = np.random.default_rng(key_of(self._seed, "bayes", number, attempt))
        running = observations.running()
        seen = [*observations.remembered(), *observations.sampled()]
        seen += [one for one in running if one.value is not None]
        results = sum(not one.excess for one in seen)
        if results < STARTUP or not self.box.axes:
            return self.box.chooser(self._start(generator))
        rows = self._encoded(seen)
        waiting = self._encoded(running)
        shares = np.array([self._share(one) for one in seen])
        apart = np.array([_ELSEWHERE * (one.key.kind is Kind.EARLIER_TRIAL) for one in seen])
        matrix = self._columns.matrix(rows)
        values = scaled(
            seen, observations.scores() if len(self.space.objective.objectives) > 1 else {}
        )
        model = Model(matrix, self._columns.groups, shares, values, apart)
        posteriors = model.draws(generator, POSTERIORS, self._columns.matrix(waiting))
        tried = np.vstack([rows, waiting])

        def bound(rows: Array) -> Array:
            matrix = self._columns.matrix(rows)
            means, spreads = zip(*(one.predict(matrix) for one in posteriors), strict=True)
            found: Array = np.mean(means, axis=0) + BOUND * np.mean(spreads, axis=0)
            return found

        means = np.mean([one.predict(matrix)[0] for one in posteriors], axis=0)
        parents = rows[np.argsort(-means, kind="stable")[:PARENTS]]
        return self._best(self._candidates(generator, parents, tried, bound), taken)

    def sparse(
        self, chooser: Chooser, observations: Observations, number: int, attempt: int
    ) -> Chooser:
        # Changed copies resemble their parents, which leave most tricks of a large space off.
        learns = len(observations.remembered()) + observations.count >= STARTUP
        if learns and len(self.space.decide(chooser).tricks) <= DECIDED:
            return chooser
        return super().sparse(chooser, observations, number, attempt)

    def _start(self, generator: np.random.Generator) -> dict[str, Scalar]:
        """Return a point of which half of the decisions are as published and without tricks."""
        drawn = self._columns.random(generator, 1)[0]
        kept = generator.random(len(drawn)) < 1 / 2
        return self._columns.decode(np.where(kept, self._usual, drawn))

    def _candidates(
        self,
        generator: np.random.Generator,
        parents: Array,
        tried: Array,
        bound: Callable[[Array], Array],
    ) -> Array:
        """Return (N, A) coordinates of candidates, the best first."""
        pool = np.empty((0, len(self._usual)))
        scores = np.empty(0)
        for _ in range(ROUNDS):
            made = self._columns.changed(generator, parents, CHILDREN)
            made = self._columns.settled(made, self._usual)
            worth = bound(made)
            # Nearly the same recipe again teaches little; it comes last, where nothing else is left.
            worth[self._columns.near(made, tried, NOVELTY)] -= 1e6
            pool, scores = np.vstack([pool, made]), np.concatenate([scores, worth])
            parents = pool[np.argsort(-scores, kind="stable")[:PARENTS]]
        return pool[np.argsort(-scores, kind="stable")]

    def _best(self, candidates: Array, taken: Container[str]) -> Chooser:
        """Return a chooser of the first candidate that no trial has, else of the first."""
        for row in candidates[:_DECODED]:
            chooser = self.box.chooser(self._columns.decode(row))
            if digest_of(self.space.answers(self.space.decide(chooser))) not in taken:
                return chooser
        return self.box.chooser(self._columns.decode(candidates[0]))

    def _encoded(self, seen: Sequence[Observation]) -> Array:
        found = np.empty((len(seen), len(self._usual)))
        for i, one in enumerate(seen):
            answers, row = self._rows.get(one.key, (None, None))
            if row is None or answers is not one.answers:
                row = self._columns.encode(one.answers)
                self._rows[one.key] = one.answers, row
            found[i] = row
        return found

    def _share(self, one: Observation) -> float:
        """Return the share of the training that a result is of, in (0, 1]."""
        is_whole = one.state == TrialState.COMPLETE or one.value is None
        if is_whole or len(self.space.objective.objectives) > 1:
            return 1.0
        return min(1.0, max(one.epochs, 1) / int(one.answers.get("epochs", self._epochs)))


def scaled(seen: Sequence[Observation], scores: Mapping[Key, float]) -> Array:
    """Return results on a scale on which the best is 1 and the median of whole trials 0.

    Results more than 1 below the median are moved closer, on a logarithm: how bad a bad one is
    counts little. Trials of other studies, which have scores, are scaled by themselves.

    Args:
        scores: In place of the values, where several objectives make one rank.
    """
    found = np.full(len(seen), np.nan)
    for earlier in (False, True):
        here = [i for i, one in enumerate(seen) if (one.key.kind is Kind.EARLIER_TRIAL) is earlier]
        values = [scores.get(seen[i].key, seen[i].value) for i in here]
        known = {i: value for i, value in zip(here, values, strict=True) if value is not None}
        whole = [v for i, v in known.items() if seen[i].state == TrialState.COMPLETE]
        usual = whole if len(whole) > 2 else list(known.values())
        if known:
            middle = float(np.median(usual))
            spread = max(usual) - middle or 1.0
            found[list(known)] = [(value - middle) / spread for value in known.values()]
    low = found < -1
    found[low] = -1 - np.log(-found[low])
    worst = np.nanmin(found) if not np.isnan(found).all() else -1.0
    return np.where(np.isnan(found), worst - BAD, found)
