from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from autotrick.errors import DataError
from benchmarks import images
from benchmarks.augmentation import BATCHES, one_by_one, one_draw, ours
from benchmarks.images import POLICIES, available, loader, transform
from benchmarks.sides import Side, Works, in_turns


@pytest.mark.slow
@pytest.mark.parametrize(("side", "count"), [(ours, BATCHES), (one_by_one, 1), (one_draw, BATCHES)])
def test_a_side_makes_batches_by_every_policy(
    side: Callable[..., Works], count: int, tmp_path: Path
) -> None:
    works = side(["digits"], tmp_path, 8)

    assert [works[f"digits {policy}"]() for policy in POLICIES] == [8 * count] * len(POLICIES)


def test_the_other_side_gives_normalised_floats(tmp_path: Path) -> None:
    data = images.images("digits", tmp_path, 64)

    batch, labels = next(iter(loader(data, "none", 64)))

    assert batch.shape == (64, 1, 32, 32) and batch.dtype == torch.float32
    assert abs(float(batch.mean())) < 0.5 and 0.3 < float(batch.std()) < 1.5
    assert sorted(labels.tolist()) == sorted(data.train.labels.tolist())


def test_a_whole_batch_is_transformed_by_one_draw(tmp_path: Path) -> None:
    data = images.images("digits", tmp_path, 1)
    twice = torch.from_numpy(np.repeat(data.train.images, 2, 0)).permute(0, 3, 1, 2)

    found = transform("trivial_augment", data)(twice)

    assert torch.equal(found[0], found[1])


def test_without_images_it_says_where_they_are_sought(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "DEBIAN", tmp_path / "none")
    with pytest.raises(DataError, match=r"neither CIFAR-10 nor Fashion-MNIST is in .* --data-dir"):
        available(tmp_path)


def works() -> Works:
    return {"count": lambda: sum(1 for _ in range(200_000))}


@pytest.mark.slow
def test_sides_work_in_turns_in_processes_of_their_own() -> None:
    with Side(works) as first, Side(works) as second:
        measured = in_turns([first, second], "count", 3)

    assert [len(side) for side in measured] == [3, 3]
    assert all(turn.rate > 0 and turn.memory_mb >= 0 for side in measured for turn in side)
