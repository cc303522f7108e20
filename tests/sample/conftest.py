from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from autotrick.recipe import Recipe
from autotrick.sample import Proposer, Sampler
from autotrick.sample.observations import State
from autotrick.space import SearchSpace

TABLES: dict[str, Any] = {
    "name": "small",
    "question": "Which tricks help?",
    "data": {"name": "digits"},
    "fixed": {"epochs": 6, "batch_size": 64},
    "search": {
        "architecture": ["lenet5", "fastnet"],
        "base_lr": {"low": 0.02, "high": 0.5, "log": True},
    },
    "architectures": {"fastnet": {"width": [0.25, 0.5]}},
    "tricks": {
        "mixup": {"alpha": {"low": 0.05, "high": 1.0}},
        "cutmix": {},
        "label_smoothing": {"epsilon": [0.05, 0.1, 0.2]},
        "linear_warmup": {"length": {"low": 0.0, "high": 0.25}},
        "rand_augment": {"num_ops": {"low": 1, "high": 3}},
    },
}


@dataclass(frozen=True)
class Trial:
    """A recorded trial."""

    number: int
    recipe: Recipe
    state: State = "complete"
    value: float | None = 0.5
    epochs: int = 6
    reason: str | None = None
    measures: Mapping[str, float] = field(default_factory=dict)

    def tell(self, to: Sampler | Proposer) -> None:
        to.tell(
            self.number,
            self.recipe,
            self.value,
            self.state,
            epochs=self.epochs,
            reason=self.reason,
        )


@pytest.fixture(scope="session")
def space() -> SearchSpace:
    return SearchSpace.model_validate(TABLES)


@pytest.fixture(scope="session")
def finish() -> Callable[[int, Recipe], Trial]:
    """Ends a trial as a search would: mixup helps, every fourth is pruned, every ninth diverges."""

    def end(number: int, recipe: Recipe) -> Trial:
        value = 0.8 - abs(recipe.base_lr - 0.1) + 0.05 * ("mixup" in recipe.tricks)
        if number % 9 == 8:
            return Trial(number, recipe, "failed", 0.1, 2, "nan_loss")
        if number % 4 == 3:
            return Trial(number, recipe, "pruned", value - 0.3, 1 + number % 3)
        return Trial(number, recipe, "complete", value)

    return end


@pytest.fixture(scope="session")
def trials(space: SearchSpace, finish: Callable[[int, Recipe], Trial]) -> list[Trial]:
    """Forty trials of one study, told one after the other."""
    sampler = Sampler(space, seed=7)
    found = []
    for number in range(40):
        trial = finish(number, sampler.ask(number).recipe)
        trial.tell(sampler)
        found.append(trial)
    return found
