"""Record learning curves of random recipes of spaces with many tricks, which cannot be listed.

`python -m benchmarks.random_recipes [NAME ...] [--data-dir DIR] [--count N]` trains random recipes of
`benchmarks/surrogates/NAME.toml` and writes `NAME.parquet` next to it. Every sixth row is an earlier
recipe with another seed, which shows the noise. `benchmarks.surrogate` fits a model to the rows, so
that searches can be replayed over recipes that nobody trained.
"""

from math import exp, log
from pathlib import Path

import click
import numpy as np

from autotrick.domain import Float, Integer, Scalar
from autotrick.random_streams import key_of
from autotrick.recipe import Recipe
from autotrick.space import SearchSpace
from benchmarks.children import say
from benchmarks.curves import prepared, train_all, write

FOLDER = Path(__file__).parent / "surrogates"
NAMES = ("clothes", "things")
COUNT = 1200
REPEATED = 6
"""One of so many rows is a recipe with a second seed."""


class AtRandom:
    """A chooser that draws every decision evenly from its domain."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator

    def number(self, name: str, domain: Float) -> float:
        if domain.log:
            return exp(self._generator.uniform(log(domain.low), log(domain.high)))
        return self._generator.uniform(domain.low, domain.high)

    def integer(self, name: str, domain: Integer) -> int:
        count = (domain.high - domain.low) // domain.step + 1
        return domain.low + domain.step * int(self._generator.integers(count))

    def choice(self, name: str, options: tuple[Scalar, ...]) -> Scalar:
        return options[int(self._generator.integers(len(options)))]


def random_recipe(space: SearchSpace, *key: object) -> Recipe:
    """Return the random recipe of a key."""
    return space.decide(AtRandom(np.random.default_rng(key_of("recipe", *key))))


def recipes(space: SearchSpace, count: int) -> list[Recipe]:
    """Return the recipes to record, in their order."""
    found: list[Recipe] = []
    for i in range(count):
        if i % REPEATED == REPEATED - 1:
            found.append(found[i - REPEATED + 1].model_copy(update={"seed": 1}))
        else:
            found.append(random_recipe(space, i))
    return found


def record(name: str, data_dir: Path | None, processes: int, count: int) -> Path:
    """Train random recipes of a space and return the file with their curves."""
    space = prepared(FOLDER / f"{name}.toml", data_dir)
    part, file = FOLDER / f"{name}.jsonl", FOLDER / f"{name}.parquet"
    write(train_all(space, recipes(space, count), part, processes), file)
    part.unlink()
    return file


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("names", nargs=-1, type=click.Choice(NAMES))
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the images.")
@click.option("--processes", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--count", type=click.IntRange(min=REPEATED), default=COUNT, show_default=True)
def main(names: tuple[str, ...], data_dir: Path | None, processes: int, count: int) -> None:
    """Train the random recipes again, about half an hour of one core for each data set.

    An interrupted recording goes on where it was.

    Example: python -m benchmarks.random_recipes clothes --data-dir /usr/share/datasets/fashion-mnist
    """
    for name in names or NAMES:
        say(f"wrote {record(name, data_dir, processes, count)}")


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.random_recipes")
