"""Exported programs agree with a trained network on a thousand real images."""

import io
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from PIL import Image

from autotrick.data import Dataset, Split
from autotrick.export import export_model, files
from autotrick.recipe import DataRef, Recipe
from autotrick.train import train
from autotrick.train.trained_model import load_checkpoint

pytestmark = pytest.mark.slow

PARQUET = next(
    (
        path
        for folder in Path(__file__).parents
        if (path := folder / "shared" / "data" / "cifar10_test.parquet").exists()
    ),
    None,
)
TRAIN, VALIDATION = 2000, 1000


def cifar10(path: Path) -> Dataset:
    """Some of CIFAR-10's test images as a data set with a split for training and one for validation."""
    table = pyarrow.parquet.read_table(path).slice(0, TRAIN + VALIDATION)
    image, label = (
        next(name for name in table.column_names if name.startswith(start))
        for start in ("im", "label")
    )
    rows = table[image].to_pylist()
    pixels = np.stack([np.asarray(Image.open(io.BytesIO(row["bytes"]))) for row in rows])
    labels = table[label].to_numpy().astype(np.int64)
    shares = pixels[:TRAIN].reshape(-1, 3) / 255
    return Dataset(
        "cifar10",
        "",
        tuple(map(str, range(10))),
        Split(pixels[:TRAIN], labels[:TRAIN]),
        Split(pixels[TRAIN:], labels[TRAIN:]),
        None,
        shares.mean(0).astype(np.float32),
        shares.std(0).astype(np.float32),
    )


@pytest.mark.skipif(PARQUET is None, reason="CIFAR-10 is not here")
def test_top_1_is_the_same_on_a_thousand_real_images(tmp_path: Path) -> None:
    for name in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(name)
    assert PARQUET is not None
    data = cifar10(PARQUET)
    recipe = Recipe(
        data=DataRef(name="cifar10"),
        architecture="fastnet",
        architecture_settings={"width": 0.5},
        epochs=2,
        batch_size=50,
        base_lr=1.0,
        tricks={"ema": {"half_life": 0.05}, "flip": {}, "whitening": {}, "squeeze_excite": {}},
    )
    train(recipe, data, on_epoch=lambda snapshot: bool(snapshot.save(tmp_path)))
    model = load_checkpoint(tmp_path / "epoch-2.checkpoint")

    found = export_model(model, tmp_path / "model", validation=data.validation)

    assert not found.missing
    for name in (files.PROGRAM, files.ONNX):
        check = found.files[name]["check"]
        assert check["images"] == check["same_top1"] == VALIDATION
        assert check["largest_difference"] < 1e-4 * check["largest_logit"]
    # What was trained, so that the logits are those of a network that tells classes apart.
    logits = model(model.preprocess(data.validation.images)).numpy()
    assert (logits.argmax(1) == data.validation.labels).mean() > 0.2
