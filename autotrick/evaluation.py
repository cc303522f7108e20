"""Evaluate a trained network on labelled images: those of a split, or of a folder.

It runs beside a search and disturbs nothing: it reads the record and checkpoints, predicts on the CPU, and
writes one thing only, the look at a test split.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autotrick import records, tasks
from autotrick.analysis.evaluation import (
    CorruptionScores,
    EvaluatedNetwork,
    Evaluation,
    Robustness,
    Scores,
    score,
)
from autotrick.augment.corruptions import (
    CORRUPTIONS,
    LEFT_OUT,
    MOVES,
    SEVERITIES,
    corrupt,
    is_small,
)
from autotrick.errors import (
    DataError,
    NotFoundError,
    RecipeError,
    RecordsError,
    ResourceError,
    TrainingError,
)
from autotrick.random_streams import Stream
from autotrick.records import FINAL_STATES, Database, TrialRow
from autotrick.records.test_looks import refusal
from autotrick.trained import (
    dataset_of,
    is_path,
    load_file,
    load_trial,
    opened,
    placed,
    trial_or_best,
)

if TYPE_CHECKING:
    from autotrick.data import Dataset
    from autotrick.data.labelled_folder import LabelledFolder
    from autotrick.train.trained_model import TrainedModel

SPLITS = ("validation", "test")
_MOST_SMALL, _MOST_LARGE = 1000, 200
"""Images that are corrupted at most: of up to 64 pixels, and of more."""
_TRIES, _PAUSE_S = 10, 0.5
"""How often, and how long apart, a checkpoint is looked for that was replaced while it was read."""
_LOST = ("lost_checkpoint", "damaged_checkpoint")

Step = Callable[[str], None]
Images = NDArray[np.uint8] | Sequence[Path]


@dataclass(frozen=True, slots=True)
class _Labelled:
    """Images with their classes.

    Attributes:
        images: (N, H, W, C), or N files.
        labels: (N,) numbers of the model's classes.
        names: Of the images; empty where they have none.
        data: Name of the data set.
    """

    images: Images
    labels: NDArray[np.int64]
    names: Sequence[str]
    data: str
    notes: tuple[str, ...] = ()


def evaluate(  # noqa: PLR0913 -- how to find the network, the images, and what to measure
    study_or_path: str | Path,
    trial: int | None = None,
    *,
    split: str | Path = "validation",
    corruptions: bool = False,
    look_again: bool = False,
    retrain: bool = False,
    database: Database | str | None = None,
    data_dir: Path | str | None = None,
    on_step: Step | None = None,
) -> Evaluation:
    """Return what a trained network gets right on labelled images, as its trial was evaluated, on the CPU.

    Averages of weights and test-time augmentation count, where its recipe has them. Of a running trial it
    takes the newest checkpoint.

    Args:
        study_or_path: Name of a study, or the path of a checkpoint.
        trial: Number of a trial of the study; None takes the best one.
        split: `validation`, `test`, or a folder with a folder of images for each class. A look at the
            test split is recorded, and refused if there was one before.
        corruptions: Whether to measure the accuracy under the common corruptions too, on up to 1,000
            images; on up to 200 if they are larger than 64 pixels.
        look_again: Whether to look at the test split although it was looked at before.
        retrain: Whether to train the trial again if its last checkpoint is gone.
        database: Opened, or its URL. None opens the one of the environment variable
            AUTOTRICK_DATABASE, or else `sqlite:///autotrick.db`.
        data_dir: Folder of the data sets; None takes the study's.
        on_step: Called with a few words before each step that takes time.

    Raises:
        NotFoundError: There is no such study, trial or file, or the checkpoint is gone and `retrain` is
            off.
        DataError: Images are missing or damaged, or no folder is called like a class.
        RecipeError: The network does not tell classes apart.
        RecordsError: The test split was looked at before, or the trial has not ended.
        ResourceError: The network cannot be had again as it was.
        TrainingError: The checkpoint is damaged, or training failed.
    """
    tell = on_step or (lambda _: None)
    if trial is None and is_path(study_or_path):
        return _of_file(Path(study_or_path), split, corruptions, data_dir, tell)
    name = str(study_or_path)
    with opened(database) as source:
        row = trial_or_best(source, name, trial)
        if str(split) == "test":
            check_look(source, row, look_again=look_again)
        tell(f"reading trial {row.number} of {name}")
        row, model = _newest(source, row, data_dir, retrain)
        at_hand = _Trial(source, row, model, data_dir)
        if str(split) == "test":
            return _look(at_hand, corruptions, look_again, tell)
        return at_hand.evaluated(at_hand.labelled(split), split, corruptions, tell)


def follow(  # noqa: PLR0913 -- as `evaluate`
    database: Database,
    study: str,
    trial: int,
    *,
    split: str | Path = "validation",
    corruptions: bool = False,
    data_dir: Path | str | None = None,
    pause_s: float = 1.0,
    stale_after: float = 60.0,
    on_step: Step | None = None,
) -> Iterator[Evaluation]:
    """Yield the evaluation of each new checkpoint of a trial, until the trial ends.

    A checkpoint that is replaced before it is read is skipped.

    Args:
        pause_s: Seconds between two looks at the database.
        stale_after: Seconds without a sign of life after which the search counts as dead.

    Raises:
        NotFoundError: There is no such study or trial.
        RecordsError: It is the test split, or the search has ended before the trial.
    """
    if str(split) == "test":
        raise RecordsError(
            "the test split is not followed: each evaluation would be a look at it. Follow the validation "
            "split, or a folder."
        )
    tell = on_step or (lambda _: None)
    done, labelled, silent = 0, None, 0
    while True:
        # The state first: a checkpoint that is recorded after it is found in the next round.
        row = records.trial(database, study, trial)
        kept = records.last_checkpoint(database, row.id)
        if kept is not None and kept.epoch > done:
            done = kept.epoch
            try:
                model = load_trial(database, row, data_dir=data_dir)
            except (NotFoundError, TrainingError) as error:
                if isinstance(error, TrainingError) and error.reason not in _LOST:
                    raise
                continue
            done = max(done, model.source.epoch)
            at_hand = _Trial(database, row, model, data_dir)
            labelled = labelled or at_hand.labelled(split)
            yield at_hand.evaluated(labelled, split, corruptions, tell)
            continue
        if row.state in FINAL_STATES:
            return
        owner = records.study(database, study)
        alive = records.is_alive(
            owner.owner, owner.heartbeat, stale_after=stale_after, now=database.clock()
        )
        silent = 0 if alive else silent + 1
        if silent > 2:
            raise RecordsError(
                f"nobody searches {study!r} now, and trial {trial} has not ended: it is {row.state}. To "
                f"go on: autotrick resume {study}"
            )
        time.sleep(pause_s)


def check_look(database: Database, row: TrialRow, *, look_again: bool) -> None:
    """Refuse a look at the test split before anything is read for it.

    Raises:
        RecordsError: The trial has not ended, or the test split was looked at before.
    """
    if row.state not in FINAL_STATES:
        raise RecordsError(
            f"trial {row.number} of {row.study!r} is {row.state}: a look at the test split is for a network "
            "that will not change. Evaluate the validation split until the trial has ended."
        )
    known = [look for look in records.looks(database, row.study) if look.result is not None]
    if known and not look_again:
        raise RecordsError(
            refusal(row.study, known, instead="evaluate on the validation split or a folder")
        )


@dataclass(frozen=True, slots=True)
class _Trial:
    """A trial with its network, and where its data are.

    Attributes:
        data_dir: None looks where the study looked.
    """

    database: Database
    row: TrialRow
    model: "TrainedModel"
    data_dir: Path | str | None

    def labelled(self, split: str | Path) -> _Labelled:
        """Return the images of the validation split or of a folder."""
        _check_task(self.model)
        place, _ = placed(self.database, self.row.study, self.data_dir)
        if str(split) in SPLITS:
            data = dataset_of(self.database, self.row.study, self.row.recipe, self.data_dir)
            return _of_split(self.model, data, str(split), place)
        return _of_folder(self.model, Path(split), place)

    def evaluated(
        self,
        labelled: _Labelled,
        split: str | Path,
        corruptions: bool,
        tell: Step,
        look: int | None = None,
    ) -> Evaluation:
        """Return what the network gets right."""
        network = _network(self.model, self.row)
        return _evaluated(network, self.model, labelled, str(split), corruptions, tell, look)


def _of_file(
    path: Path, split: str | Path, corruptions: bool, data_dir: Path | str | None, tell: Step
) -> Evaluation:
    from autotrick.data import load

    if str(split) == "test":
        raise RecordsError(
            "a look at the test split is recorded with its study. Name the study and the trial in place of "
            "a file."
        )
    tell(f"reading {path}")
    model = load_file(path, data_dir=data_dir)
    _check_task(model)
    place = Path(data_dir) if data_dir else None
    if str(split) in SPLITS:
        labelled = _of_split(model, load(model.recipe.data, data_dir=place), str(split), place)
    else:
        labelled = _of_folder(model, Path(split), place)
    return _evaluated(_network(model), model, labelled, str(split), corruptions, tell)


def _newest(
    database: Database, row: TrialRow, data_dir: Path | str | None, retrain: bool
) -> "tuple[TrialRow, TrainedModel]":
    """Return a trial's network; of a running one that of the newest checkpoint.

    A running trial may replace the checkpoint between the look at the record and that at the file.
    """
    for left in reversed(range(_TRIES)):
        try:
            return row, load_trial(database, row, data_dir=data_dir, retrain=retrain)
        except (NotFoundError, TrainingError) as error:
            replaced = not isinstance(error, TrainingError) or error.reason in _LOST
            if row.state in FINAL_STATES or not row.epochs or not replaced or not left:
                raise
        time.sleep(_PAUSE_S)
        row = records.trial(database, row.study, row.number)
    raise AssertionError


def _look(at_hand: _Trial, corruptions: bool, look_again: bool, tell: Step) -> Evaluation:
    """Evaluate on the test split: the look is recorded before the first test image is read."""
    database, row, model = at_hand.database, at_hand.row, at_hand.model
    weights = model.source.digest
    if row.weights and weights != row.weights:
        raise ResourceError(
            f"the network of trial {row.number} of {row.study!r} is not what the trial recorded: its weights "
            f"are {weights}, and were {row.weights}. The test split was not looked at. See what differs: "
            f"autotrick reproduce {row.study} {row.number}"
        )
    labelled = at_hand.labelled("test")
    label = f"evaluated trial {row.number} of {row.study}"
    candidates = [
        {
            "label": label,
            "trials": [row.number],
            "seeds": [row.recipe.seed],
            "weights": [weights],
        }
    ]
    look = records.open_look(database, row.study, candidates, forced=look_again)
    tell(f"look {look.number} at the test split of {row.study}")
    found = at_hand.evaluated(labelled, "test", corruptions, tell, look.number)
    result = {
        "metric": tasks.CLASSIFICATION.metric.name,
        "images": found.scores.images,
        "values": {label: [found.scores.accuracy]},
    }
    records.close_look(database, row.study, look.number, result)
    return found


def _check_task(model: "TrainedModel") -> None:
    """Refuse a network that does not tell classes apart."""
    if model.recipe.task != tasks.CLASSIFICATION.name or not model.classes:
        raise RecipeError(
            f"an evaluation counts images by class, and this network is for {model.recipe.task}. Its "
            "metrics are in the reports of its trial: autotrick show"
        )


def _of_split(
    model: "TrainedModel", data: "Dataset", split: str, data_dir: Path | None
) -> _Labelled:
    from autotrick.data import source_names

    chosen = getattr(data, split)
    if chosen is None:
        raise DataError(
            f"{data.name} has no test split. Evaluate the validation split, or a folder of images with a "
            "folder for each class."
        )
    ref = model.recipe.data
    names: Sequence[str] = ()
    if ref.name.startswith("folder:"):
        names = source_names(ref, data, data_dir=data_dir).get(split, ())
    notes: tuple[str, ...] = ()
    if split == "validation":
        notes = (
            "The validation split chose this trial among others, so its accuracy is a little optimistic.",
        )
    return _Labelled(chosen.images, chosen.labels, names, data.name, notes)


def _of_folder(model: "TrainedModel", root: Path, data_dir: Path | None) -> _Labelled:
    from autotrick.data.labelled_folder import labelled_folder

    if not root.is_dir():
        raise DataError(
            f"there is no folder {root.absolute()}. The images to evaluate are `validation`, `test`, or a "
            "folder with a folder of images for each class."
        )
    found = labelled_folder(root, model.classes)
    overlap = _overlap(model, found, data_dir)
    return _Labelled(
        _read_once(model, found, root),
        found.labels,
        found.names,
        str(root),
        (*overlap, *found.notes),
    )


def _overlap(
    model: "TrainedModel", found: "LabelledFolder", data_dir: Path | None
) -> tuple[str, ...]:
    """Return a note if images of a folder are the network's own data.

    Raises:
        RecordsError: Some are of its test split.
    """
    from autotrick.data.labelled_folder import split_files

    mine = {file.resolve() for file in found.files}
    for split, files in split_files(model.recipe.data, data_dir).items():
        count = len(mine & files)
        if count and split == "test":
            raise RecordsError(
                f"{count:,} of these images are of the test split of {model.recipe.data.name}. A look at it "
                "is recorded: evaluate with --split test."
            )
        if count:
            used = "trained or chosen with" if split == "train" else "chosen with"
            return (
                f"{count:,} of the {len(mine):,} images are those that the network was {used}: the accuracy "
                "is too high for new images.",
            )
    return ()


def _read_once(model: "TrainedModel", found: "LabelledFolder", root: Path) -> Images:
    """Return the pixels of a folder's images; their files if they are too many for the memory."""
    from autotrick.data.labelled_folder import all_reported

    height, width = model.image_size
    if len(found.files) * height * width * model.channels > 2**30:
        return found.files
    reader = model.reader()
    with all_reported(found, root, reader.read):
        return reader.read_all(found.files)


