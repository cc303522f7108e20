"""Record learning curves: train every recipe of a small space to the end once.

`python -m benchmarks.curves [NAME ...] [--data-dir DIR] [--processes N]` trains all recipes of
`benchmarks/tables/NAME.toml` and writes `NAME.parquet` next to it. Searches can then be replayed
without training (`spending`), because every proposal has been trained. Each range is divided into
eight cells of equal size (on a log scale if the range is logarithmic); a value is answered by the
result at the centre of its cell.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import exp, log
from multiprocessing import get_context
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import click

import autotrick
from autotrick.domain import Float, Integer, ReplayChooser, Scalar
from autotrick.errors import TrainingError
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace, load
from benchmarks.children import say

FOLDER = Path(__file__).parent / "tables"
NAMES = ("digits", "fashion", "cifar")
CELLS = 8


@dataclass(frozen=True, slots=True)
class Curve:
    """Hold the result of a recipe.

    Attributes:
        answers: The decisions that lead to the recipe.
        accuracy: By epoch, in [0, 1]; shorter if training diverged.
        seconds: Median processor time of an epoch on one thread.
        failure: Why it ended early, in one word; empty if it did not.
        expected: Final accuracy without the noise of a seed, where that is known.
    """

    answers: dict[str, Scalar]
    accuracy: tuple[float, ...]
    seconds: float
    failure: str
    expected: float | None = None

    @property
    def final(self) -> float:
        """Return the accuracy that the recipe is worth, in [0, 1]; 0 if training diverged."""
        if self.failure:
            return 0.0
        return self.accuracy[-1] if self.expected is None else self.expected


def cell(domain: Float, value: float) -> float:
    """Return the centre of the cell that contains a value."""
    low, high = (log(domain.low), log(domain.high)) if domain.log else (domain.low, domain.high)
    share = ((log(value) if domain.log else value) - low) / (high - low)
    middle = low + (high - low) * (min(int(CELLS * share), CELLS - 1) + 0.5) / CELLS
    return exp(middle) if domain.log else middle


def every(space: SearchSpace) -> Iterator[Recipe]:
    """Yield each recipe of a space once, with ranges at the centres of their cells."""
    counts: list[int] = []
    places: list[int] = []
    while True:
        counter = _Counting(places, counts := [])
        yield space.decide(counter)
        places = (places + [0] * len(counts))[: len(counts)]
        while places and places[-1] == counts[len(places) - 1] - 1:
            places.pop()
        if not places:
            return
        places[-1] += 1


@dataclass
class _Counting:
    """Choose the option at an index, the first one beyond the last index; record the count."""

    places: list[int]
    counts: list[int]

    def _next(self, count: int) -> int:
        self.counts.append(count)
        i = len(self.counts) - 1
        return self.places[i] if i < len(self.places) else 0

    def number(self, name: str, domain: Float) -> float:
        share = (self._next(CELLS) + 0.5) / CELLS
        if domain.log:
            return cell(domain, domain.low * (domain.high / domain.low) ** share)
        return cell(domain, domain.low + (domain.high - domain.low) * share)

    def integer(self, name: str, domain: Integer) -> int:
        count = (domain.high - domain.low) // domain.step + 1
        return domain.low + domain.step * self._next(count)

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return options[self._next(len(options))]


class Recorded:
    """Hold the curves of a table by recipe."""

    def __init__(self, space: SearchSpace, curves: Mapping[tuple[Scalar, ...], Curve]) -> None:
        self.space = space
        self.curves = curves

    def find(self, recipe: Recipe) -> Curve:
        """Return the curve of the recipe's cell."""
        return self.curves[record_key(self.space, self.space.answers(recipe))]

    @property
    def epochs(self) -> int:
        """Return the epochs of a complete trial."""
        return self.space.most("epochs")

    @property
    def best(self) -> float:
        """Return the highest accuracy of a complete trial, in [0, 1]."""
        return max(c.accuracy[-1] for c in self.curves.values() if not c.failure)


def record_key(space: SearchSpace, answers: Mapping[str, Scalar]) -> tuple[Scalar, ...]:
    """Return a key for the cell of a recipe with these answers."""
    ranges = {n: d for n, d in space.search.items() if isinstance(d, Float)}
    return tuple(
        round(log(cell(ranges[name], float(value))), 6) if name in ranges else value
        for name, value in sorted(answers.items())
    )


