import copy
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from autotrick.tricks import Batch, Run
from autotrick.tricks.manifold_mixup import ManifoldMixup

MakeRun = Callable[..., Run]
MakeBatch = Callable[..., Batch]


def prepared(run: Run, trick: ManifoldMixup) -> nn.Sequential:
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(192, 6), nn.ReLU(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 10)
    )
    run.model = model
    trick.on_model(model, run)
    trick.on_start(run)
    return model


def test_equals_blending_by_hand_at_every_place(make_run: MakeRun, make_batch: MakeBatch) -> None:
    trick, run = ManifoldMixup(depth=1.0), make_run()
    model = prepared(run, trick)
    seen = set()
    for run.update in range(20):
        batch = make_batch(6)
        clean, targets = batch.images.clone(), batch.targets.clone()
        place, weight, partner = trick.draw(run, 6)

        mixed = trick.on_batch(batch, run)
        logits = model.train()(mixed.images)

        expected = by_matrices(model, clean, place, weight, partner)
        torch.testing.assert_close(logits, expected)
        by_hand = weight * targets + (1 - weight) * targets[partner]
        torch.testing.assert_close(mixed.targets, by_hand)
        seen.add(place)
    assert seen == {0, 1, 2}


def by_matrices(
    model: nn.Sequential, images: torch.Tensor, place: int, weight: float, partner: torch.Tensor
) -> torch.Tensor:
    hidden = images.flatten(1)
    state = model.state_dict()
    for number, (layer, act) in enumerate((("1", torch.relu), ("3", torch.tanh), ("5", None))):
        if number == place:
            hidden = weight * hidden + (1 - weight) * hidden[partner]
        hidden = hidden @ state[f"{layer}.weight"].T + state[f"{layer}.bias"]
        hidden = act(hidden) if act else hidden
    return hidden


def test_draws_follow_the_declared_distributions(make_run: MakeRun) -> None:
    trick, run, count = ManifoldMixup(alpha=2.0, depth=1.0), make_run(), 20_000
    prepared(run, trick)
    places, weights = Counter[int](), np.empty(count)
    for i in range(count):
        run.update = i
        place, weights[i], _ = trick.draw(run, 2)
        places[place] += 1

    band = 4 * np.sqrt(2 / 9 / count)
    assert [places[i] / count for i in range(3)] == pytest.approx([1 / 3] * 3, abs=band)
    # Beta(2, 2): mean 1/2, variance 1/20, fourth central moment 3/560.
    assert weights.mean() == pytest.approx(0.5, abs=4 * np.sqrt(0.05 / count))
    spread = np.sqrt((3 / 560 - 0.05**2) / count)
    assert weights.var() == pytest.approx(0.05, abs=4 * spread)


def test_evaluation_and_copies_are_left_alone(make_run: MakeRun) -> None:
    trick, run, images = ManifoldMixup(depth=1.0), make_run(), torch.randn(4, 3, 8, 8)
    model = prepared(run, trick)
    twin = copy.deepcopy(model).train()
    for run.update in range(8):
        calm = model.eval()(images)
        assert torch.equal(twin(images), calm)
    model.train()


def test_depth_zero_blends_images_alone(make_run: MakeRun, make_batch: MakeBatch) -> None:
    trick, run = ManifoldMixup(depth=0.0), make_run()
    prepared(run, trick)

    for run.update in range(5):
        assert trick.draw(run, 4)[0] == 0
    assert run.notes == {"manifold_mixup.layers": 0}
