"""Bringing in a study, from whatever it is in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, make_url

from autotrick import records
from autotrick import space as spaces
from autotrick.errors import NotFoundError, RecordsError
from autotrick.exchange import files, other_tools
from autotrick.exchange.optuna import sentences
from autotrick.records import Database, StudyPlan, StudyRow
from autotrick.redaction import redacted_url
from autotrick.sample.optuna_import import Foreign, optuna_trials
from autotrick.tasks import CLASSIFICATION

_TABLE = "study_directions"
"""One of Optuna's, that others hardly have."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What makes recorded trials out of another tool's.

    Attributes:
        space: The space file that says what parameters mean.
        name: Of the study in an Optuna storage that has several.
        metric: Under which trials of Ray Tune reported their value, once an epoch; None takes the
            name of the metric that the space looks for.
        resources: What `resume` works with when the study goes on here; plain JSON.
    """

    space: Path | str
    name: str | None = None
    metric: str | None = None
    resources: Mapping[str, Any] | None = None


def bring(
    database: Database,
    source: str,
    *,
    study: str | None = None,
    meaning: Meaning | None = None,
    notice: Callable[[str], None] | None = None,
) -> StudyRow:
    """Record a study that is in a file of ours, an Optuna storage or a folder of Ray Tune.

    Args:
        source: A path, or the URL of an Optuna storage.
        study: What it is called here; None keeps the name that it has there.
        meaning: For what another tool made.
        notice: Observation in a sentence what of a file is not taken over.

    Raises:
        RecordsError: It cannot be read, is not what it should be, or the name is taken.
        NotFoundError: There is nothing to bring in.
        SpaceError: The space cannot be read, or a trial is not of it.
    """
    if not source:
        raise RecordsError("a study comes from a file, a folder or a URL, but got an empty name.")
    path, folder = Path(source), "://" not in source and _is_folder(source)
    if "://" not in source and not folder:
        if meaning is not None:
            raise RecordsError(
                f"a space says what other tools' parameters mean; {source} is a file, and those that "
                "`autotrick export` writes have their own. Leave --space away."
            )
        return files.read(database, path, name=study, notice=notice)
    if meaning is None:
        raise RecordsError(
            f"{redacted_url(source)} is another tool's: it takes --space, the space file that says "
            "what its parameters mean."
        )
    if folder:
        metric = meaning.metric or spaces.load(meaning.space).objective.metric.name
        found, trials = path.name, other_tools.ray_trials(path, metric)
    else:
        with sentences(source):
            _check_storage(source)
            found, trials = optuna_trials(source, meaning.name)
    return _record(database, found if study is None else study, meaning, trials)


def _check_storage(storage: str) -> None:
    """Refuse a database without Optuna's tables, before Optuna makes them."""
    url = make_url(storage)
    missing = (
        url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file()
    )
    engine = create_engine(url)
    try:
        if missing or not inspect(engine).has_table(_TABLE):
            raise NotFoundError(f"no Optuna storage at {redacted_url(storage)}.")
    finally:
        engine.dispose()


def _is_folder(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except OSError:  # a name that no file can have
        return False


def _record(database: Database, study: str, meaning: Meaning, trials: list[Foreign]) -> StudyRow:
    space = spaces.load(meaning.space)
    found = list(other_tools.taken(space, trials))
    if not found:
        raise NotFoundError("no trial there has come to an end: nothing can be brought in.")
    resources = {"resources": dict(meaning.resources)} if meaning.resources else {}
    plan = StudyPlan(
        name=study,
        question=space.question,
        space=space.model_dump(mode="json"),
        space_digest=space.digest(),
        seed=space.study.seed,
        budget={"trials": len(found)} | resources,
        metric=str(space.objective),
        task=None if space.task.name == CLASSIFICATION.name else space.task.name,
    )
    return records.import_study(database, plan, "complete", found)
