"""`autotrick lr-find`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from autotrick.cli.options import data_dir_option, json_option
from autotrick.cli.output import announce
from autotrick.cli.space_file import load_space

if TYPE_CHECKING:
    from autotrick.recipe import Recipe
    from autotrick.space import SearchSpace
    from autotrick.train import RangeTest


@click.command("lr-find")
@click.argument("space", type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    "label",
    metavar="LABEL",
    help="Recipe to train: 'all tricks off', 'published defaults', or one that the space names.  "
    "[default: published defaults]",
)
@click.option("--low", type=float, default=1e-5, show_default=True, help="Lowest learning rate.")
@click.option("--high", type=float, default=10.0, show_default=True, help="Highest learning rate.")
@click.option(
    "--updates",
    type=click.IntRange(min=20),
    default=100,
    show_default=True,
    help="Number of optimizer updates.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Random seed."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="HTML file for the curve.",
)
@json_option
@data_dir_option
def lr_find(  # noqa: PLR0913 -- click passes options one by one
    space: Path,
    label: str | None,
    low: float,
    high: float,
    updates: int,
    seed: int,
    output: Path | None,
    as_json: bool,
    data_dir: Path | None,
) -> None:
    """Suggest a learning rate for SPACE, a file or the name of a packaged space.

    The recipe is trained shortly with a rising learning rate. Nothing is recorded and no file is changed. Learning rates are given per 256 examples, like base_lr.
    An optimizer with its own rate setting is tested over that setting.

    \b
    Example:
        autotrick lr-find quickstart -o rates.html
    """
    if not 0 < low < high < float("inf"):
        raise click.UsageError(f"--low must be above 0 and below --high, but got {low} and {high}.")
    loaded = load_space(space, data_dir)
    announce("Loading PyTorch")
    from autotrick.data import load
    from autotrick.train import lr_find as test

    label, recipe = _chosen(loaded, label)
    recipe = recipe.model_copy(update={"seed": seed})
    data = load(recipe.data, data_dir=data_dir)
    found = test(recipe, data, low=low, high=high, updates=updates)
    if as_json:
        _print_json(label, found)
    else:
        _print_table(loaded.name, label, found)
    if output:
        _write(output, loaded.name, label, found)


def _chosen(space: "SearchSpace", label: str | None) -> tuple[str, "Recipe"]:
    from autotrick.errors import NotFoundError, unknown
    from autotrick.sample import initial_recipes

    recipes = dict(initial_recipes(space))
    if label is None:
        label = "published defaults" if "published defaults" in recipes else next(iter(recipes))
    if label not in recipes:
        raise NotFoundError(unknown("recipe", label, recipes))
    return label, recipes[label]


def _print_json(label: str, found: "RangeTest") -> None:
    from dataclasses import asdict

    from autotrick.cli.output import print_json

    print_json([{"recipe": label, **asdict(found), "range": found.range}])


_ABOUT = {
    "valley": "middle of the longest fall of the loss",
    "steep": "where the loss falls fastest",
    "minimum": "a tenth of the rate with the lowest loss",
}


def _print_table(name: str, label: str, found: "RangeTest") -> None:
    from autotrick.cli.output import console
    from autotrick.cli.tables import print_table
    from autotrick.views.table import TextTable

    losses = list(zip(found.rates, found.smoothed, strict=True))
    suggestions = [(name, f"{rate:.3g}", _ABOUT[name]) for name, rate in found.suggestions.items()]
    print_table(
        f"{name}, {label}: {found.setting}",
        TextTable(("Method", found.setting, "Which is"), suggestions, frozenset({1})),
    )
    rows = [(f"{rate:.3g}", f"{loss:.4f}") for rate, loss in losses[:: max(1, len(losses) // 12)]]
    head = (found.setting, "Smoothed loss")
    print_table(f"{len(losses)} updates", TextTable(head, rows, frozenset({0, 1})))
    out = console()
    if found.diverged:
        out.print("The test stopped when the loss exploded.")
    if found.range is None:
        out.print("The loss never fell: try a lower --low, or more --updates.")
    else:
        low, high = found.range
        out.print(
            f"To search it: {found.setting} = {{ low = {low:.2g}, high = {high:.2g}, log = true }}"
        )


def _write(path: Path, name: str, label: str, found: "RangeTest") -> None:
    from autotrick.report.lr_find import lr_find_figure, write_lr_find

    drawn = lr_find_figure(
        found.rates, found.losses, found.smoothed, found.suggestions, setting=found.setting
    )
    write_lr_find(path, drawn, f"{name}, {label}")
    click.echo(f"Curve: {path}", err=True)
