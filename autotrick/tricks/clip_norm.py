"""Clipping by norm: shorten a gradient that is too long, without turning it.

Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
https://arxiv.org/abs/1211.5063

The norm is that of all parameters together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autotrick.domain import Float
from autotrick.lazy import nn
from autotrick.tricks.base import Paper, Run, Trick, setting


@dataclass(frozen=True, kw_only=True)
class ClipNorm(Trick):
    """Shorten the gradient to a greatest length."""

    name = "clip_norm"
    papers = (
        Paper(
            "On the difficulty of training recurrent neural networks",
            "Pascanu, Mikolov, Bengio",
            2013,
            "https://arxiv.org/abs/1211.5063",
        ),
    )
    cost = 1.02
    position = 70

    largest: float = setting(
        1.0,
        "Greatest length of the gradient, at least 0: 0 is off.",
        search=Float(0.1, 5.0, log=True),
        neutral=0.0,
        rule="largest >= 0",
        accepts=lambda largest: 0 <= largest < float("inf"),
    )

    def on_gradient(self, run: Run, again: Callable[[], None]) -> None:
        if self.largest > 0:
            nn.utils.clip_grad_norm_(run.model.parameters(), self.largest)
