"""What tricks and their combinations change, as people and programs see it."""

from dataclasses import dataclass, fields
from typing import Any

from autotrick.analysis.combinations import Combination
from autotrick.analysis.effects import Source, TrickEffect, Verdict
from autotrick.views.plain import plain


@dataclass(frozen=True, slots=True)
class EffectView:
    """The effect of a trick in a study; `TrickEffect` says what its fields mean."""

    study: str
    trick: str
    num_with: int
    num_without: int
    num_pruned: int
    epoch: int
    effect: float | None
    low: float | None
    high: float | None
    cost: float | None
    cost_low: float | None
    cost_high: float | None
    against: tuple[str, ...]
    note: str
    num_left_out: int
    epochs: int
    final: bool
    source: Source
    precision: float
    needed: int | None
    diverged_with: float | None
    diverged_without: float | None
    effect_with_diverged: float | None
    verdict: Verdict

    @classmethod
    def of(cls, study: str, row: TrickEffect) -> "EffectView":
        """Return the view of an effect."""
        names = [field.name for field in fields(cls) if field.name != "study"]
        return cls(study=study, **{name: getattr(row, name) for name in names})

    def to_json(self) -> dict[str, Any]:
        """Return the effect as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class CombinationView:
    """A set of tricks that were on together in a study; `Combination` says what its fields mean."""

    study: str
    tricks: tuple[str, ...]
    num: int
    num_pruned: int
    num_failed: int
    mean: float | None
    best: float | None
    best_trial: int | None
    low: float | None
    predicted: float | None
    predicted_low: float | None
    predicted_high: float | None

    @classmethod
    def of(cls, study: str, row: Combination) -> "CombinationView":
        """Return the view of a combination."""
        names = [field.name for field in fields(cls) if field.name != "study"]
        return cls(study=study, **{name: getattr(row, name) for name in names})

    def to_json(self) -> dict[str, Any]:
        """Return the combination as plain JSON."""
        return {field.name: plain(getattr(self, field.name)) for field in fields(self)}
