"""Compare the regret of searches for a budget, replayed over recorded curves.

Three small spaces have a table of all recipes. Two large ones, with 15 and 17 tricks, have a model of
curves that was fitted to random recipes (`surrogate`); regret there is without the noise of a seed.

`python -m benchmarks spending` prints the rows; `python -m benchmarks.spending [-o FILE.html] [--json
FILE]` prints the whole table with intervals and draws the figure. The budget is counted in training
epochs over all trials; four trials run in parallel. Regret is the difference between the table's best
final accuracy and that of the recipe that one would pick at the time, in points (hundredths of
accuracy).
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import click
import numpy as np
import optuna
import plotly.graph_objects as go
from rich.console import Console
from rich.table import Table

from autotrick.report.theme import BLUE, GREY, ORANGE, figure
from benchmarks import curves, random_recipes, surrogate
from benchmarks.children import say
from benchmarks.regret import SHARES, Line, Spent, lines, means, share
from benchmarks.replay import Replay, replay
from benchmarks.replay import Table as Curves
from benchmarks.row import Row
from benchmarks.searches import BASELINE, CHANCE, DEFAULT, SEARCHES

NAMES = (*curves.NAMES, *random_recipes.NAMES)
"Tables of small spaces, every recipe of which was trained, and models of large ones."
WORKERS = 4
WHOLE = 20
"Budget in complete trials."
REPETITIONS = 30
GOAL = 0.5
"Share of its budget at which autotrick should match the final regret of Ray Tune's TPE + ASHA."


def measure(name: str, repetitions: int, processes: int = 2) -> dict[str, Spent]:
    """Return every search over a table, each repeated with different seeds."""
    with get_context("spawn").Pool(processes, initializer=_quiet) as pool:
        tasks = [(name, search, seed) for search in SEARCHES for seed in range(repetitions)]
        found = pool.starmap(_one, tasks, chunksize=8)
    return {
        search: _together(found[i * repetitions : (i + 1) * repetitions])
        for i, search in enumerate(SEARCHES)
    }


def _quiet() -> None:
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)


def curves_of(name: str) -> Curves:
    """Return a recorded table, or the model of recorded random recipes."""
    return surrogate.read(name) if name in random_recipes.NAMES else curves.read(name)


def _one(name: str, search: str, seed: int) -> Replay:
    table = curves_of(name)
    budget = WHOLE * table.epochs
    return replay(table, SEARCHES[search](table.space, seed), workers=WORKERS, budget=budget)


def _together(replays: Sequence[Replay]) -> Spent:
    return Spent(
        np.array([one.regret for one in replays]),
        np.array([one.seconds[-1] for one in replays]),
        float(np.mean([one.trials for one in replays])),
        float(np.mean([one.whole for one in replays])),
    )


def rows(name: str, found: Mapping[str, Spent]) -> list[Row]:
    """Return the rows that `python -m benchmarks` prints for a table."""
    budget, runs = found[DEFAULT].regret.shape[1], len(found[DEFAULT].regret)
    part = share(found)[0]
    made = [
        Row(
            f"spending: {name}, until {BASELINE} is reached for good",
            round(part * budget),
            budget,
            round(part, 3),
            "epochs",
            GOAL,
            runs,
        )
    ]
    made += [
        _beside(found, CHANCE, f"spending: {name}, {round(s * budget)} epochs, {CHANCE}", s, 1.0)
        for s in SHARES
    ]
    others = [search for search in found if search not in (DEFAULT, CHANCE)]
    return made + [
        _beside(found, search, f"spending: {name}, {budget} epochs, {search}", 1.0, None)
        for search in others
    ]


def _beside(
    found: Mapping[str, Spent], search: str, name: str, share: float, goal: float | None
) -> Row:
    at = round(share * found[DEFAULT].regret.shape[1]) - 1
    ours, theirs = (float(found[s].regret[:, at].mean()) for s in (DEFAULT, search))
    ratio = round(ours / theirs, 3) if theirs else None
    return Row(
        name, round(ours, 3), round(theirs, 3), ratio, "points", goal, len(found[search].regret)
    )


def run(quick: bool) -> list[Row]:
    """Return autotrick's regret and that of each other search for every table."""
    made = []
    for name in NAMES:
        say(f"spending: {name}, {len(SEARCHES)} searches")
        made += rows(name, measure(name, 10 if quick else REPETITIONS))
    return made


