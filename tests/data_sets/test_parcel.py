"""Data sets on their way from one machine's cache to another's."""

import functools
import threading
from pathlib import Path

import numpy as np
import pytest

from autotrick.data import Dataset, load, transfer
from autotrick.data.cache import recall
from autotrick.errors import DataError
from autotrick.recipe import DataRef


@pytest.fixture
def sender(tmp_path: Path) -> tuple[Dataset, Path]:
    """A data set, and the cache that it is in."""
    ref = DataRef(name="digits", image_size=16, validation=0.2)
    return load(ref, cache_dir=tmp_path / "here"), tmp_path / "here"


def receive(mark: str, source: Path, target: Path) -> Dataset:
    piece = functools.partial(transfer.piece, mark, source)
    return transfer.receive(mark, target, transfer.manifest(mark, source), piece)


def test_what_arrives_is_what_was_sent(
    sender: tuple[Dataset, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, source = sender
    monkeypatch.setattr(transfer, "PIECE", 1000)

    got = receive(data.fingerprint, source, tmp_path / "there")

    assert (got.fingerprint, got.classes, got.carved) == (data.fingerprint, data.classes, True)
    for mine, theirs in ((got.train, data.train), (got.validation, data.validation)):
        np.testing.assert_array_equal(mine.images, theirs.images)
        np.testing.assert_array_equal(mine.labels, theirs.labels)
    np.testing.assert_array_equal(got.mean, data.mean)


@pytest.mark.parametrize("name", ["train_images.npy", "validation_labels.npy"])
def test_what_was_changed_on_the_way_is_refused(
    sender: tuple[Dataset, Path], tmp_path: Path, name: str
) -> None:
    data, source = sender
    target = tmp_path / "there"

    def changed(file: str, offset: int) -> bytes:
        content = transfer.piece(data.fingerprint, source, file, offset)
        flip = file == name and content
        return content[:-1] + bytes([content[-1] ^ 1]) if flip else content

    with pytest.raises(DataError, match="arrived as"):
        transfer.receive(
            data.fingerprint, target, transfer.manifest(data.fingerprint, source), changed
        )

    assert recall(data.fingerprint, target) is None


def test_workers_of_a_machine_bring_it_once(sender: tuple[Dataset, Path], tmp_path: Path) -> None:
    data, source = sender
    brought, got = [], []

    def bring() -> Dataset:
        brought.append(threading.get_ident())
        return receive(data.fingerprint, source, tmp_path / "there")

    def work() -> None:
        got.append(transfer.once(data.fingerprint, tmp_path / "there", bring))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert (len(brought), len(got)) == (1, 4)
    assert {each.fingerprint for each in got} == {data.fingerprint}


def test_what_is_not_there_cannot_be_sent(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no data set with fingerprint 'f00d'"):
        transfer.manifest("f00d", tmp_path)
