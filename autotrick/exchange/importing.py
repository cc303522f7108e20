"""Importing a study from a file, an Optuna storage or a Ray Tune experiment."""

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
from autotrick.sample.optuna_import import ForeignTrial, optuna_trials

_TABLE = "study_directions"
"""A table of Optuna's that other databases are unlikely to have."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """How to turn another tool's trials into recorded ones.

    Attributes:
        space: Space file that says what the parameters mean.
        name: Study to import from an Optuna storage that holds several.
        metric: Name under which Ray Tune trials reported their values, once per epoch; None takes that
            of the metric that the space looks for.
        resources: Resources with which `autotrick resume` continues the study; plain JSON.
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
    """Import a study from an exported file, an Optuna storage or the folder of a Ray Tune experiment.

    Args:
        source: A path, or the URL of an Optuna storage.
        study: Name of the study in this database; None keeps its name.
        meaning: Required for another tool's study.
        notice: Receives a sentence on what of a file is not imported.

    Raises:
        RecordsError: The source cannot be read or is not a study, or the name is taken.
        NotFoundError: There is nothing to import.
        SpaceError: The space cannot be read, or a trial does not belong to it.
    """
    if not source:
        raise RecordsError(
            "a study is imported from a file, a folder or a URL, but got an empty name."
        )
    path, folder = Path(source), "://" not in source and _is_folder(source)
    if "://" not in source and not folder:
        if meaning is not None:
            raise RecordsError(
                f"--space says what the parameters of other tools mean, but {source} is a file of "
                "`autotrick export`, which holds its own space. Leave out --space."
            )
        return files.read(database, path, name=study, notice=notice)
    if meaning is None:
        raise RecordsError(
            f"{redacted_url(source)} was made by another tool: give --space, the space file that says "
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
    """Raise NotFoundError if the database lacks Optuna's tables, which Optuna would create."""
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


def _record(
    database: Database, study: str, meaning: Meaning, trials: list[ForeignTrial]
) -> StudyRow:
    space = spaces.load(meaning.space)
    found = list(other_tools.trial_records(space, trials))
    if not found:
        raise NotFoundError("no trial there has ended, so there is nothing to import.")
    resources = {"resources": dict(meaning.resources)} if meaning.resources else {}
    plan = StudyPlan(
        name=study,
        question=space.question,
        space=space.model_dump(mode="json"),
        space_digest=space.digest(),
        seed=space.study.seed,
        budget={"trials": len(found)} | resources,
        metric=str(space.objective),
        task=space.recorded_task,
    )
    return records.import_study(database, plan, "complete", found)
