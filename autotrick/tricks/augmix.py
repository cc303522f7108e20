"""AugMix: mix each image with randomly augmented versions of itself.

Runs a few chains of one to three operations, mixes them with weights from Dirichlet(1, ..., 1), and
blends the mix with the image by a weight from Beta(1, 1). The paper's loss over two further views is
`jsd_consistency`. Differs: the number of bits that posterize keeps is rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from autotrick.augment import plans
from autotrick.augment.policies import (
    AUGMIX_RANGE,
    ENHANCE,
    MEANINGS,
    OPERATIONS,
    Border,
    Interpolation,
)
from autotrick.domain import Choice, Integer
from autotrick.tricks.base import Pictures, Run, Trick, setting
from autotrick.tricks.papers import HENDRYCKS_2020_AUGMIX
from autotrick.tricks.rules import Range
from autotrick.tricks.warping import border_setting, interpolation_setting

PAPER = (
    *("AutoContrast", "Equalize", "Posterize", "Rotate", "Solarize"),
    *("ShearX", "ShearY", "TranslateX", "TranslateY"),
)
"List the operations of the paper's experiments."


@dataclass(frozen=True, kw_only=True)
class AugMix(Trick):
    """Blend each image with a random mix of chains of operations on itself."""

    name = "augmix"
    slot = "policy"
    papers = (HENDRYCKS_2020_AUGMIX,)
    cost = 1.06
    position = 30
    without_masks = "it blends versions of an image that were moved differently"

    severity: int = setting(
        3,
        "Largest strength of an operation, out of 10; strengths start at 0.1.",
        search=Integer(1, 10),
        rule=Range(1, 10),
    )
    width: int = setting(
        3,
        "Number of chains; 0 is off.",
        search=Integer(1, 4),
        neutral=0,
        rule=Range(0, 10),
    )
    depth: int = setting(
        0,
        "Operations per chain; 0 draws 1 to 3 for each chain.",
        search=Integer(0, 3),
        rule=Range(0, 10),
    )
    all_operations: bool = setting(
        False,
        "Whether to include brightness, colour, contrast and sharpness; the paper leaves them out "
        "because it tests on similar corruptions.",
        search=Choice((False, True)),
    )
    border: Border = border_setting()
    interpolation: Interpolation = interpolation_setting("nearest")

    def transformations(self) -> frozenset[str]:
        return frozenset(MEANINGS[OPERATIONS[code]] for code in self._operations)

    @cached_property
    def _operations(self) -> list[int]:
        more = sorted(ENHANCE) if self.all_operations else []
        return [OPERATIONS.index(name) for name in (*PAPER, *more)]

    def on_images(self, pictures: Pictures, samples: NDArray[np.int64], run: Run) -> Pictures:
        return self.mixed(pictures, samples, run, self.name)

    def mixed(
        self, pictures: Pictures, samples: NDArray[np.int64], run: Run, stream: str
    ) -> Pictures:
        """Return the pictures, each blended with its chains, using draws from the named stream."""
        each = 1 + 3 * (self.depth or 3)
        draws = run.stream(stream).uniform(run.update, samples, 1 + self.width * (1 + each))
        shares = -np.log1p(
            -draws[:, 1 : 1 + self.width]
        )  # exponentials: Dirichlet once they sum to 1
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        blend = draws[:, :1]
        weights = np.concatenate([1 - blend, blend * shares], axis=1)
        rest = draws[:, 1 + self.width :].reshape(len(pictures), self.width, each)
        original = pictures.copy()
        plans_of = (self._chain(rest[:, i], pictures.size) for i in range(self.width))
        chains = (
            original.copy().apply(*plan, self.border, self.interpolation) for plan in plans_of
        )
        return pictures.blend(chains, weights)

    def _chain(self, draws: NDArray[np.float64], size: tuple[int, int]) -> plans.Plan:
        """Plan a chain from (N, 1 + 3 L) draws: its length, then each operation, strength and sign."""
        which, how_much, signs = draws[:, 1::3], draws[:, 2::3], draws[:, 3::3]
        known = np.array(self._operations)
        operations = known[(which * len(known)).astype(np.int64)]
        strengths = (0.1 + (self.severity - 0.1) * how_much) / 10
        plan = plans.signed(operations, strengths, signs, AUGMIX_RANGE, size)
        long = np.full(len(draws), self.depth) if self.depth else 1 + (draws[:, 0] * 3).astype(int)
        used = np.arange(operations.shape[1]) < long[:, None]
        return np.where(used, plan[0], plans.IDENTITY), plan[1]
