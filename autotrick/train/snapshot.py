"""A run as it stands after an epoch: what callers may ask of it and keep."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from autotrick.data import Dataset
from autotrick.recipe import EpochReport, Recipe
from autotrick.train import checkpoint
from autotrick.train.measure import measure
from autotrick.train.prepare import Stages
from autotrick.train.resume import state_of
from autotrick.tricks import Run


class Snapshot:
    """The run as it stands after an epoch; can be saved.

    Attributes:
        reports: One an epoch, from the first, those that a checkpoint brought included.
        begun: Epochs that a checkpoint brought.
        parameters: Number of trainable weights.
    """

    def __init__(
        self,
        recipe: Recipe,
        run: Run,
        stages: Stages,
        data: Dataset,
        reports: list[EpochReport],
        begun: int = 0,
    ) -> None:
        self._recipe = recipe
        self._run = run
        self._stages = stages
        self._data = data
        self.reports = tuple(reports)
        self.begun = begun
        # Counted where tricks that freeze layers do not change it.
        groups = run.optimizer.param_groups
        self.parameters = sum(p.numel() for group in groups for p in group["params"])

    def measure(self, names: Collection[str]) -> dict[str, float]:
        """Return measures of the network as it is now; training goes on as if nothing was asked.

        Args:
            names: Those that `autotrick.train.measure` knows; the others are left out.
        """
        return measure(self._run, self._stages, self._data.validation, names)

    def save(self, folder: Path | str) -> checkpoint.Checkpoint:
        """Write a checkpoint into the folder.

        Raises:
            ResourceError: No space is left, or the folder cannot be written.
        """
        content = {
            "recipe": self._recipe.digest(),
            "recipe_json": self._recipe.model_dump_json(),
            "reports": [report.model_dump() for report in self.reports],
        }
        return checkpoint.save(Path(folder), len(self.reports), content | state_of(self._run))