_LOOKS = {
    DEFAULT: {"color": BLUE, "width": 3.5},
    BASELINE: {"color": ORANGE, "width": 3},
    CHANCE: {"color": GREY, "width": 2.5},
}
_OTHERS = ("#5aa469", "#8e6bbf", "#c2567a", "#4aa3a2", "#a08a3c", "#70757f", "#b07a50")
_DASHES = ("dot", "dash", "dashdot")


def regret_figure(tables: Mapping[str, Mapping[str, Spent]]) -> go.Figure:
    """Draw mean regret against budget for every search, one panel per table, with three intervals."""
    made = figure(height=420 * len(tables))
    for i, (name, found) in enumerate(tables.items()):
        axis = "" if i == 0 else str(i + 1)
        for j, (search, spent) in enumerate(found.items()):
            look = {"color": _OTHERS[j % len(_OTHERS)], "width": 1.5, "dash": _DASHES[j % 3]}
            _draw(made, search, spent, _LOOKS.get(search, look), axis)
        top = 1 - i / len(tables)
        bottom = top - 1 / len(tables) + 0.12
        made.update_layout(
            {
                f"xaxis{axis}": {
                    "title": {"text": f"{name}: epochs of training"},
                    "anchor": f"y{axis}",
                },
                f"yaxis{axis}": {
                    "title": {"text": "Mean regret (points)"},
                    "type": "log",
                    "domain": [bottom, top],
                    "anchor": f"x{axis}",
                },
            }
        )
    return made


def _draw(
    made: go.Figure, search: str, spent: Spent, look: Mapping[str, object], axis: str
) -> None:
    epochs = np.arange(WORKERS, spent.regret.shape[1], 3)
    place = {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "x": epochs + 1, "mode": "lines"}
    if search in _LOOKS:
        low, high = np.percentile(means(spent.regret[:, epochs]), (2.5, 97.5), axis=0)
        for edge, fill in ((low, None), (high, "tonexty")):
            made.add_scatter(
                **place,
                y=edge,
                line={"width": 0, "color": look["color"]},
                fill=fill,
                showlegend=False,
                hoverinfo="skip",
                opacity=0.3,
            )
    made.add_scatter(
        **place, y=spent.regret[:, epochs].mean(axis=0), line=look, name=search, showlegend=not axis
    )


def printed(found: Sequence[Line]) -> Table:
    """Return the lines as a table, one row per search."""
    shown = Table(title="Mean regret in points, 95 % interval", title_justify="left")
    parts = [f"{share:.3g} of the budget" for share in SHARES]
    for column in ("table", "budget", "search", *parts, "trials", "whole"):
        shown.add_column(column, justify="left" if column in ("table", "search") else "right")
    for table, search in dict.fromkeys((line.table, line.search) for line in found):
        here = [line for line in found if (line.table, line.search) == (table, search)]
        cells = [f"{line.regret:.2f} ({line.low:.2f} to {line.high:.2f})" for line in here]
        budget = f"{here[-1].epochs} epochs"
        shown.add_row(
            table, budget, search, *cells, f"{here[0].trials:.0f}", f"{here[0].whole:.0f}"
        )
    return shown


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The figure.")
@click.option(
    "--json",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the lines as JSON to this file.",
)
@click.option("--repetitions", type=click.IntRange(min=2), default=REPETITIONS, show_default=True)
def main(output: Path | None, file: Path | None, repetitions: int) -> None:
    """Replay every search over every recorded table.

    Example: python -m benchmarks.spending -o spending.html --json spending.json
    """
    tables = {name: measure(name, repetitions) for name in NAMES}
    found = [line for name, spent in tables.items() for line in lines(name, spent)]
    console = Console(highlight=False, width=150)
    console.print(printed(found))
    for name, spent in tables.items():
        part, low, high = share(spent)
        console.print(
            f"{name}: {DEFAULT} matches the final regret of {BASELINE} at {part:.2f} of the "
            f"budget (95 % interval {low:.2f} to {high:.2f})"
        )
    if file:
        file.write_text(json.dumps([asdict(line) for line in found], indent=1) + "\n")
    if output:
        regret_figure(tables).write_html(output)


if __name__ == "__main__":
    main(prog_name="python -m benchmarks.spending")
