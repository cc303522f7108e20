"""The same promises on a GPU: equal recipes, equal weights; resumed, equal weights."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from autotrick.data import Dataset, load  # noqa: E402
from autotrick.recipe import DataRef, Recipe  # noqa: E402
from autotrick.train import Checkpoint, Snapshot, train  # noqa: E402

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.slow,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here"),
]

TRICKS = {
    "linear_warmup": {"length": 0.2},
    "cosine_decay": {},
    "label_smoothing": {},
    "mixup": {},
    "cutout": {},
    "ema": {},
    "auto_augment": {},
    "pad_crop": {},
    "no_norm_decay": {},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    ref = DataRef(name="digits", image_size=16, validation=0.2)
    return load(ref, cache_dir=tmp_path_factory.mktemp("cache"))


def a_recipe(data: Dataset, **changes: object) -> Recipe:
    fields = {
        "data": DataRef(name="digits", image_size=16, fingerprint=data.fingerprint),
        "architecture": "fastnet",
        "architecture_settings": {"width": 0.25},
        "epochs": 6,
        "batch_size": 64,
        "base_lr": 0.2,
        "tricks": TRICKS,
    }
    return Recipe.model_validate(fields | changes)


def test_equal_recipes_give_equal_weights(data: Dataset) -> None:
    first, second = (train(a_recipe(data), data, device="cuda") for _ in range(2))

    assert [r.weights for r in first.reports] == [r.weights for r in second.reports]


def test_resumed_equals_uninterrupted(data: Dataset, tmp_path: Path) -> None:
    recipe = a_recipe(data)
    whole = train(recipe, data, device="cuda")
    saved: list[Checkpoint] = []

    def stop_after_three(snapshot: Snapshot) -> bool:
        return keep(saved, snapshot, tmp_path) and len(snapshot.reports) < 3

    train(recipe, data, device="cuda", on_epoch=stop_after_three)
    resumed = train(recipe, data, device="cuda", resume_from=saved[-1].path)

    assert [r.weights for r in resumed.reports] == [r.weights for r in whole.reports]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_learns_as_on_the_processor(data: Dataset, precision: str) -> None:
    recipe = a_recipe(data, precision=precision, tricks={})

    here, there = train(recipe, data), train(recipe, data, device="cuda")

    assert there.accuracy > 0.9
    assert abs(here.accuracy - there.accuracy) < 0.05


def keep(saved: list[Checkpoint], snapshot: Snapshot, folder: Path) -> bool:
    saved.append(snapshot.save(folder))
    return True


def test_a_checkpoint_of_the_gpu_goes_on_on_the_processor(data: Dataset, tmp_path: Path) -> None:
    recipe = a_recipe(data)
    saved: list[Checkpoint] = []
    train(recipe, data, device="cuda", until=2, on_epoch=lambda s: keep(saved, s, tmp_path))

    resumed = train(recipe, data, resume_from=saved[-1].path, until=3)

    assert len(resumed.reports) == 3
