"""Recipes of many tricks at once, drawn by chance: interrupted anywhere they end as uninterrupted."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autotrick.data import Dataset
from autotrick.recipe import EpochReport, Recipe
from autotrick.sample import Sampler, perturb
from autotrick.space import SearchSpace
from autotrick.train import Snapshot, train
from autotrick.tricks import TRICKS

FROM_FILES = ("distillation", "pretrained_start")
FIDELITIES = ("epochs", "data", "image_size")


@cache
def catalogue(fidelity: str) -> SearchSpace:
    """Return the space of all tricks with all their settings."""
    tables: dict[str, Any] = {
        "name": "all",
        "question": "What goes together?",
        "data": {"name": "digits", "fingerprint": "d" * 16},
        "fixed": {"architecture": "fastnet", "epochs": 4},
        "search": {
            "batch_size": [24, 32, 50],
            "accumulation": [1, 2, 3],
            "precision": ["fp32", "bf16"],
            "base_lr": {"low": 0.02, "high": 0.5, "log": True},
        },
        "architectures": {"fastnet": {"width": 0.25}},
        "pruning": {"method": "asha", "factor": 2, "fidelity": fidelity},
        "tricks": {
            name: {spec.name: "search" for spec in trick.settings() if spec.domain is not None}
            for name, trick in TRICKS.items()
            if name not in FROM_FILES
        },
    }
    return SearchSpace.model_validate(tables)


def drawn(seed: int) -> Recipe:
    """Return a recipe of the whole catalogue; every second one changes its settings on the way."""
    space = catalogue(FIDELITIES[seed % 3])
    recipe = Sampler(space, method="random", seed=seed).ask(0).recipe
    return perturb(space, recipe, 2, seed=seed) if seed % 2 else recipe


def told(reports: tuple[EpochReport, ...]) -> list[dict[str, Any]]:
    """Return all that reports say, but for times."""
    return [report.model_dump(exclude={"seconds"}) for report in reports]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_interrupted_after_any_epoch_it_ends_as_uninterrupted(
    digits: Dataset, tmp_path: Path, seed: int
) -> None:
    recipe = drawn(seed)
    assert len(recipe.tricks) >= 3

    def save(snapshot: Snapshot) -> bool:
        snapshot.save(tmp_path)
        return True

    whole = train(recipe, digits, on_epoch=save)

    for epoch in range(1, len(whole.reports) + 1):
        resumed = train(recipe, digits, resume_from=tmp_path / f"epoch-{epoch}.checkpoint")
        assert told(resumed.reports) == told(whole.reports), (epoch, recipe)
