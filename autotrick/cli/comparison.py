"""What `autotrick compare` does: read or train the pairs of two recipes, and print them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autotrick.analysis.comparison import Comparison, curves
from autotrick.cli.open_for_reading import open_for_reading
from autotrick.cli.output import console, print_json
from autotrick.cli.run import one_recipe
from autotrick.cli.tables import print_rows
from autotrick.views import comparison as views
from autotrick.views.plain import plain
from autotrick.views.text import ASCII

if TYPE_CHECKING:
    from autotrick.cli.options import RunOptions
    from autotrick.recipe import Recipe
    from autotrick.records import Database, StudyRow
    from autotrick.tune import Options, Resources


@dataclass(frozen=True, slots=True)
class ComparisonOptions:
    """What to compare; `autotrick.tune.compare.compare` says what the fields mean."""

    study: str
    first: str
    second: str
    name: str | None
    seeds: int | None


def run_comparison(
    asked: ComparisonOptions, given: RunOptions, named: set[str], *, as_json: bool
) -> None:
    """Print two recipes beside each other; train them first if there are too few pairs.

    Args:
        named: Options that the command line names; a recorded study's own hold for the others.
    """
    from autotrick.tune.compare import (
        SEEDS,
        compare_name,
        enough,
        recorded_comparison,
        to_compare,
        train_pairs,
    )

    words = _recipe(asked.first), _recipe(asked.second)
    with open_for_reading(given.url, asked.study) as database:
        what = to_compare(database, asked.study, *words)
        found = recorded_comparison(database, what)
        if enough(found, asked.seeds):
            show_comparison(database, found, as_json=as_json)
            return
    from autotrick.cli.search_session import run_child

    if not as_json:
        show_settings(found)
    name = asked.name or compare_name(asked.study, *what.recipes)

    def most_trials(_: Database) -> int:
        return len(what.recipes) * (asked.seeds or SEEDS)

    def begin(database: Database, *, resources: Resources, options: Options) -> StudyRow:
        return train_pairs(
            database, what, name=name, seeds=asked.seeds, resources=resources, options=options
        )

    def show(database: Database, _: StudyRow) -> None:
        show_pairs(database, recorded_comparison(database, what), as_json=as_json)

    opening = f"{name} trains {' and '.join(what.recipes)} with the same seeds"
    run_child(name, asked.study, given, named, opening, most_trials, begin, show)


def show_comparison(database: Database, found: Comparison, *, as_json: bool) -> None:
    """Print the settings in which two recipes differ, then their pairs."""
    if not as_json:
        show_settings(found)
    show_pairs(database, found, as_json=as_json)


def show_settings(found: Comparison) -> None:
    """Print the settings in which two recipes differ."""
    print_rows(
        f"{found.first} and {found.second}: what differs",
        views.setting_columns(found),
        found.settings,
    )


def show_pairs(database: Database, found: Comparison, *, as_json: bool) -> None:
    """Print the pairs of two recipes and their difference."""
    if as_json:
        print_json([_to_json(database, found)])
        return
    if found.pairs:
        print_rows("Values by seed", views.pair_columns(found), found.pairs)
    for sentence in views.sentences(found):
        console().print(f"  {sentence.translate(ASCII)}")


def _to_json(database: Database, found: Comparison) -> Mapping[str, Any]:
    from autotrick import records

    names = {trial.study for pair in found.pairs for trial in (pair.first, pair.second)}
    reports = {name: records.curves(database, name) for name in names}
    return {
        "first": found.first,
        "second": found.second,
        "settings": [plain(asdict(setting)) for setting in found.settings],
        "pairs": [views.pair_json(pair) for pair in found.pairs],
        "difference": found.difference,
        "low": found.low,
        "high": found.high,
        "verdict": found.verdict,
        "precision": found.precision,
        "cost": found.cost,
        "failed": list(found.failed),
        "curves": [asdict(point) for point in curves(found.pairs, reports, found.metric)],
    }


def _recipe(word: str) -> str | Recipe:
    """Return the recipe of a file, or the word that names a trial."""
    return one_recipe(word) if Path(word).is_file() else word
