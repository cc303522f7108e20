"""The network of a recipe while a program is written, for tricks that act on its structure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from autotrick import models
from autotrick.random_streams import Stream
from autotrick.recipe import Recipe

if TYPE_CHECKING:
    from torch import nn


class Network:
    """The recipe's network with the changes of the tricks that were written so far.

    Its weights do not matter, and it is built only when a trick asks for it.

    Args:
        shape: Height, width and channels of the images that the network gets.
    """

    def __init__(self, recipe: Recipe, shape: tuple[int, int, int], classes: int) -> None:
        self._recipe, self._classes = recipe, classes
        self._changes: list[Any] = []
        self._model: nn.Module | None = None
        self.run: Any = SimpleNamespace(
            recipe=recipe,
            classes=classes,
            channels=shape[2],
            image_size=shape[:2],
            stream=lambda name: Stream(recipe.seed, name),
            mean=np.zeros(shape[2], np.float32),
            std=np.ones(shape[2], np.float32),
            notes={},
            scratch={},
        )

    def change(self, trick: Any) -> None:
        """Apply a trick's change of the structure."""
        if self._model is None:
            self._changes.append(trick)
        else:
            self._model = self.run.model = trick.on_model(self._model, self.run)

    @property
    def model(self) -> nn.Module:
        """The network as it is now."""
        if self._model is None:
            self._model = models.build(
                self._recipe.architecture,
                self._recipe.architecture_settings,
                classes=self._classes,
                channels=self.run.channels,
                image_size=self.run.image_size,
                seed=0,
            )
            for trick in self._changes:
                self._model = trick.on_model(self._model, self.run)
            self.run.model = self._model
        return self._model
