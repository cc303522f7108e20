from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from autotrick.data import load
from autotrick.recipe import DataRef

DIGITS = DataRef(name="digits")


def test_pixels_are_sixteenths_of_255_rounded(cache: Path) -> None:
    original = load_digits().images

    data = load(DIGITS, cache_dir=cache)

    splits = (data.train, data.validation, data.test)
    found = np.sort(np.concatenate([s.images.reshape(len(s), 64) for s in splits if s]), axis=0)
    expected = np.sort(np.floor(original.reshape(-1, 64) * 255 / 16 + 0.5), axis=0)
    np.testing.assert_array_equal(found, expected)


def test_splits_have_the_shares_of_every_class(cache: Path) -> None:
    data = load(DIGITS, cache_dir=cache)

    assert (len(data.train), len(data.validation)) == (1293, 145)
    assert data.test is not None and len(data.test) == 359
    assert set(np.bincount(data.validation.labels)) == {14, 15}
    assert set(np.bincount(data.test.labels)) == {35, 36, 37}


def test_fingerprint_is_the_same_on_every_machine(cache: Path) -> None:
    assert load(DIGITS, cache_dir=cache).fingerprint == "bc5e6dce44b7672b"


def test_another_split_seed_moves_validation_but_not_test(cache: Path) -> None:
    first = load(DIGITS, cache_dir=cache)
    second = load(DIGITS.model_copy(update={"split_seed": 1}), cache_dir=cache)

    assert first.fingerprint != second.fingerprint
    assert first.test is not None and second.test is not None
    np.testing.assert_array_equal(first.test.images, second.test.images)
    assert not np.array_equal(first.validation.images, second.validation.images)


def test_statistics_are_those_of_the_carved_train_split(cache: Path) -> None:
    data = load(DIGITS, cache_dir=cache)

    scaled = data.train.images / 255
    assert data.mean == pytest.approx([scaled.mean()], abs=1e-7)
    assert data.std == pytest.approx([scaled.std()], abs=1e-7)
    assert data.mean.dtype == data.std.dtype == np.float32


def test_images_are_resized_on_request(cache: Path) -> None:
    data = load(DIGITS.model_copy(update={"image_size": 16}), cache_dir=cache)

    assert data.shape == (16, 16, 1)
    assert data.train.images.mean() == pytest.approx(0.305 * 255, rel=0.05)


def test_resolved_reference_has_fingerprint_and_share(cache: Path) -> None:
    data = load(DIGITS, cache_dir=cache)

    ref = data.resolve(DIGITS)

    assert (ref.fingerprint, ref.validation) == (data.fingerprint, 0.1)
    assert load(ref, cache_dir=cache).fingerprint == data.fingerprint
