"""Bringing in a study, from whatever it is in."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from autotrick import records
from autotrick import space as spaces
from autotrick.errors import NotFoundError, RecordsError
from autotrick.exchange import files, foreign
from autotrick.exchange.optuna import sentences
from autotrick.records import Database, StudyPlan, StudyRow
from autotrick.sample.foreign import Foreign, optuna_trials


@dataclass(frozen=True, slots=True)
class Meaning:
    """What makes recorded trials out of another tool's.

    Attributes:
        space: The space file that says what parameters mean.
        name: Of the study in an Optuna storage that has several.
        metric: Under which trials of Ray Tune reported their accuracy, once an epoch.
        resources: What `resume` works with when the study goes on here; plain JSON.
    """

    space: Path
    name: str | None = None
    metric: str = "accuracy"
    resources: Mapping[str, Any] | None = None


def bring(
    database: Database, source: str, *, study: str | None = None, meaning: Meaning | None = None
) -> StudyRow:
    """Record a study that is in a file of ours, an Optuna storage or a folder of Ray Tune.

    Args:
        source: A path, or the URL of an Optuna storage.
        study: What it is called here; None keeps the name that it has there.
        meaning: For what another tool made.

    Raises:
        RecordsError: It cannot be read, is not what it should be, or the name is taken.
        NotFoundError: There is nothing to bring in.
        SpaceError: The space cannot be read, or a trial is not of it.
    """
    path, folder = Path(source), "://" not in source and _is_folder(source)
    if "://" not in source and not folder:
        return files.read(database, path, name=study)
    if meaning is None:
        raise RecordsError(
            f"{records.shown(source)} is another tool's: it takes --space, the space file that says "
            "what its parameters mean."
        )
    if folder:
        found, trials = path.name, foreign.ray_trials(path, meaning.metric)
    else:
        with sentences(source):
            _check_file(source)
            found, trials = optuna_trials(source, meaning.name)
    return _record(database, study or found, meaning, trials)


def _check_file(storage: str) -> None:
    """Refuse an SQLite file that is not there, before Optuna makes it."""
    url = make_url(storage)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        raise NotFoundError(f"no Optuna storage at {records.shown(storage)}.")


def _is_folder(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except OSError:  # a name that no file can have
        return False


def _record(database: Database, study: str, meaning: Meaning, trials: list[Foreign]) -> StudyRow:
    space = spaces.load(meaning.space)
    found = list(foreign.taken(space, trials))
    resources = {"resources": dict(meaning.resources)} if meaning.resources else {}
    plan = StudyPlan(
        name=study,
        question=space.question,
        space=space.model_dump(mode="json"),
        space_digest=space.digest(),
        seed=space.study.seed,
        budget={"trials": len(found)} | resources,
    )
    return records.import_study(database, plan, "complete", found)
