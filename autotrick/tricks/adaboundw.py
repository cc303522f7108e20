"""AdaBoundW: AdaBound with decoupled weight decay.

The variant comes from the authors' code.

The trick has its own weight decay. As Loshchilov and Hutter define it, the decay is multiplied by the
schedule's factor but not by the learning rate, which differs from weight to weight here.

Differs: the authors' code decays by the same share in every update, whatever the schedule.
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
    """Run AdaBound with weight decay decoupled from the gradient."""

    name = "adaboundw"
    papers = (LUO_2019_ADABOUND, LOSHCHILOV_2019_ADAMW)

    weight_decay: float = setting(
        5e-4,
        "Share of each weight that one update removes at the peak rate, in [0, 1).",
        search=Float(1e-5, 2e-3, log=True),
        rule=Range(0, 1, open_high=True),
    )

    def base_decay(self) -> float:
        return self.weight_decay

    def _defaults(self, run: Run) -> dict[str, Any]:
        return super()._defaults(run) | {"decoupled": True}
