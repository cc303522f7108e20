"""Trained networks of recorded trials and of files: what predicts, is evaluated and is exported."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autotrick import records, trusted_code, trusted_locations
from autotrick.bounded_file import is_regular, local_file
from autotrick.errors import NotFoundError
from autotrick.records import FINAL_STATES, Database, TrialRow, open_database
from autotrick.redaction import redacted_url

if TYPE_CHECKING:
    from autotrick.data import Dataset
    from autotrick.recipe import Recipe
    from autotrick.train.trained_model import TrainedModel

_EXPORTED = (".safetensors", ".json")
"""Suffixes of the files of an exported model that stand for the whole."""


def load_model(
    study_or_path: str | Path,
    trial: int | None = None,
    *,
    database: Database | str | None = None,
    data_dir: Path | str | None = None,
    retrain: bool = False,
    device: str = "cpu",
) -> "TrainedModel":
    """Return the network of a recorded trial, or of a file, ready to predict.

    Args:
        study_or_path: Name of a study, or the path of a checkpoint, an exported model or a bundle. A
            path has a `/` in it, or names a file that is there.
        trial: Number of a trial of the study; None takes the best one.
        database: Opened, or its URL. None opens the one of the environment variable
            AUTOTRICK_DATABASE, or else `sqlite:///autotrick.db`.
        data_dir: Folder of the data sets, for older checkpoints and to train again. None takes the
            study's.
        retrain: Whether to train the trial again if its last checkpoint is gone.
        device: Where the network goes, such as `cuda`.

    Raises:
        NotFoundError: There is no such study, trial or file, or the checkpoint is gone and `retrain` is
            off.
        DataError: The data set is needed and missing.
        TrainingError: The checkpoint is damaged, or training failed.
        ResourceError: The device is not there.
    """
    if trial is None and is_path(study_or_path):
        return load_file(Path(study_or_path), data_dir=data_dir, device=device)
    name = str(study_or_path)
    with opened(database) as source:
        row = trial_or_best(source, name, trial)
        return load_trial(source, row, data_dir=data_dir, retrain=retrain, device=device)


def is_path(study_or_path: str | Path) -> bool:
    """Return whether this names a file and not a study, which may have the name of a folder here.

    A folder with a `model.json` is an exported model.
    """
    text = os.fspath(study_or_path)
    if isinstance(study_or_path, Path) or any(
        mark in text for mark in filter(None, (os.sep, os.altsep))
    ):
        return True
    return is_regular(Path(text)) or is_regular(Path(text, "model.json"))


def load_file(
    path: Path, *, data_dir: Path | str | None = None, device: str = "cpu"
) -> "TrainedModel":
    """Return the network of a checkpoint, an exported model or a bundle.

    Args:
        path: A checkpoint, a folder that `autotrick export-model` wrote or its `model.safetensors` or
            `model.json`, or a bundle with a checkpoint.
        data_dir: Folder of the data sets, for checkpoints of autotrick 0.1.

    Raises:
        NotFoundError: There is no such file, or a bundle has no checkpoint.
        DataError: The data set is needed and missing.
        TrainingError: The file is damaged.
    """
    from autotrick.data import load
    from autotrick.export import is_bundle, load_exported, read_bundle
    from autotrick.train.trained_model import load_checkpoint

    def find_data(recipe: "Recipe") -> "Dataset":
        return load(recipe.data, data_dir=data_dir)

    if path.is_dir() or path.suffix in _EXPORTED:
        return load_exported(path, device=device)
    if not is_regular(path):
        raise NotFoundError(f"there is no checkpoint {path.absolute()}.")
    if not is_bundle(path):
        return load_checkpoint(path, find_data=find_data, device=device)
    with read_bundle(path) as bundle, bundle.checkpoint() as inside:
        found = load_checkpoint(inside, find_data=find_data, device=device)
    found.source = replace(
        found.source, path=path, study=bundle.study, trial=bundle.record.trial.number
    )
    return found


def load_trial(
    database: Database,
    row: TrialRow,
    *,
    data_dir: Path | str | None = None,
    retrain: bool = False,
    device: str = "cpu",
) -> "TrainedModel":
    """Return the network of a recorded trial: of a running one as of its newest checkpoint.

    Args:
        data_dir: Folder of the data sets, for older checkpoints and to train again.
        retrain: Whether to train the trial again if its last checkpoint is gone.

    Raises:
        CodeError: It needs code of the user's own, which cannot be imported or needs consent.
        NotFoundError: The trial has no epoch yet, or its checkpoint is gone and `retrain` is off.
        DataError: The data set is needed and missing.
        TrainingError: The checkpoint is damaged, or training failed.
    """
    from autotrick.train.trained_model import load_checkpoint

    def find_data(recipe: "Recipe") -> "Dataset":
        return dataset_of(database, row.study, recipe, data_dir)

    import_code(database, row)
    path = usable_checkpoint(database, row)
    if path is not None:
        found = load_checkpoint(path, find_data=find_data, device=device)
    elif retrain and row.epochs:
        with tempfile.TemporaryDirectory(prefix="autotrick-trained-") as folder:
            made = trained(row, find_data(row.recipe), Path(folder))
            found = load_checkpoint(made, find_data=find_data, device=device)
        found.source = replace(found.source, path=None)
    else:
        raise _gone(database, row)
    found.source = replace(found.source, study=row.study, trial=row.number)
    return found


def import_code(database: Database, row: TrialRow) -> None:
    """Import the user's own code that a trial was trained with, if the user trusts it.

    Raises:
        CodeError: It cannot be imported, or the user has not searched with it here.
    """
    if row.recipe.code:
        trusted_code.bring_study(records.study(database, row.study))


def trial_or_best(database: Database, study: str, number: int | None) -> TrialRow:
    """Return a trial of a study; the best complete one for None.

    Raises:
        NotFoundError: There is none.
    """
    if number is not None:
        return records.trial(database, study, number)
    best = records.best(database, study, limit=1)
    if not best:
        message = f"study {study!r} has no complete trial yet"
        raise NotFoundError(f"{message}, so none is the best. Name one by its number.")
    return best[0]


def best_trials(database: Database, study: str, top: int) -> list[TrialRow]:
    """Return a study's best complete trials, best first.

    Raises:
        NotFoundError: There are fewer.
    """
    rows = records.best(database, study, limit=top)
    if len(rows) < top:
        message = f"study {study!r} has {len(rows)} complete trials, and {top} were asked for."
        raise NotFoundError(f"{message} Ask for fewer with --top.")
    for row in rows:
        import_code(database, row)
    return rows


def checkpoints_of(
    database: Database, rows: Sequence[TrialRow], *, retrain: bool
) -> dict[int, Path | None]:
    """Return the last checkpoints of complete trials by number; None for those to train again.

    Raises:
        NotFoundError: Some are gone and `retrain` is off; the message names all of them.
    """
    paths = {row.number: checkpoint_of(database, row) for row in rows}
    gone = [str(number) for number, path in paths.items() if path is None]
    if gone and not retrain:
        message = f"the last checkpoint of trial {', '.join(gone)} is not there (any more)."
        raise NotFoundError(f"{message} Train again what is gone with --retrain.")
    return paths


def usable_checkpoint(database: Database, row: TrialRow) -> Path | None:
    """Return the checkpoint of a trial's last epoch, of a running trial the newest; None if gone."""
    if row.state in FINAL_STATES:
        return checkpoint_of(database, row)
    kept = records.last_checkpoint(database, row.id)
    return local_file(kept.path) if kept is not None else None


