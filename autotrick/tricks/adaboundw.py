"""AdaBoundW: AdaBound with weight decay that acts on the weights and not through the gradient.

The variant is in the authors' code.

Weight decay is its own and, as Loshchilov and Hutter define it, multiplied by the schedule's factor
but not by the learning rate, which has no one value here.

Differs: the authors' code takes the same share off in every update, whatever the schedule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autotrick.domain import Float
from autotrick.tricks.adabound import AdaBound
from autotrick.tricks.base import setting
from autotrick.tricks.papers import LOSHCHILOV_2019_ADAMW, LUO_2019_ADABOUND
from autotrick.tricks.rules import Range

if TYPE_CHECKING:
    from autotrick.tricks.base import Run


@dataclass(frozen=True, kw_only=True)
class AdaBoundW(AdaBound):
    """AdaBound, with weight decay kept apart from the gradient."""

    name = "adaboundw"
    papers = (LUO_2019_ADABOUND, LOSHCHILOV_2019_ADAMW)

    weight_decay: float = setting(
        5e-4,
        "Share of every weight that an update at the peak takes off, in [0, 1).",
        search=Float(1e-5, 2e-3, log=True),
        rule=Range(0, 1, open_high=True),
    )

    def base_decay(self) -> float:
        return self.weight_decay

    def _defaults(self, run: Run) -> dict[str, Any]:
        return super()._defaults(run) | {"decoupled": True}
