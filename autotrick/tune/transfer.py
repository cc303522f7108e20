"""Runs a study's screen again on other data, as a study that belongs to it.

Every row of the recorded design is trained with the same recipe and the same seed on the other images.
A trick that does not suit them (it makes their labels untrue, or does nothing) is off in all rows, and
so is what needs it. The columns of the other tricks stay as they were, and so does what the design
can tell of them. Rows that become equal are trained once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autotrick import data as datasets
from autotrick import records
from autotrick.errors import DataError, SpaceError
from autotrick.recipe import DataRef, Recipe
from autotrick.records import Database, StudyRow, TrialRow
from autotrick.space import OFF, load
from autotrick.space.augmentation_rules import Profile, why_unsuitable
from autotrick.tasks import CLASSIFICATION
from autotrick.tricks import TRICKS
from autotrick.tune.recipe_study import run_recipes
from autotrick.tune.resources import Resources
from autotrick.tune.session import Options
from autotrick.tune.sources.recipe_list import ListedRecipe

PURPOSE = "transfer"
_SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class OtherData:
    """The images that a screen is repeated on.

    Attributes:
        profile: What may be done to them.
    """

    data: DataRef
    profile: Profile

    @classmethod
    def named(cls, word: str, like: DataRef) -> "OtherData":
        """Return the images of a space file, or of a data set with the options of another one.

        Args:
            word: A file that ends in .toml, or what a space's `[data] name` may be.
            like: Whose size, split and resizing a data set by name gets.

        Raises:
            SpaceError: The file is missing or not a space.
            DataError: There is no such data set.
        """
        if word.endswith(".toml"):
            space = load(word)
            return cls(space.data, space.augmentation)
        datasets.find(word)
        share = like.validation or DataRef.model_fields["validation"].default
        data = like.model_copy(update={"name": word, "fingerprint": "", "validation": share})
        return cls(data, Profile())

    @property
    def label(self) -> str:
        """A word for names of studies: the data set's, or the last part of a path."""
        return self.data.name.rstrip("/").rsplit("/", 1)[-1].rsplit(":", 1)[-1]


@dataclass(frozen=True, slots=True)
class Transplant:
    """A screen on other data.

    Attributes:
        rows: What is trained, with its place in the design.
        left_out: Why a trick is off in all rows, by name.
        equal: Rows that were left out because another one became equal to them.
    """

    rows: tuple[ListedRecipe, ...]
    left_out: Mapping[str, str]
    equal: int


def screen_trials(database: Database, study: str) -> list[TrialRow]:
    """Return the trials of a study's screen, by number.

    Raises:
        NotFoundError: There is no such study.
        SpaceError: It has no screen.
    """
    records.study(database, study)
    found = [
        trial
        for trial in records.trials(database, study)
        if trial.phase == _SCREEN and (trial.design or {}).get("levels")
    ]
    if not found:
        raise SpaceError(
            f"study {study!r} has no screen, whose design could be repeated on other data. Make one: "
            "autotrick screen SPACE."
        )
    return found


def transplanted(
    study: str, trials: Sequence[TrialRow], other: OtherData, *, channels: int
) -> Transplant:
    """Return the rows of a screen for other data.

    Args:
        study: Whose screen it is.
        trials: Of the screen.
        channels: Of the other images, 1 or 3.
    """
    left_out: dict[str, str] = {}
    for trial in trials:
        name, tricks = other.data.name, trial.recipe.tricks
        left_out |= why_unsuitable(name, other.profile, tricks, channels=channels)
    left_out |= _needing(trials, left_out)
    rows: list[ListedRecipe] = []
    seen: set[str] = set()
    for trial in trials:
        tricks = {n: s for n, s in trial.recipe.tricks.items() if n not in left_out}
        recipe = trial.recipe.model_copy(update={"data": other.data, "tricks": tricks})
        if recipe.digest() in seen:
            continue
        seen.add(recipe.digest())
        rows.append(
            ListedRecipe(
                label=f"row {trial.number} of {study}",
                recipe=recipe,
                seed=recipe.seed,
                phase=_SCREEN,
                design=_design(study, trial, left_out),
            )
        )
    return Transplant(tuple(rows), left_out, len(trials) - len(rows))


def transfer(
    database: Database,
    study: str,
    other: OtherData,
    *,
    name: str | None = None,
    resources: Resources | None = None,
    options: Options | None = None,
) -> StudyRow:
    """Train a study's screen on other data, as a linked study; or finish that study.

    Args:
        study: Whose screen it is.
        name: Of the new study; None for the study's name and the data's (`name_of`).

    Raises:
        DataError: The other data are missing, damaged, of another task, or those of the study.
        NotFoundError: There is no such study.
        RecordsError: Another study has that name, or another driver runs it.
        SpaceError: The study has no screen.
        RecipeError: Its network does not accept the images.
        ResourceError: The cluster or the disk lacks what a trial needs.
    """
    resources = resources or Resources()
    trials = screen_trials(database, study)
    _check_other(records.study(database, study), trials[0].recipe, other)
    folders = {"data_dir": resources.data_dir, "cache_dir": resources.cache}
    images = datasets.load(other.data, **folders).train.images
    found = transplanted(study, trials, other, channels=int(images.shape[-1]))
    return run_recipes(
        found.rows,
        database,
        name=name or name_of(study, other),
        seeds=[trials[0].recipe.seed],
        parent=study,
        question=f"Do the tricks of {study} carry over to {other.label}?",
        purpose=PURPOSE,
        more={"transfer": {"left_out": dict(found.left_out), "equal": found.equal}},
        resources=resources,
        options=options,
    )


def name_of(study: str, other: OtherData) -> str:
    """Return the name of the study that repeats a screen on other data."""
    return f"{study}_on_{other.label}"


def _check_other(row: StudyRow, recipe: Recipe, other: OtherData) -> None:
    """Raise DataError if data are those of the study, or of another task."""
    plain = recipe.data.model_copy(update={"fingerprint": ""})
    if other.data.model_copy(update={"fingerprint": ""}) == plain:
        raise DataError(f"study {row.name!r} has these data itself. Name others with --data.")
    here = row.task or CLASSIFICATION.name
    there = datasets.find(other.data.name).task
    if here != there:
        raise DataError(f"{other.data.name} is for {there}, and study {row.name!r} is for {here}.")


def _needing(trials: Sequence[TrialRow], left_out: Mapping[str, str]) -> dict[str, str]:
    """Return why tricks are left out with others that they need."""
    used = {name for trial in trials for name in trial.recipe.tricks} - left_out.keys()
    gone, found = set(left_out), dict[str, str]()
    while more := {name for name in used if TRICKS[name].needs & gone} - found.keys():
        for name in more:
            found[name] = f"needs {', '.join(sorted(TRICKS[name].needs & gone))}, which is left out"
        gone |= more
    return found


def _design(study: str, trial: TrialRow, left_out: Mapping[str, str]) -> dict[str, object]:
    design = dict(trial.design or {})
    levels = {
        factor: OFF if option in left_out else option for factor, option in design["levels"].items()
    }
    shares = {k: v for k, v in (design.get("propensities") or {}).items() if k not in left_out}
    # The base is a trial of the other study.
    return design | {"levels": levels, "propensities": shares, "base": None, "of": study}
