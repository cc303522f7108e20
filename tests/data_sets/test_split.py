import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrick.data.carve import carve
from autotrick.errors import DataError


@given(
    counts=st.lists(st.integers(2, 40), min_size=2, max_size=5),
    share=st.floats(0.01, 0.99),
    seed=st.integers(0, 5),
)
def test_every_class_stays_on_both_sides(counts: list[int], share: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    classes = [str(i) for i in range(len(counts))]

    taken = carve(labels, share, seed=seed, classes=classes)

    carved = np.bincount(labels[taken], minlength=len(counts))
    assert (carved >= 1).all() and (carved < counts).all()
    assert (abs(carved - np.array(counts) * share) <= 1).all()


def test_seed_decides_the_rows() -> None:
    labels = np.arange(20) % 2
    one = carve(labels, 0.3, seed=0, classes="ab")

    assert np.flatnonzero(one).tolist() == [2, 3, 7, 9, 12, 18]
    assert not np.array_equal(one, carve(labels, 0.3, seed=1, classes="ab"))
    assert not np.array_equal(one, carve(labels, 0.3, seed=0, classes="ab", name="test"))


def test_single_image_of_a_class_is_named() -> None:
    with pytest.raises(DataError, match=r"class 'lynx' has 1 image, .* takes 2 of every class"):
        carve(np.array([0, 0, 1]), 0.1, seed=0, classes=("cat", "lynx"))
