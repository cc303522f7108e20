"""Answer any recipe of a large space with a curve, from a model of recorded random recipes.

A Gaussian process with one kernel for all epochs (Matern 3/2 with a length scale for each decision, so
interactions of every order are in it) predicts the whole curve, the logarithm of the seconds and the
probability that training diverges. Noise comes on top: the difference of two recordings of one recipe
with different seeds, divided by the root of two, from a recipe of similar accuracy. What is drawn
depends on recipe and seed alone.

`python -m benchmarks.surrogate [NAME ...]` chooses the length scales by marginal likelihood, writes
them to `benchmarks/surrogates/NAME.json` and prints how well held-out recipes are predicted. A
replay computes everything else from the recorded rows, in seconds.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from autotrick.domain import Axis, Choice, Float, Integer, ReplayChooser, Scalar, to_unit
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe, digest_of
from autotrick.sample.unit_cube import UnitCube
from autotrick.space import SearchSpace, load
from benchmarks.children import say
from benchmarks.curves import Curve
from benchmarks.random_recipes import FOLDER, NAMES, AtRandom, random_recipe

Array = NDArray[np.float64]

_RESULTS = ("seed", "accuracy", "seconds", "failure")
_FITTED = 400
"Rows on which length scales are chosen."
_COMPONENTS = 3
"Principal components of the curves by which they are chosen."
_PAIRS = 20
"Recordings of similar accuracy from which noise is drawn."
_CANDIDATES, _KEPT, _ROUNDS, _CHANGED = 2000, 20, 8, 25


class Inputs:
    """The recipes of a space as numbers in [0, 1]: numbers, ordered options, and one column an option."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._box = UnitCube(space)

    def row(self, recipe: Recipe) -> list[float]:
        point = self._box.point(recipe, self._space.answers(recipe))
        return [x for name, axis in self._box.axes.items() for x in _coded(axis, point[name])]


def _coded(axis: Axis, value: Scalar) -> list[float]:
    if not isinstance(axis, Choice):
        return [to_unit(axis, float(value))]
    if len(axis.options) == 1:
        return []
    if all(isinstance(option, bool | int | float) for option in axis.options):
        return [axis.options.index(value) / (len(axis.options) - 1)]
    return [float(option == value) for option in axis.options]


@dataclass(frozen=True, slots=True)
class Kernel:
    """Matern 3/2.

    Attributes:
        lengths: (D,) scales, in units of the inputs.
        noise: Variance of noise as a share of that of the function.
    """

    lengths: Array
    noise: float

    def between(self, a: Array, b: Array) -> Array:
        """Return the (N, M) covariances of (N, D) and (M, D) inputs; the variance is 1."""
        a, b = a / self.lengths, b / self.lengths
        squared = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
        away = np.sqrt(3 * np.maximum(squared, 0))
        found: Array = (1 + away) * np.exp(-away)
        return found