def read(name: str) -> Recorded:
    """Return a recorded table with its space."""
    import pyarrow.parquet

    space = load(FOLDER / f"{name}.toml")
    rows = pyarrow.parquet.read_table(FOLDER / f"{name}.parquet").to_pylist()
    curves = {}
    for row in rows:
        accuracy, seconds, failure = (row.pop(k) for k in ("accuracy", "seconds", "failure"))
        recipe = space.decide(ReplayChooser(row))
        answers = space.answers(recipe)
        curve = Curve(answers, tuple(accuracy), seconds, failure)
        curves[record_key(space, answers)] = curve
    return Recorded(space, curves)


def _trained(recipe: Recipe, data: Any) -> tuple[list[float], float, str]:
    moments = [time.process_time()]
    accuracies: list[float] = []

    def on_epoch(snapshot: Any) -> bool:
        accuracies.append(snapshot.reports[-1].accuracy)
        moments.append(time.process_time())
        return True

    failure = ""
    try:
        autotrick.train_recipe(recipe, data, on_epoch=on_epoch)
    except TrainingError as error:
        failure = error.reason
    spans = [after - before for before, after in pairwise(moments)]
    return accuracies, median(spans) if spans else 0.0, failure


def _row(space: SearchSpace, fingerprint: str, recipe: Recipe) -> dict[str, Any]:
    from autotrick.data import open_cached

    accuracy, seconds, failure = _trained(recipe, open_cached(fingerprint))
    found = {"accuracy": accuracy, "seconds": round(seconds, 4), "failure": failure}
    return {**space.answers(recipe), "seed": recipe.seed, **found}


def prepared(file: Path, data_dir: Path | None) -> SearchSpace:
    """Return the space of a file; its images are read and kept for the trials."""
    from autotrick.tune.resources import Resources
    from autotrick.tune.search import with_data

    return with_data(load(file), Resources(data_dir=data_dir))[0]


def train_all(
    space: SearchSpace, recipes: Sequence[Recipe], part: Path, processes: int
) -> list[dict[str, Any]]:
    """Train recipes in their order and return a row for each.

    Args:
        space: With prepared data.
        part: Where rows are kept: those from before an interruption are not trained again.
        processes: Number of trials at a time.
    """
    done = len(part.read_text().splitlines()) if part.exists() else 0
    with get_context("spawn").Pool(processes) as pool, part.open("a") as lines:
        work = partial(_row, space, space.data.fingerprint)
        for i, row in enumerate(pool.imap(work, recipes[done:]), start=done + 1):
            lines.write(json.dumps(row) + "\n")
            lines.flush()
            if i % 16 == 0:
                say(f"{space.name}: {i} of {len(recipes)} recipes")
    return [json.loads(line) for line in part.open()]


def write(rows: list[dict[str, Any]], file: Path) -> None:
    """Write rows to a small Parquet file."""
    import pyarrow
    import pyarrow.parquet

    # Of the first row alone Arrow would take the columns, and conditional decisions be lost.
    names = dict.fromkeys(name for row in rows for name in row)
    table = pyarrow.Table.from_pylist([{name: row.get(name) for name in names} for row in rows])
    i = table.schema.get_field_index("accuracy")
    curves = table["accuracy"].cast(pyarrow.list_(pyarrow.float32()))
    table = table.set_column(i, "accuracy", curves)
    pyarrow.parquet.write_table(table, file, compression="zstd")


def record(name: str, data_dir: Path | None, processes: int) -> Path:
    """Train all recipes of a space and return the file with their curves."""
    space = prepared(FOLDER / f"{name}.toml", data_dir)
    recipes = list(every(space))
    Random(0).shuffle(recipes)
    part, file = FOLDER / f"{name}.jsonl", FOLDER / f"{name}.parquet"
    rows = train_all(space, recipes, part, processes)
    write([{k: v for k, v in row.items() if k != "seed"} for row in rows], file)
    part.unlink()
    return file


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the images.")
@click.option("--processes", type=click.IntRange(min=1), default=2, show_default=True)
def main(names: tuple[str, ...], data_dir: Path | None, processes: int) -> None:
    """Retrain every recipe of the tables, about 20 minutes of one core each.

    Example: python -m benchmarks.curves --data-dir /usr/share/datasets/fashion-mnist
    """
    for name in names or NAMES:
        say(f"wrote {record(name, data_dir, processes)}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.curves")
