"""Predicting new images, and printing or writing what networks say about them."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autotrick import records
from autotrick.atomic_file import whole_file
from autotrick.cli.output import console, print_json
from autotrick.cli.tables import print_rows
from autotrick.data.files import escaped
from autotrick.data.image_list import ImageList, list_images
from autotrick.errors import DataError, ResourceError
from autotrick.predict import TOP, NotPredicted, Predicted, predict_images
from autotrick.trained import (
    best_trials,
    checkpoints_of,
    is_path,
    load_file,
    load_trial,
    trial_or_best,
)
from autotrick.views import text
from autotrick.views.table import Column

if TYPE_CHECKING:
    from autotrick.train.average import Average
    from autotrick.train.trained_model import TrainedModel

_ROWS = 100
"""Most rows of the table."""
_LINES_EVERY = 1000
"""Images between two lines of progress where no terminal shows a bar."""
_LISTED = 20
"""Classes that the summary counts one by one."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The networks that shall predict.

    Attributes:
        study: Name of a study, or the path of a checkpoint.
        trial: Number of a trial; None for the best.
        top: Number of best trials to average; None for one trial.
        average: What is averaged.
        retrain: Whether to train trials again whose checkpoint is gone.
        device: Where to compute.
        data_dir: Folder of the data sets; None takes the study's.
        url: Of the database.
    """

    study: str
    trial: int | None
    top: int | None
    average: "Average"
    retrain: bool
    device: str
    data_dir: Path | None
    url: str


@dataclass(slots=True)
class Tally:
    """What was predicted so far.

    Attributes:
        rows: The first predictions.
        counts: Images of each class.
        refused: Number of files that were not predicted.
    """

    rows: list[Predicted] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    def add(self, found: Predicted) -> None:
        """Count a prediction."""
        self.counts[found.label] += 1
        if len(self.rows) < _ROWS:
            self.rows.append(found)


def print_predictions(
    wanted: Wanted, paths: Sequence[Path], *, output: Path | None, as_json: bool
) -> bool:
    """Predict images, and print or write the classes; return whether every file was an image.

    Raises:
        DataError: There are no images.
        NotFoundError: There is no such study or trial, or a checkpoint is gone.
        ResourceError: The output cannot be written.
    """
    told = console(stderr=True)
    images = list_images(paths)
    if not images.count:
        where = ", ".join(escaped(path.absolute()) for path in paths)
        raise DataError(f"there are no images in {where}.")
    told.print(f"{text.count(images.count, 'file')} to predict", style="dim")
    tally = Tally()
    with ExitStack() as stack:
        write = stack.enter_context(_csv_rows(output)) if output else None
        models, title = _models(wanted)
        for found in _shown(images, models, wanted.average):
            if isinstance(found, NotPredicted):
                tally.refused += 1
                told.print(f"not predicted: {found.why}", style="yellow", soft_wrap=True)
                continue
            tally.add(found)
            if write is not None:
                write.writerow(_cells(found))
            elif as_json:
                print_json([found.to_json()])
    if not as_json:
        _print_summary(tally, title, output)
    if tally.refused:
        click.echo(
            f"{text.count(tally.refused, 'file')} of {images.count:,} could not be predicted.",
            err=True,
        )
    return not tally.refused


def _models(wanted: Wanted) -> "tuple[list[TrainedModel], str]":
    """Return the networks, and what they are in words."""
    if wanted.trial is None and wanted.top is None and is_path(wanted.study):
        path = Path(wanted.study)
        model = load_file(path, data_dir=wanted.data_dir, device=wanted.device)
        return [model], f"{escaped(path)}, epoch {model.source.epoch}"
    how: dict[str, Any] = {"data_dir": wanted.data_dir, "device": wanted.device}
    with records.open_database(wanted.url, create=False) as database:
        if wanted.top is None:
            row = trial_or_best(database, wanted.study, wanted.trial)
            rows, title = [row], f"trial {row.number} of {row.study}"
        else:
            rows = best_trials(database, wanted.study, wanted.top)
            checkpoints_of(database, rows, retrain=wanted.retrain)
            numbers = ", ".join(str(row.number) for row in rows)
            title = f"trials {numbers} of {wanted.study}, averaged {wanted.average}"
        told = console(stderr=True)
        told.print(f"with {title}", style="dim")
        models = [load_trial(database, row, retrain=wanted.retrain, **how) for row in rows]
    return models, title


def _shown(
    images: ImageList, models: "Sequence[TrainedModel]", average: "Average"
) -> Iterator[Predicted | NotPredicted]:
    """Yield predictions, and show on stderr how far they are."""
    out = console(stderr=True)
    bar = Progress(
        TextColumn("images"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=out,
        disable=not out.is_terminal,
    )
    with bar:
        task = bar.add_task("images", total=images.count)
        for done, found in enumerate(predict_images(models, images, average=average), 1):
            yield found
            bar.update(task, completed=done)
            if not out.is_terminal and done % _LINES_EVERY == 0:
                out.print(f"{done:,} of {images.count:,} images", style="dim")


@contextmanager
def _csv_rows(path: Path) -> Iterator[Any]:
    """Yield a writer of CSV rows to a file that is replaced once all are written.

    Raises:
        ResourceError: It cannot be written.
    """
    try:
        with whole_file(path) as partial, partial.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            more = [(f"class_{i}", f"probability_{i}") for i in range(2, TOP + 1)]
            rows.writerow(
                ["image", "class", "probability", *(name for pair in more for name in pair)]
            )
            yield rows
    except OSError as error:
        raise ResourceError(
            f"{path.absolute()} cannot be written: {error.strerror or error}."
        ) from None


def _cells(found: Predicted) -> list[str]:
    pairs = [(name, f"{probability:.6f}") for name, probability in found.top]
    pairs += [("", "")] * (TOP - len(pairs))
    return [found.image, *(cell for pair in pairs for cell in pair)]


def _print_summary(tally: Tally, title: str, output: Path | None) -> None:
    """Print how many images are of each class, and the first of them."""
    images = tally.counts.total()
    if not images:
        return
    if images > 1:
        click.echo(f"{text.count(images, 'image')}: {_counted(tally.counts)}")
    if output is not None:
        click.echo(f"{output}: {images:,} rows")
        return
    print_rows(f"Classes by {title}", _columns(), tally.rows)
    if images > len(tally.rows):
        click.echo(f"{images - len(tally.rows):,} more images: --json, or -o classes.csv")


def _counted(counts: Counter[str]) -> str:
    shown = [f"{count:,} {name}" for name, count in counts.most_common(_LISTED)]
    more = [f"{len(counts) - _LISTED} other classes"] if len(counts) > _LISTED else []
    return ", ".join(shown + more)


def _columns() -> tuple[Column[Predicted], ...]:
    return (
        Column("Image", lambda row: row.image),
        Column("Class", lambda row: row.label),
        Column("Probability", lambda row: row.probability, text.percent, numeric=True),
        Column(
            "Next",
            lambda row: ", ".join(f"{name} {text.percent(share)}" for name, share in row.top[1:]),
        ),
    )