def _network(model: "TrainedModel", row: TrialRow | None = None) -> EvaluatedNetwork:
    source, recipe = model.source, model.recipe
    return EvaluatedNetwork(
        study=source.study,
        trial=source.trial,
        state=row.state if row else None,
        path=str(source.path) if source.path else None,
        architecture=recipe.architecture,
        epoch=source.epoch,
        epochs=row.recipe.epochs if row else recipe.epochs,
        weights=source.digest,
    )


def _evaluated(  # noqa: PLR0913 -- all that `Evaluation` holds
    network: EvaluatedNetwork,
    model: "TrainedModel",
    labelled: _Labelled,
    split: str,
    corruptions: bool,
    tell: Step,
    look: int | None = None,
) -> Evaluation:
    count = len(labelled.labels)
    tell(f"predicting {count:,} images")
    probabilities = model.probabilities(labelled.images)
    scores = score(probabilities, labelled.labels, model.classes, labelled.names)
    robustness, examples = None, dict[str, NDArray[np.uint8]]()
    if corruptions:
        robustness, examples = _robustness(model, labelled, tell)
    return Evaluation(
        network=network,
        split=split,
        data=labelled.data,
        scores=scores,
        robustness=robustness,
        notes=labelled.notes,
        look=look,
        probabilities=probabilities,
        labels=labelled.labels,
        pictures=_pictures(model, labelled, scores),
        examples=examples,
    )