class Surrogate:
    """A model of the curves of a space.

    Attributes:
        space: Whose recipes it answers.
    """

    def __init__(
        self, space: SearchSpace, rows: Sequence[Mapping[str, Any]], kernel: Kernel
    ) -> None:
        self.space = space
        self._kernel = kernel
        self._inputs = Inputs(space)
        recipes = [space.decide(ReplayChooser(_answers(row))) for row in rows]
        inputs = np.array([self._inputs.row(recipe) for recipe in recipes])
        failed = np.array([bool(row["failure"]) for row in rows])
        self._ends = [len(row["accuracy"]) for row in rows if row["failure"]]
        done = [row for row in rows if not row["failure"]]
        curves = np.array([row["accuracy"] for row in done], float)
        seconds = np.log([row["seconds"] for row in done])
        self._curves = _Process(kernel, inputs[~failed], np.column_stack([curves, seconds]))
        self._failures = _Process(kernel, inputs, failed[:, None].astype(float))
        self._noise, self._levels = _noise(rows)

    @property
    def epochs(self) -> int:
        """Return the epochs of a complete trial."""
        return self.space.most("epochs")

    def expected(self, recipes: Sequence[Recipe]) -> tuple[Array, Array, Array]:
        """Return (N, E) curves without noise, (N,) seconds an epoch, and (N,) odds of divergence."""
        inputs = np.array([self._inputs.row(recipe) for recipe in recipes])
        found = self._curves.mean(inputs)
        odds = np.clip(self._failures.mean(inputs)[:, 0], 0, 1)
        return np.clip(found[:, :-1], 0, 1), np.exp(found[:, -1]), odds

    def find(self, recipe: Recipe) -> Curve:
        """Return the curve of a recipe, with the noise of its seed."""
        curves, seconds, odds = self.expected([recipe])
        answers = self.space.answers(recipe)
        generator = np.random.default_rng(key_of("surrogate", digest_of(answers), recipe.seed))
        likeness = np.argsort(abs(self._levels - curves[0, -1]), kind="stable")[:_PAIRS]
        noise = self._noise[generator.choice(likeness)] * generator.choice((-1, 1))
        accuracy = tuple(map(float, np.clip(curves[0] + noise, 0, 1)))
        failure = generator.random() < odds[0]
        if failure:
            accuracy = accuracy[: int(generator.choice(self._ends))]
        expected = float(curves[0, -1] * (1 - odds[0]))
        return Curve(answers, accuracy, float(seconds[0]), "nan_loss" if failure else "", expected)

    @cached_property
    def best(self) -> float:
        """Return the highest expected final accuracy, in [0, 1], as far as a long search finds it."""
        found = [random_recipe(self.space, "best", i) for i in range(_CANDIDATES)]
        worth = self._worth(found)
        for turn in range(_ROUNDS):
            top = np.argsort(-worth, kind="stable")[:_KEPT]
            found = [found[i] for i in top]
            found += [
                self._changed(recipe, key_of(turn, i, j))
                for i, recipe in enumerate(found)
                for j in range(_CHANGED)
            ]
            worth = np.concatenate([worth[top], self._worth(found[_KEPT:])])
        return float(worth.max())

    def _worth(self, recipes: Sequence[Recipe]) -> Array:
        curves, _, odds = self.expected(recipes)
        found: Array = curves[:, -1] * (1 - odds)
        return found

    def _changed(self, recipe: Recipe, key: int) -> Recipe:
        return self.space.decide(_Changing(self.space.answers(recipe), np.random.default_rng(key)))


class _Process:
    """A Gaussian process with one kernel for several outputs."""

    def __init__(self, kernel: Kernel, inputs: Array, outputs: Array) -> None:
        self._kernel, self._inputs = kernel, inputs
        self._level = outputs.mean(axis=0)
        covariance = kernel.between(inputs, inputs)
        covariance[np.diag_indices_from(covariance)] += kernel.noise
        self._weights = np.linalg.solve(covariance, outputs - self._level)

    def mean(self, inputs: Array) -> Array:
        found: Array = self._level + self._kernel.between(inputs, self._inputs) @ self._weights
        return found


class _Changing:
    """Repeats answers, but for about two that it draws anew."""

    def __init__(self, answers: Mapping[str, Scalar], generator: np.random.Generator) -> None:
        self._answers, self._generator = answers, generator
        self._random = AtRandom(generator)

    def _kept(self, name: str) -> bool:
        return name in self._answers and self._generator.random() > 2 / len(self._answers)

    def number(self, name: str, domain: Float) -> float:
        return float(self._answers[name]) if self._kept(name) else self._random.number(name, domain)

    def integer(self, name: str, domain: Integer) -> int:
        return int(self._answers[name]) if self._kept(name) else self._random.integer(name, domain)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return self._answers[name] if self._kept(name) else self._random.choice(name, options)


def _answers(row: Mapping[str, Any]) -> dict[str, Scalar]:
    return {k: v for k, v in row.items() if k not in _RESULTS and v is not None}


def _pairs(rows: Sequence[Mapping[str, Any]]) -> list[tuple[Array, Array]]:
    """Return the curves of recipes that were trained to the end with two seeds."""
    first = {digest_of(_answers(row)): row for row in rows if not row["seed"]}
    found = []
    for row in rows:
        other = first.get(digest_of(_answers(row)))
        if row["seed"] and other and not (row["failure"] or other["failure"]):
            found.append((np.array(other["accuracy"]), np.array(row["accuracy"])))
    return found


