"""What a search says, for TensorBoard: a run a trial, its curves, and its recipe with the outcome."""

from __future__ import annotations

import atexit
import itertools
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from autotrick.errors import ResourceError
from autotrick.tricks import peak_lr

if TYPE_CHECKING:
    from autotrick.recipe import Recipe
    from autotrick.tune.driver.events import Event

FLUSH_S = 5
FINAL = ("complete", "pruned", "failed")
_FIELDS = (
    *("architecture", "batch_size", "accumulation", "base_lr", "scaling_exponent", "momentum"),
    *("weight_decay", "epochs", "seed"),
)


class TensorBoard:
    """Writes event files below a folder, `STUDY/trial-NUMBER/`.

    The package tensorboardX, which Ray Tune brings, writes them; to look at them takes TensorBoard.

    Raises:
        ResourceError: The folder cannot be written to.
    """

    def __init__(self, folder: Path, study: str) -> None:
        self._folder = folder / study
        self._writers: dict[int, Any] = {}
        self._files = itertools.count()
        atexit.register(self.close)
        try:
            _try_writing(self._folder)
        except OSError as error:
            message = f"--tensorboard {folder} cannot be written to: {error.strerror}."
            raise ResourceError(message) from error

    def __call__(self, event: Event) -> None:
        """Write an epoch, or the outcome."""
        if event.kind == "epoch" and event.report:
            writer = self._writer(event.number)
            for name, value in event.report.curves().items():
                writer.add_scalar(f"epoch/{name}", value, event.report.epoch)
        elif event.kind in FINAL:
            self._end(event)
        elif event.kind == "paused":  # it may be long until it goes on, if ever
            self._writer(event.number).close()
            del self._writers[event.number]

    def close(self) -> None:
        """Write what is not yet written."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()

    def _end(self, event: Event) -> None:
        writer = self._writer(event.number)
        writer.add_text("recipe", f"```\n{event.recipe.model_dump_json(indent=1)}\n```")
        writer.add_text("state", " ".join(filter(None, (event.kind, event.note))))
        if event.report:
            final = {f"final/{name}": value for name, value in event.report.metrics.items()}
            final["final/epochs"] = event.report.epoch
            writer.add_hparams(settings(event.recipe), final, name=".")
        writer.close()
        del self._writers[event.number]

    def _writer(self, number: int) -> Any:
        from tensorboardX import SummaryWriter

        if number not in self._writers:
            place = self._folder / f"trial-{number}"
            # Else a file of the same second would be written over.
            suffix = f".{os.getpid()}.{next(self._files)}"
            self._writers[number] = SummaryWriter(
                str(place), filename_suffix=suffix, flush_secs=FLUSH_S
            )
        return self._writers[number]


def _try_writing(folder: Path) -> None:
    """Make a folder with a file in it, and leave neither: a search may be refused after this.

    Raises:
        OSError: There can be none.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    finally:
        for place in missing:
            with suppress(OSError):  # it was not made, or another has put something there
                place.rmdir()


def settings(recipe: Recipe) -> dict[str, float | str | bool]:
    """Return what decides a recipe as a table has it: flat, one column a setting."""
    found: dict[str, float | str | bool] = {name: getattr(recipe, name) for name in _FIELDS}
    found["lr"] = peak_lr(recipe)
    parts = {"architecture": recipe.architecture_settings} | recipe.tricks
    found |= dict.fromkeys(recipe.tricks, True)
    return found | {
        f"{part}.{name}": value
        for part, values in parts.items()
        for name, value in values.items()
        if isinstance(value, int | float | str)
    }
