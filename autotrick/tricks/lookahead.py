"""Lookahead: take k steps forward, then move slow weights part of the way.

Every k updates of any optimizer, the slow weights move by alpha towards the fast ones, which continue
from there. The slow weights start as the initial weights, k updates earlier than in timm's wrapper.
Momentum and buffers do not change.

Differs: the last update ends a round whatever k is, so that the saved weights are the slow ones,
which the paper evaluates.
"""

from __future__ import annotations

from dataclasses import dataclass

from autotrick.domain import Float, Integer
from autotrick.lazy import torch
from autotrick.tricks.base import Claim, Run, Trick, setting
from autotrick.tricks.papers import ZHANG_2019_LOOKAHEAD
from autotrick.tricks.rules import Range


@dataclass(frozen=True, kw_only=True)
class Lookahead(Trick):
    """Every k updates, move back part of the way to earlier weights."""

    name = "lookahead"
    slot = "average"
    papers = (ZHANG_2019_LOOKAHEAD,)
    claims = (Claim("cifar10", "resnet18", 95.23, 95.27, "compared with SGD, 200 epochs"),)
    cost = 1.01
    # Must run after every other change to the weights.
    position = 80

    every: int = setting(
        5,
        "Updates k per round, at least 1.",
        search=Integer(5, 20),
        rule=Range(1, 1000000),
    )
    alpha: float = setting(
        0.5,
        "Share of the distance that the slow weights move, in (0, 1]: 1 is off.",
        search=Float(0.2, 0.8),
        neutral=1.0,
        rule=Range(0, 1, open_low=True),
    )

    def on_start(self, run: Run) -> None:
        slow = {name: p.detach().clone() for name, p in run.model.named_parameters()}
        run.state[self.name] = slow

    def after_step(self, run: Run) -> None:
        done = run.update + 1
        if done % self.every and done != run.updates:
            return
        with torch.no_grad():
            for name, p in run.model.named_parameters():
                slow = run.state[self.name][name]
                p.copy_(slow.lerp_(p, self.alpha))
