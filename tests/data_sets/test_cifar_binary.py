"""The fixed-length records of CIFAR's binary version, against torchvision's reading of its pickles."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision import datasets

from autotrick.data import load
from autotrick.errors import DataError
from autotrick.recipe import DataRef

EACH = 20


def planes(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (count, 3072), np.uint8)


def binary(folder: Path) -> dict[str, tuple[Any, list[int]]]:
    """Write CIFAR-10 in both versions, and return what each file holds."""
    content = {}
    (folder / "cifar-10-batches-bin").mkdir(parents=True)
    (folder / "cifar-10-batches-py").mkdir()
    for i, name in enumerate([*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]):
        pixels, labels = planes(EACH, i), [(i + j) % 10 for j in range(EACH)]
        records = np.column_stack([np.array(labels, np.uint8), pixels])
        (folder / "cifar-10-batches-bin" / f"{name}.bin").write_bytes(records.tobytes())
        pickled = pickle.dumps({"data": pixels, "labels": labels})
        (folder / "cifar-10-batches-py" / name).write_bytes(pickled)
        content[name] = (pixels, labels)
    return content


def test_records_are_what_torchvision_reads_from_the_pickles(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binary(tmp_path)
    names = {"label_names": [f"c{i}" for i in range(10)]}
    (tmp_path / "cifar-10-batches-py" / "batches.meta").write_bytes(pickle.dumps(names))
    # torchvision compares checksums of the published files.
    monkeypatch.setattr(datasets.CIFAR10, "_check_integrity", lambda *_: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    theirs = {train: datasets.CIFAR10(str(tmp_path), train=train) for train in (True, False)}

    bare = tmp_path / "bare"
    bare.mkdir()
    (tmp_path / "cifar-10-batches-bin").rename(bare / "cifar-10-batches-bin")
    data = load(DataRef(name="cifar10", validation=0.2), data_dir=bare, cache_dir=cache)

    assert data.test is not None and data.classes[0] == "airplane"
    assert np.array_equal(data.test.images, theirs[False].data)
    assert data.test.labels.tolist() == theirs[False].targets
    # The validation split was carved off: together they are what was read.
    ours = np.concatenate([data.train.images, data.validation.images])
    wanted = {
        image.tobytes(): label
        for image, label in zip(theirs[True].data, theirs[True].targets, strict=True)
    }
    labels = np.concatenate([data.train.labels, data.validation.labels])
    assert {i.tobytes(): int(label) for i, label in zip(ours, labels, strict=True)} == wanted


def test_the_fine_label_of_cifar100_is_the_class_and_its_names_are_read(
    tmp_path: Path, cache: Path
) -> None:
    folder = tmp_path / "cifar-100-binary"
    folder.mkdir()
    for name, count in (("train", 200), ("test", 100)):
        fine = np.arange(count, dtype=np.uint8) % 100
        records = np.column_stack([fine // 5, fine, planes(count, count)])
        (folder / f"{name}.bin").write_bytes(records.tobytes())
    (folder / "fine_label_names.txt").write_text(
        "\n".join(f"kind {i}" for i in range(100)) + "\n\n"
    )

    data = load(DataRef(name="cifar100", validation=0.5), data_dir=tmp_path, cache_dir=cache)

    assert data.test is not None and data.test.labels.tolist() == list(range(100))
    assert data.classes[99] == "kind 99"
    first = planes(100, 100)[0].reshape(3, 32, 32).transpose(1, 2, 0)
    assert np.array_equal(data.test.images[0], first)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "should be records of 3,073 bytes, but has 0 bytes"),
        (bytes(3073 + 1), "should be records of 3,073 bytes, but has 3,074 bytes"),
        (bytes([10]) + bytes(3072), "has the label 10, and there are 10 classes"),
    ],
)
def test_files_of_other_records_are_refused(
    content: bytes, said: str, tmp_path: Path, cache: Path
) -> None:
    binary(tmp_path)
    (tmp_path / "cifar-10-batches-py").rename(tmp_path / "elsewhere")
    (tmp_path / "cifar-10-batches-bin" / "data_batch_3.bin").write_bytes(content)

    with pytest.raises(DataError, match=said):
        load(DataRef(name="cifar10", validation=0.2), data_dir=tmp_path, cache_dir=cache)
