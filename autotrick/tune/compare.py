"""Compares two recipes over seeds: by trials that are there, or by ones that it trains."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from autotrick import records, trusted_code
from autotrick.analysis.comparison import (
    PURPOSE,
    Comparison,
    Pair,
    compares,
    comparison,
    differing,
    failures_of,
    pairs_of,
)
from autotrick.errors import NotFoundError, RecordsError, SpaceError
from autotrick.recipe import Recipe
from autotrick.records import Database, StudyRow
from autotrick.space.recorded import recorded_precision
from autotrick.tune.fresh_seeds import fresh_seeds
from autotrick.tune.recipe_space import completed
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.resources import Resources
from autotrick.tune.search import resume
from autotrick.tune.session import Options
from autotrick.tune.warm_start import recipe_of_trial

SEEDS = 5
"""Seeds that are trained if nothing else is said."""

LEAST_PAIRS = 3
"""Pairs on record that are enough if nothing else is said: fewer have no interval worth the name."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two recipes that are to be compared.

    Attributes:
        study: The study that the comparison belongs to.
        recipes: Complete recipes with seed 0 by what they are called, the first one first.
    """

    study: StudyRow
    recipes: Mapping[str, Recipe]


def to_compare(
    database: Database, study: str, first: "str | Recipe", second: "str | Recipe"
) -> Compared:
    """Return the recipes that two words name.

    Args:
        first: A trial of the study as its number, one of another study as STUDY:NUMBER, or a recipe.

    Raises:
        NotFoundError: There is no such study or trial.
        SpaceError: The recipes are equal, or have different data.
    """
    row = records.study(database, study)
    trusted_code.declare(row)
    recipes: dict[str, Recipe] = {}
    for i, given in enumerate((first, second), start=1):
        label, recipe = _named(database, study, given, i)
        if label in recipes:
            raise SpaceError(f"{label} is named twice. Name another recipe to compare it with.")
        whole = completed(recipe.at(recipe.epochs))
        recipes[label] = whole.model_copy(update={"seed": 0})
    (one, a), (other, b) = recipes.items()
    names = [r.data.model_copy(update={"fingerprint": ""}) for r in (a, b)]
    if names[0] != names[1]:
        raise SpaceError(
            f"{one} and {other} have different data ({names[0].name} and {names[1].name}), so their values "
            "do not compare. Name recipes of one data set."
        )
    if not differing(a, b):
        raise SpaceError(
            f"{one} and {other} are the same recipe but for its seed. Name another recipe to compare it "
            "with."
        )
    return Compared(row, recipes)


def compare_name(study: str, first: str, second: str) -> str:
    """Return the name of a comparison's study where none is given."""
    words = (
        word.removeprefix("trial ").replace(":", "-").replace(" ", "-") for word in (first, second)
    )
    return f"{study}-compare-{'-'.join(words)}"


def recorded_comparison(database: Database, what: Compared) -> Comparison:
    """Return two recipes beside each other by the pairs on record.

    Pairs of all studies count that belong to the study, or are it, and train recipes over seeds whatever
    these come to. Each seed counts once.
    """
    name = what.study.name
    studies = [
        row
        for row in records.studies(database)
        if (row.parent == name or row.name == name) and compares(row)
    ]
    first, second = what.recipes.values()
    pairs: dict[int, Pair] = {}
    failed = [0, 0]
    for row in studies:
        trials = records.trials(database, row.name)
        for pair in pairs_of(trials, first, second):
            pairs.setdefault(pair.seed, pair)
        failed[0] += failures_of(trials, first)
        failed[1] += failures_of(trials, second)
    return comparison(
        what.recipes,
        [pair for _, pair in sorted(pairs.items())],
        what.study.value_metric,
        precision=recorded_precision(what.study.space),
        failed=(failed[0], failed[1]),
    )


def enough(found: Comparison, seeds: int | None) -> bool:
    """Return whether the pairs on record are those that are asked for."""
    return len(found.pairs) >= (LEAST_PAIRS if seeds is None else seeds)


def compare(  # noqa: PLR0913 -- what to compare, and how
    database: Database,
    study: str,
    first: "str | Recipe",
    second: "str | Recipe",
    *,
    name: str | None = None,
    seeds: int | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> Comparison:
    """Return by how much one recipe is better than another one over seeds; train them if need be.

    Trials of lists and comparisons count that belong to the study. If there are too few, both recipes are
    trained with new seeds, as a study that belongs to it.

    Args:
        first: A trial of the study as its number, one of another study as STUDY:NUMBER, or a recipe.
        second: The recipe that it is compared with.
        name: Name of the study that trains them.
        seeds: Seeds that both must have, at least 3; None takes what is there, or trains SEEDS.

    Raises:
        DataError: The data set is missing, damaged, or not the one of the recipes.
        NotFoundError: There is no such study or trial.
        RecordsError: A study of that name is another one, or another driver runs it.
        ResourceError: The cluster or the disk lacks what a trial needs.
        SpaceError: The recipes are equal, or have different data.
    """
    what = to_compare(database, study, first, second)
    found = recorded_comparison(database, what)
    if enough(found, seeds):
        return found
    train_pairs(database, what, name=name, seeds=seeds, resources=resources, options=options)
    return recorded_comparison(database, what)


def train_pairs(
    database: Database,
    what: Compared,
    *,
    name: str | None = None,
    seeds: int | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Train two recipes with new seeds, as a study; or finish that study.

    Raises:
        RecordsError: A study of that name compares others.
    """
    one, other = what.recipes
    name = records.check_study_name(
        compare_name(what.study.name, one, other) if name is None else name
    )
    known: StudyRow | None = None
    with suppress(NotFoundError):
        known = records.study(database, name)
    if known:
        _check_same(known, what, seeds)
        return resume(database, name, resources=resources, options=options)
    return run_recipes(
        dict(what.recipes),
        database,
        name=name,
        seeds=fresh_seeds(database, what.study.name, SEEDS if seeds is None else seeds),
        parent=what.study.name,
        question=f"Is {one} better than {other}?",
        purpose=PURPOSE,
        resources=resources,
        options=options,
    )


def _check_same(known: StudyRow, what: Compared, seeds: int | None) -> None:
    listed = known.settings.recipes or {}
    labels = [one["label"] for one in listed.get("recipes", [])]
    if known.purpose != PURPOSE or labels != [*what.recipes]:
        one, other = what.recipes
        raise RecordsError(
            f"there is a study {known.name!r} that does not compare {one} with {other}. Choose another name: "
            "--study"
        )
    held = len(listed["seeds"])
    if known.state == "complete" or (seeds is not None and seeds != held):
        raise RecordsError(
            f"{known.name!r} was begun with {held} seeds, and more are asked for. They can be trained beside "
            "it: --study NAME"
        )


def _named(database: Database, study: str, given: "str | Recipe", place: int) -> tuple[str, Recipe]:
    if isinstance(given, Recipe):
        return f"recipe {place}", given
    if given.isdecimal():
        return f"trial {int(given)}", records.trial(database, study, int(given)).recipe
    return given, recipe_of_trial(database, given, option="compare")
