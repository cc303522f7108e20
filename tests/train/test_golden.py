"""The loss curve of one recipe, as it was when it was last accepted.

Other processors add up floats in another order. With this one's vectors switched off, with two
threads, or with another memory format, losses move by 1.1e-7 of themselves. TOLERANCE leaves room
for a hundred times that; a momentum of 0.89 instead of 0.9 moves them by 1.6e-2, a weight decay of
6e-4 instead of 5e-4 by 2.7e-3.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autotrick.data import Dataset
from autotrick.recipe import Recipe
from autotrick.train import train

GOLDEN = Path(__file__).parents[1] / "golden" / "loss_cpu.json"
TOLERANCE = 1e-5


def curve(asked: Recipe, data: Dataset) -> list[dict[str, float]]:
    reports = train(asked, data).reports
    return [report.model_dump(include={"epoch", "train_loss", "loss", "lr"}) for report in reports]


@pytest.fixture
def asked(make_recipe: Callable[..., Recipe], many: dict[str, Any]) -> Recipe:
    # No batch norm and few updates: differences in rounding have no time to grow.
    return make_recipe(
        architecture="lenet5",
        architecture_settings={"width": 2.0},
        epochs=6,
        batch_size=16,
        base_lr=1.5,
        tricks=many,
    )


def test_loss_curve_is_the_accepted_one(
    digits: Dataset, asked: Recipe, request: pytest.FixtureRequest
) -> None:
    found = curve(asked, digits)

    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(json.dumps(found, indent=1) + "\n")
    expected = json.loads(GOLDEN.read_text())
    assert [row["lr"] for row in found] == pytest.approx([row["lr"] for row in expected])
    for key in ("train_loss", "loss"):
        accepted = pytest.approx([row[key] for row in expected], rel=TOLERANCE)
        assert [row[key] for row in found] == accepted


@pytest.mark.slow
def test_loss_curve_without_vectors_is_the_accepted_one() -> None:
    this = f"{__file__}::test_loss_curve_is_the_accepted_one"
    plain = os.environ | {"ATEN_CPU_CAPABILITY": "default", "DNNL_MAX_CPU_ISA": "SSE41"}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", this], env=plain, capture_output=True, check=False
    )

    assert done.returncode == 0, done.stdout.decode()