def _pictures(
    model: "TrainedModel", labelled: _Labelled, scores: Scores
) -> dict[int, NDArray[np.uint8]]:
    shown = (*scores.mistakes, *scores.uncertain, *scores.surest)
    rows = sorted({image.row for image in shown})
    return dict(zip(rows, model.pixels(_chosen(labelled.images, rows)), strict=True))


def _robustness(
    model: "TrainedModel", labelled: _Labelled, tell: Step
) -> tuple[Robustness, dict[str, NDArray[np.uint8]]]:
    small = is_small(model.image_size)
    most = min(len(labelled.labels), _MOST_SMALL if small else _MOST_LARGE)
    order = Stream(0, "corrupted images").generator().permutation(len(labelled.labels))
    rows = np.sort(order[:most])
    images = model.pixels(_chosen(labelled.images, rows.tolist()))
    labels = labelled.labels[rows]

    def accuracy(pixels: NDArray[np.uint8]) -> float:
        return float((model.probabilities(pixels).argmax(axis=1) == labels).mean())

    found: dict[str, CorruptionScores] = {}
    examples: dict[str, NDArray[np.uint8]] = {}
    kinds = [*CORRUPTIONS.values(), *MOVES.values()]
    for i, kind in enumerate(kinds, 1):
        tell(f"corruption {i} of {len(kinds)}: {kind.name} of {most:,} images")
        accuracies, looks = [], []
        for severity in SEVERITIES:
            pixels = corrupt(images, kind.name, severity, numbers=rows)
            accuracies.append(accuracy(pixels))
            looks.append(pixels[0].copy())
        found[kind.name] = CorruptionScores(kind.name, kind.family, tuple(accuracies))
        examples[kind.name] = np.stack(looks)
    strengths = "CIFAR-10-C" if small else "ImageNet-C"
    left_out = tuple(f"{name}: {why}" for name, why in LEFT_OUT.items())
    measured = Robustness(
        most,
        accuracy(images),
        strengths,
        tuple(found[name] for name in CORRUPTIONS),
        tuple(found[name] for name in MOVES),
        left_out,
    )
    return measured, examples


def _chosen(images: Images, rows: Sequence[int]) -> Any:
    """Return some of the images."""
    return images[rows] if isinstance(images, np.ndarray) else [images[row] for row in rows]