def checkpoint_of(database: Database, row: TrialRow) -> Path | None:
    """Return the checkpoint of the trial's last epoch; None if it is gone."""
    kept = records.last_checkpoint(database, row.id)
    return local_file(kept.path) if kept is not None and kept.epoch == row.epochs else None


def dataset_of(
    database: Database, study: str, recipe: "Recipe", data_dir: Path | str | None = None
) -> "Dataset":
    """Return the data set of a study's recipe.

    Args:
        data_dir: None looks where the study looked.

    Raises:
        DataError: It is missing, or not the one that was recorded.
    """
    from autotrick.data import load

    folder, cache = placed(database, study, data_dir)
    return load(recipe.data, data_dir=folder, cache_dir=cache)


def placed(
    database: Database, study: str, data_dir: Path | str | None = None
) -> tuple[Path | None, Path | None]:
    """Return the folders of a study's data and of its data cache; `data_dir` takes precedence."""
    recorded = records.study(database, study).settings.resources or {}
    folder = data_dir or recorded.get("data_dir")
    return Path(folder) if folder else None, trusted_locations.own_folder(recorded, "cache")


def trained(row: TrialRow, data: "Dataset", folder: Path) -> Path:
    """Train a trial's recipe again for as many epochs, and return its checkpoint."""
    from autotrick.train import Snapshot, train

    paths: list[Path] = []

    def save(snapshot: Snapshot) -> bool:
        if len(snapshot.reports) == row.epochs:
            paths.append(snapshot.save(folder).path)
        return True

    train(row.recipe, data, until=row.epochs, on_epoch=save)
    return paths[0]


def _gone(database: Database, row: TrialRow) -> NotFoundError:
    trial = f"trial {row.number} of study {row.study!r}"
    if not row.epochs:
        return NotFoundError(f"{trial} has no epoch on record. Choose one that was trained.")
    kept = records.last_checkpoint(database, row.id)
    if kept is not None and "://" in kept.path and kept.epoch == row.epochs:
        return NotFoundError(
            f"the last checkpoint of {trial} is at {redacted_url(kept.path)}. Copy it to this machine and "
            "give its path in place of the study, or train again with --retrain."
        )
    return NotFoundError(
        f"the last checkpoint of {trial} is not there (any more). Train it again with --retrain."
    )


@contextmanager
def opened(database: Database | str | None) -> Iterator[Database]:
    """Give a database, opened here where it is not yet; None stands for the usual one."""
    if isinstance(database, Database):
        yield database
        return
    with open_database(database, create=False) as source:
        yield source