def _noise(rows: Sequence[Mapping[str, Any]]) -> tuple[Array, Array]:
    """Return (R, E) curves of noise, and the (R,) final accuracies around which they were seen."""
    pairs = _pairs(rows)
    apart = np.array([b - a for a, b in pairs])
    # What the seed does to all recipes alike is no noise among trials that share it.
    apart -= apart.mean(axis=0)
    return apart / np.sqrt(2), np.array([(a[-1] + b[-1]) / 2 for a, b in pairs])


@cache
def read(name: str) -> Surrogate:
    """Return the model of recorded recipes."""
    space, rows = _recorded(name)
    table = json.loads((FOLDER / f"{name}.json").read_text())
    return Surrogate(space, rows, Kernel(np.array(table["lengths"]), table["noise"]))


def _recorded(name: str) -> tuple[SearchSpace, list[dict[str, Any]]]:
    import pyarrow.parquet

    return load(FOLDER / f"{name}.toml"), pyarrow.parquet.read_table(
        FOLDER / f"{name}.parquet"
    ).to_pylist()


def fit(space: SearchSpace, rows: Sequence[Mapping[str, Any]]) -> Kernel:
    """Return the kernel of the largest marginal likelihood for the principal components of curves."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import Matern, WhiteKernel

    done = [row for row in rows if not row["failure"]]
    chosen = np.random.default_rng(0).permutation(len(done))[:_FITTED]
    inputs = Inputs(space)
    x = np.array([inputs.row(space.decide(ReplayChooser(_answers(done[i])))) for i in chosen])
    curves = np.array([done[i]["accuracy"] for i in chosen])
    curves = curves - curves.mean(axis=0)
    _, _, axes = np.linalg.svd(curves, full_matrices=False)
    parts = curves @ axes[:_COMPONENTS].T
    parts /= parts.std(axis=0)
    start = Matern(np.full(x.shape[1], 3.0), (0.3, 100.0), nu=1.5)
    process = GaussianProcessRegressor(start + WhiteKernel(0.3, (0.01, 3.0)))
    with warnings.catch_warnings():
        # A decision that does not matter has the longest scale allowed.
        warnings.simplefilter("ignore", ConvergenceWarning)
        process.fit(x, parts)
    matern, white = process.kernel_.k1, process.kernel_.k2
    return Kernel(np.round(matern.length_scale, 3), round(float(white.noise_level), 4))


def held_out(
    space: SearchSpace, rows: Sequence[Mapping[str, Any]], kernel: Kernel, folds: int = 5
) -> dict[str, float]:
    """Return how well final accuracies of recipes are predicted that the model has not seen.

    Returns:
        `r2`, `rank` (Spearman), `rank of the better half`, and the standard deviations of `noise` (of
        a seed) and `residual`, in points.
    """
    from scipy.stats import spearmanr

    done = [row for row in rows if not row["failure"] and not row["seed"]]
    digests = [digest_of(_answers(row)) for row in done]
    predicted = np.empty(len(done))
    for fold in range(folds):
        rest = [i for i in range(len(done)) if i % folds == fold]
        out = {digests[i] for i in rest}
        model = Surrogate(space, [r for r in rows if digest_of(_answers(r)) not in out], kernel)
        recipes = [space.decide(ReplayChooser(_answers(done[i]))) for i in rest]
        predicted[rest] = model.expected(recipes)[0][:, -1]
    true = np.array([row["accuracy"][-1] for row in done])
    better = true >= np.median(true)
    residual = true - predicted
    return {
        "r2": float(1 - residual.var() / true.var()),
        "rank": float(spearmanr(predicted, true)[0]),
        "rank of the better half": float(spearmanr(predicted[better], true[better])[0]),
        "noise": float(100 * _noise(rows)[0][:, -1].std()),
        "residual": float(100 * residual.std()),
    }


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
def main(names: tuple[str, ...]) -> None:
    """Choose the length scales anew, and say how well held-out recipes are predicted.

    Example: python -m benchmarks.surrogate clothes
    """
    for name in names or NAMES:
        space, rows = _recorded(name)
        kernel = fit(space, rows)
        table = {"lengths": kernel.lengths.tolist(), "noise": kernel.noise}
        (FOLDER / f"{name}.json").write_text(json.dumps(table) + "\n")
        told = ", ".join(f"{what} {x:.2f}" for what, x in held_out(space, rows, kernel).items())
        say(f"{name}: {len(rows)} recordings, {told}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.surrogate")
