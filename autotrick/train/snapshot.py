"""A run as it stands after an epoch: what callers may ask of it and keep."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from autotrick.data import Dataset
from autotrick.recipe import EpochReport, Recipe
from autotrick.train import checkpoint
from autotrick.train.measure import measure
from autotrick.train.model_inputs import ModelInputs
from autotrick.train.prepare import Stages, network_for_evaluation
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
            "prediction": self._prediction(),
        }
        return checkpoint.save(Path(folder), len(self.reports), content | state_of(self._run))

    def _prediction(self) -> dict[str, Any]:
        """Return what a prediction needs beside the recipe, without the data set.

        That includes the weights that predict, where they are not those that are trained: an
        average may need training images (`swa`).
        """
        run = self._run
        inputs = ModelInputs.of(self._data, run.mean, run.std).to_json()
        model = network_for_evaluation(run, self._stages)
        if model is run.model:
            return inputs
        known = list(_dicts_of_tensors({"model": run.model.state_dict(), "tricks": run.state}))
        return inputs | {
            "weights": {
                name: _shared(name, tensor, known) for name, tensor in model.state_dict().items()
            }
        }


def _dicts_of_tensors(value: object) -> Iterator[Mapping[str, Tensor]]:
    """Yield the dicts at any depth of a run's state that hold tensors by name."""
    if isinstance(value, Mapping):
        if any(isinstance(entry, Tensor) for entry in value.values()):
            yield value
        for entry in value.values():
            yield from _dicts_of_tensors(entry)


def _shared(name: str, tensor: Tensor, known: Sequence[Mapping[str, Tensor]]) -> Tensor:
    """Return an equal tensor that the checkpoint holds anyway, so that the file has it once."""
    for tensors in known:
        held = tensors.get(name)
        if isinstance(held, Tensor) and _alike(held, tensor) and torch.equal(held, tensor):
            return held
    return tensor


def _alike(a: Tensor, b: Tensor) -> bool:
    return (a.dtype, a.device, a.shape) == (b.dtype, b.device, b.shape)
