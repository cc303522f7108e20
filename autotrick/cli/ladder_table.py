"""What `autotrick ladder` does: train a recipe with one more trick each time, and print the table."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from autotrick import records
from autotrick.analysis.ladder import Ladder, LadderStep, Split, ladder_of
from autotrick.cli.options import RunOptions
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.design.regression import Estimate
from autotrick.records import Database, StudyRow
from autotrick.tasks import Metric
from autotrick.views import text
from autotrick.views.table import Column

if TYPE_CHECKING:
    from autotrick.recipe import Settings
    from autotrick.tune import Options, Resources


@dataclass(frozen=True, slots=True)
class LadderOptions:
    """What to train; `autotrick.tune.ladder.ladder` says what the fields mean."""

    study: str
    trial: int
    order: tuple[str, ...]
    networks: "tuple[tuple[str, Settings], ...]"
    seeds: int


def run_ladder(asked: LadderOptions, given: RunOptions, named: set[str], *, as_json: bool) -> None:
    """Train a ladder with progress, then print it.

    Args:
        named: Options that the command line names; a recorded study's own hold for the others.
    """
    from autotrick.cli.search_session import run_child
    from autotrick.tune.ladder import ladder, ladder_recipes, name_of, recorded_order, rungs

    name = name_of(asked.study, asked.trial)

    def most_trials(database: Database) -> int:
        recipe = records.trial(database, asked.study, asked.trial).recipe
        steps = rungs(database, asked.study, recipe, asked.order or recorded_order(database, name))
        return asked.seeds * len(ladder_recipes(recipe, steps, asked.networks))

    def begin(database: Database, *, resources: "Resources", options: "Options") -> StudyRow:
        what: dict[str, Any] = {"order": asked.order, "networks": asked.networks}
        how: dict[str, Any] = {"resources": resources, "options": options}
        return ladder(database, asked.study, asked.trial, seeds=asked.seeds, **what, **how)

    def show(database: Database, row: StudyRow) -> None:
        print_ladder(row, read_ladder(database, row), as_json=as_json)

    opening = f"{name} adds the tricks of trial {asked.trial} of {asked.study} one at a time"
    run_child(name, asked.study, given, named, opening, most_trials, begin, show)


def read_ladder(database: Database, row: StudyRow) -> Ladder:
    """Return the ladder of a study."""
    listed = (row.settings.recipes or {}).get("recipes", [])
    labels = [entry["label"] for entry in listed]
    return ladder_of(labels, records.trials(database, row.name), row.value_metric)


def print_ladder(row: StudyRow, found: Ladder, *, as_json: bool) -> None:
    """Print what each step adds, and how the gain divides."""
    if as_json:
        steps = ({"study": row.name, **asdict(step)} for step in (*found.steps, *found.others))
        print_json([*steps, *({"study": row.name, **asdict(split)} for split in found.splits)])
        return
    metric = row.value_metric
    title = f"{row.name}: {metric.title} with one trick more each time, over paired seeds"
    print_rows(title, _columns(metric), (*found.steps, *found.others))
    for split in found.splits:
        for sentence in _sentences(split, metric):
            console().print(f"  {sentence}", soft_wrap=False)


def _columns(metric: Metric) -> tuple[Column[LadderStep], ...]:
    unit = f" ({metric.difference_unit.strip()})" if metric.difference_unit else ""
    return (
        Column("Recipe", lambda step: step.label),
        Column(
            metric.title,
            lambda step: step.value,
            lambda v: text.metric_text(v, metric),
            numeric=True,
        ),
        Column(f"Adds{unit}", lambda step: step.gain, _estimate, numeric=True),
        Column("In all", lambda step: step.total, _estimate, numeric=True),
        Column("Time", lambda step: step.cost, text.factor, numeric=True),
        Column("Weights", lambda step: step.parameters, text.number, numeric=True),
        Column("Seeds", lambda step: step.seeds, text.number, numeric=True),
    )


def _sentences(split: Split, metric: Metric) -> list[str]:
    unit = metric.difference_unit
    return [
        f"Of {_estimate(split.together)}{unit} in all, {split.network} alone gives "
        f"{_estimate(split.by_network)}, the tricks alone {_estimate(split.by_tricks)}.",
        f"The tricks without {split.network} against {split.network} without tricks: "
        f"{_estimate(split.instead)}{unit}.",
    ]


def _estimate(found: Estimate | None) -> str:
    if found is None:
        return "-"
    if found.high is None:
        return text.points(found.value)
    return f"{text.points(found.value)} +/- {found.high - found.value:.2f}"
